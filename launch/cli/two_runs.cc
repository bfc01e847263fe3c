#include "launch/cli/two_runs.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analysis/load_runs.h"
#include "analysis/score_run.h"
#include "data/io/textproto.h"
#include "launch/cli/session.h"
#include "launch/plan/plan.h"
#include "launch/store/bundle.h"
#include "launch/store/check_job.h"
#include "launch/store/find_run.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

void FillParts(const Session& session, RunIdentity* run) {
  if (run->code.empty()) return;
  if (run->code == session.code) {
    run->parts = session.parts;
  } else if (absl::StatusOr<CodeParts> parts =
                 ReadCodeParts(session.store, run->code);
             parts.ok()) {
    run->parts = *std::move(parts);
  }
}

absl::StatusOr<RunOutcome> ReadOutcome(
    const Result& result, const std::vector<std::string>& evaluation_dirs) {
  RunOutcome outcome;
  outcome.result = result;
  for (const std::string& dir : evaluation_dirs) {
    TRANSECT_ASSIGN_OR_RETURN(const LoadedEvaluation loaded,
                              LoadEvaluation(dir));
    TRANSECT_ASSIGN_OR_RETURN(outcome.scores.emplace_back(),
                              ScoreRun(*loaded.items));
  }
  return outcome;
}

// A run of the store.
absl::StatusOr<NamedRun> FindNamed(const Session& session,
                                   const std::string& name, bool outcome) {
  TRANSECT_ASSIGN_OR_RETURN(FoundRun found,
                            FindRun(session.store, session.code, name));
  NamedRun run;
  run.identity.id = found.id;
  run.identity.code = found.result.code();
  run.identity.spec = found.launch.train().run();
  run.identity.inputs = found.inputs;
  FillParts(session, &run.identity);
  if (outcome) {
    std::vector<std::string> dirs;
    std::set<std::string> splits;
    for (const FoundEvaluation& evaluation : found.evaluations) {
      if (splits.insert(evaluation.split).second) {
        dirs.push_back(evaluation.dir);
      }
    }
    TRANSECT_ASSIGN_OR_RETURN(run.outcome, ReadOutcome(found.result, dirs));
  }
  return run;
}

// The one run of an experiment that the selectors in `name` select.
absl::StatusOr<NamedRun> SelectNamed(const std::string& name, bool outcome,
                                     ExperimentSession* session) {
  Plan& plan = session->plan;
  const std::vector<std::string> words =
      absl::StrSplit(name, ' ', absl::SkipEmpty());
  TRANSECT_RETURN_IF_ERROR(SelectRuns(words, &plan));
  const Job* selected = nullptr;
  std::string matching;
  for (size_t i = 0; i < plan.Runs().size(); ++i) {
    if (plan.Runs()[i].selected) {
      selected = &plan.Runs()[i];
      absl::StrAppend(&matching, "\n  #", i + 1, "  ", selected->name);
    }
  }
  if (plan.CountSelected() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", name, "' selects ", plan.CountSelected(),
                     " runs, must select one", matching));
  }
  NamedRun run;
  run.identity.name = selected->name;
  run.identity.id = selected->id;
  run.identity.spec = selected->launch.train().run();
  run.identity.inputs = selected->inputs;
  const bool done = selected->state == JobState::kDone;
  run.identity.code = done ? selected->result.code() : session->code;
  FillParts(*session, &run.identity);
  if (outcome && done) {
    std::vector<std::string> dirs;
    for (const EvaluateJob& evaluation : EvaluationsOf(selected->launch)) {
      dirs.push_back(
          EvaluationDir(selected->dir, evaluation.split(), evaluation.id()));
    }
    // Of the training alone.
    const ResultCheck trained = CheckResult(selected->dir, selected->id, "");
    TRANSECT_ASSIGN_OR_RETURN(run.outcome, ReadOutcome(trained.result, dirs));
  }
  return run;
}

}  // namespace

void AddTwoRunsFlags(CLI::App* verb, CommandLine* line,
                     TwoRunsOptions* options) {
  verb->add_option("--spec", options->spec,
                   "Experiment file (*.textproto) whose runs are meant.");
  AddPlaces(verb, line);
  AddOverrides(verb, line);
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
    return absl::InvalidArgumentError(
        absl::StrCat("got ", names.size(), " runs, needs two"));
  }
  TwoRuns runs;
  if (options.spec.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
    TRANSECT_ASSIGN_OR_RETURN(runs.a, FindNamed(session, names[0], outcomes));
    TRANSECT_ASSIGN_OR_RETURN(runs.b, FindNamed(session, names[1], outcomes));
    return runs;
  }
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, {options.spec, {}}));
  TRANSECT_ASSIGN_OR_RETURN(runs.a, SelectNamed(names[0], outcomes, &session));
  TRANSECT_ASSIGN_OR_RETURN(runs.b, SelectNamed(names[1], outcomes, &session));
  return runs;
}

}  // namespace transect
