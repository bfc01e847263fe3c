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
  /// What names them (launch/cli/run_reference.h), of the experiment `spec` if
  /// that is not "".
  std::vector<std::string> runs;
  std::string spec;
};

/// What RUN means, for --help.
inline constexpr char kTwoRunsHelp[] =
    "Two runs, done or not, each as the start of an id in the store "
    "(`transect runs` lists them), ID/CODE, or a file: a run spec as `transect "
    "spec --resolved` prints it, or an experiment of one run. With --spec also "
    "by number or by selectors: transect why --spec FILE '#1' 'rank=2 seed=1'.";

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
