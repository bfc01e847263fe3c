// What `transect predict` does, after the command line is parsed
// (model_verbs.cc). Exit codes as in commands.h.
#ifndef TRANSECT_LAUNCH_CLI_PREDICT_COMMAND_H_
#define TRANSECT_LAUNCH_CLI_PREDICT_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/cli/commands.h"

namespace transect {

struct PredictOptions {
  // A run, as FindRun (find_run.h) takes it, or ...
  std::string run;
  // ... a spec (run_files.h). One of the two.
  std::string model;
  // Images and sentences, or ...
  std::vector<std::string> images;
  std::vector<std::string> texts;
  // ... a file of tensors.
  std::string inputs;
  // Directories for pictures and for tensors; empty for none.
  std::string out;
  std::string dump;
  // text or json.
  std::string format = "text";
};
absl::StatusOr<int> PredictCommand(const CommandContext& context,
                                   const PredictOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_PREDICT_COMMAND_H_
