// What `transect export` does, after the command line is parsed
// (export_verb.cc). Exit codes as in commands.h.
#ifndef TRANSECT_LAUNCH_CLI_EXPORT_COMMAND_H_
#define TRANSECT_LAUNCH_CLI_EXPORT_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/cli/commands.h"

namespace transect {

struct ExportOptions {
  // As FindRun (find_run.h) takes it.
  std::string run;
  // Directories to make; empty for none, but not both.
  std::string peft;
  std::string merged;
};
absl::StatusOr<int> ExportCommand(const CommandContext& context,
                                  const ExportOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_EXPORT_COMMAND_H_
