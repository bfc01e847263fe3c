#include "launch/cli/two_runs.h"

#include <cstdint>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/load_runs.h"
#include "analysis/measure_name.h"
#include "analysis/score_run.h"
#include "data/io/terminal_text.h"
#include "launch/cli/run_reference.h"
#include "launch/store/find_run.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// What the run measured on each split, and on other data.
absl::StatusOr<RunOutcome> ReadOutcome(const FoundRun& run) {
  RunOutcome outcome;
  outcome.result = run.result;
  std::set<std::string> seen;
  for (const FoundEvaluation& evaluation : run.evaluations) {
    MeasuredSplit measured;
    measured.name = evaluation.split;
    if (!evaluation.data.empty()) {
      absl::StrAppend(&measured.name, " of ", evaluation.data);
    }
    if (evaluation.result.resolution() != 0) {
      absl::StrAppend(&measured.name, " at ",
                      ResolutionName(evaluation.result.resolution()));
    }
    // The first of several is the run's own.
    if (!seen.insert(measured.name).second) continue;
    TRANSECT_ASSIGN_OR_RETURN(const LoadedEvaluation loaded,
                              LoadEvaluation(evaluation.dir));
    TRANSECT_ASSIGN_OR_RETURN(measured.scores, ScoreRun(*loaded.items));
    measured.content_digest = loaded.result.content_digest();
    outcome.splits.push_back(std::move(measured));
  }
  return outcome;
}

absl::StatusOr<NamedRun> FindNamed(const std::string& reference, bool outcome,
                                   RunReferences* references) {
  TRANSECT_ASSIGN_OR_RETURN(ReferredRun referred, references->Find(reference));
  NamedRun run;
  // One that is not done has no results to compare; one that cannot be told or
  // read is not "not done".
  if (outcome && !referred.found.has_value() && !referred.unfinished.ok() &&
      !absl::IsNotFound(referred.unfinished)) {
    return referred.unfinished;
  }
  run.identity = std::move(referred.identity);
  if (outcome && referred.found.has_value()) {
    TRANSECT_ASSIGN_OR_RETURN(run.outcome, ReadOutcome(*referred.found));
  }
  return run;
}

}  // namespace

void AddTwoRunsFlags(CLI::App* verb, CommandLine* line,
                     TwoRunsOptions* options) {
  AddReferenceSpec(verb, line, &options->spec);
  AddPlaces(verb, line);
}

int TwoRuns::exit_code() const {
  return a.identity.id == b.identity.id && a.identity.code == b.identity.code
             ? 0
             : 2;
}

absl::StatusOr<TwoRuns> FindTwoRuns(const CommandContext& context,
                                    const TwoRunsOptions& options,
                                    bool outcomes) {
  const std::vector<std::string>& names = options.runs;
  if (names.size() != 2) {
    return absl::InvalidArgumentError(absl::StrCat(
        "got ", CountText(static_cast<int64_t>(names.size()), "run"),
        ", needs two: ids of the store as `transect runs` lists them, such as "
        "1f3a 7c20, or with an experiment its runs, such as --spec ",
        options.spec.empty() ? "FILE" : options.spec, " '#1' 'rank=2 seed=1'"));
  }
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.spec));
  TwoRuns runs;
  TRANSECT_ASSIGN_OR_RETURN(runs.a, FindNamed(names[0], outcomes, &references));
  TRANSECT_ASSIGN_OR_RETURN(runs.b, FindNamed(names[1], outcomes, &references));
  return runs;
}

}  // namespace transect
