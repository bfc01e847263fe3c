// What `transect evaluate` does, after the command line is parsed
// (model_verbs.cc). Exit codes as in commands.h.
#ifndef TRANSECT_LAUNCH_CLI_EVALUATE_COMMAND_H_
#define TRANSECT_LAUNCH_CLI_EVALUATE_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/cli/commands.h"

namespace transect {

struct EvaluateOptions {
  // A run, as FindRun (find_run.h) takes it.
  std::string run;
  // train, val or test.
  std::string split;
  // text or json.
  std::string format = "text";
};
// The evaluation lies in EvaluationDir (store.h) and is made once, under the
// code that trained the run: by its bundle, where the present worker is
// another.
absl::StatusOr<int> EvaluateCommand(const CommandContext& context,
                                    const EvaluateOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_EVALUATE_COMMAND_H_
