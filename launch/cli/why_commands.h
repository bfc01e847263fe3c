// What `transect why` and `transect diff` do, after the command line is parsed
// (cli.h). Exit codes as in commands.h; 2 where the two differ.
#ifndef TRANSECT_LAUNCH_CLI_WHY_COMMANDS_H_
#define TRANSECT_LAUNCH_CLI_WHY_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/cli/commands.h"

namespace transect {

struct WhyOptions {
  // Two runs: "ID" or "ID/CODE", the starts of both, of the store; with `spec`
  // selectors, with spaces between, of one run of that experiment each.
  std::vector<std::string> runs;
  std::string spec;
  // Explain the stale runs of an experiment instead: its file, then selectors,
  // are `runs`.
  bool stale = false;
};
absl::StatusOr<int> WhyCommand(const CommandContext& context,
                               const WhyOptions& options);

struct DiffOptions {
  // As in WhyOptions.
  std::vector<std::string> runs;
  std::string spec;
};
absl::StatusOr<int> DiffCommand(const CommandContext& context,
                                const DiffOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_WHY_COMMANDS_H_
