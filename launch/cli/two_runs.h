/// \file
/// The two runs that `transect why` and `transect diff` compare.
#ifndef TRANSECT_LAUNCH_CLI_TWO_RUNS_H_
#define TRANSECT_LAUNCH_CLI_TWO_RUNS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/cli/verb.h"
#include "launch/plan/why.h"

namespace transect {

/// How the command line names them.
struct TwoRunsOptions {
  /// "ID" or "ID/CODE", the starts of both, of runs in the store; with `spec`
  /// selectors, separated by spaces, of one run of that experiment each.
  std::vector<std::string> runs;
  std::string spec;
};

/// What RUN means, for --help.
inline constexpr char kTwoRunsHelp[] =
    "Starts of the ids of two runs in the store, ID or ID/CODE; with --spec "
    "selectors of one run each, such as \"rank=2 seed=1\" or #3.";

/// --spec, --set, --store, --site and --color. RUN is the verb's.
void AddTwoRunsFlags(CLI::App* verb, CommandLine* line,
                     TwoRunsOptions* options);

struct TwoRuns {
  NamedRun a;
  NamedRun b;

  /// Exit code: 0 where they are one run, else 2.
  int exit_code() const;
};

/// Finds both, and what they measured if `outcomes`.
absl::StatusOr<TwoRuns> FindTwoRuns(const CommandContext& context,
                                    const TwoRunsOptions& options,
                                    bool outcomes);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_TWO_RUNS_H_
