#include "launch/cli/why_commands.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "analysis/load_runs.h"
#include "analysis/score_run.h"
#include "data/io/textproto.h"
#include "launch/cli/commands.h"
#include "launch/cli/session.h"
#include "launch/execute/process.h"
#include "launch/inputs/site.h"
#include "launch/plan/plan.h"
#include "launch/plan/why.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The worker beside this program, as far as there is one.
struct PresentCode {
  std::string code;
  std::optional<CodeParts> parts;
};

absl::StatusOr<PresentCode> ReadPresentCode(
    const absl::StatusOr<BuiltWorker>& worker) {
  PresentCode present;
  if (worker.ok()) {
    TRANSECT_ASSIGN_OR_RETURN(present.parts, MakeCodeParts(*worker));
    present.code = CodeDigest(*present.parts);
  } else if (!absl::IsNotFound(worker.status())) {
    return worker.status();
  }
  return present;
}

void FillParts(const Store& store, const PresentCode& present,
               RunIdentity* run) {
  if (!run->code.empty() && run->code == present.code) {
    run->parts = present.parts;
  } else if (!run->code.empty()) {
    absl::StatusOr<CodeParts> parts = ReadCodeParts(store, run->code);
    if (parts.ok()) {
      run->parts = *std::move(parts);
    }
  }
}

absl::StatusOr<RunOutcome> ReadOutcome(const std::string& dir) {
  TRANSECT_ASSIGN_OR_RETURN(LoadedRun loaded, LoadRun(dir));
  RunOutcome outcome;
  outcome.result = std::move(loaded.result);
  TRANSECT_ASSIGN_OR_RETURN(outcome.scores, ScoreRun(*loaded.items));
  return outcome;
}

// A run of the store.
absl::StatusOr<NamedRun> FindNamed(const Store& store,
                                   const PresentCode& present,
                                   const std::string& name, bool outcome) {
  TRANSECT_ASSIGN_OR_RETURN(FoundRun found, FindRun(store, present.code, name));
  NamedRun run;
  run.identity.id = found.id;
  run.identity.code = found.result.code();
  run.identity.spec = found.launch.train().run();
  TRANSECT_ASSIGN_OR_RETURN(run.identity.inputs,
                            ReadTextproto<JobInputs>(InputsPath(found.dir)));
  FillParts(store, present, &run.identity);
  // Runs that only make weights are not evaluated.
  if (outcome && found.launch.train().evaluate()) {
    TRANSECT_ASSIGN_OR_RETURN(run.outcome, ReadOutcome(found.dir));
  }
  return run;
}

// The one run of an experiment that the selectors in `name` select.
absl::StatusOr<NamedRun> SelectNamed(const Store& store,
                                     const PresentCode& present,
                                     const std::string& name, bool outcome,
                                     Plan* plan) {
  const std::vector<std::string> words =
      absl::StrSplit(name, ' ', absl::SkipEmpty());
  TRANSECT_RETURN_IF_ERROR(SelectRuns(words, plan));
  const Job* selected = nullptr;
  std::string fitting;
  for (size_t i = plan->first_run; i < plan->jobs.size(); ++i) {
    if (plan->jobs[i].selected) {
      selected = &plan->jobs[i];
      absl::StrAppend(&fitting, "\n  #", i - plan->first_run + 1, "  ",
                      selected->name);
    }
  }
  if (plan->CountSelected() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", name, "' selects ", plan->CountSelected(),
                     " runs, must select one", fitting));
  }
  NamedRun run;
  run.identity.name = selected->name;
  run.identity.id = selected->id;
  run.identity.spec = selected->launch.train().run();
  run.identity.inputs = selected->inputs;
  const bool done = selected->state == JobState::kDone;
  run.identity.code = done ? selected->result.code() : present.code;
  FillParts(store, present, &run.identity);
  if (outcome && done) {
    TRANSECT_ASSIGN_OR_RETURN(run.outcome, ReadOutcome(selected->dir));
  }
  return run;
}

absl::StatusOr<std::pair<NamedRun, NamedRun>> ReadBoth(
    const CommandContext& context, const std::vector<std::string>& names,
    const std::string& spec, bool outcome) {
  if (names.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("got ", names.size(), " runs, needs two"));
  }
  if (spec.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
    TRANSECT_ASSIGN_OR_RETURN(const Store store,
                              Store::Open(StoreRoot(context.store, site)));
    TRANSECT_ASSIGN_OR_RETURN(const PresentCode present,
                              ReadPresentCode(FindWorker(context.argv[0])));
    TRANSECT_ASSIGN_OR_RETURN(NamedRun a,
                              FindNamed(store, present, names[0], outcome));
    TRANSECT_ASSIGN_OR_RETURN(NamedRun b,
                              FindNamed(store, present, names[1], outcome));
    return std::pair(std::move(a), std::move(b));
  }
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context, spec));
  TRANSECT_ASSIGN_OR_RETURN(const PresentCode present,
                            ReadPresentCode(session.worker));
  TRANSECT_ASSIGN_OR_RETURN(Plan plan, PlanWithoutHashing(session, {}));
  TRANSECT_ASSIGN_OR_RETURN(NamedRun a, SelectNamed(session.store, present,
                                                    names[0], outcome, &plan));
  TRANSECT_ASSIGN_OR_RETURN(NamedRun b, SelectNamed(session.store, present,
                                                    names[1], outcome, &plan));
  return std::pair(std::move(a), std::move(b));
}

bool AreOne(const RunIdentity& a, const RunIdentity& b) {
  return a.id == b.id && a.code == b.code;
}

absl::StatusOr<int> WhyStale(const CommandContext& context,
                             const std::vector<std::string>& words) {
  if (words.empty()) {
    return absl::InvalidArgumentError("--stale needs an experiment file");
  }
  TRANSECT_ASSIGN_OR_RETURN(const Session session,
                            OpenSession(context, words[0]));
  TRANSECT_ASSIGN_OR_RETURN(const PresentCode present,
                            ReadPresentCode(session.worker));
  TRANSECT_ASSIGN_OR_RETURN(
      const Plan plan,
      PlanWithoutHashing(session, {words.begin() + 1, words.end()}));
  const auto command = [&](const char* verb) {
    std::vector<std::string> line = context.program;
    line.insert(line.end(), {verb, words[0]});
    const std::vector<std::string> flags = CommonFlags(context);
    line.insert(line.end(), flags.begin(), flags.end());
    return ShellQuoted(line);
  };
  TRANSECT_RETURN_IF_ERROR(PrintOut(ExplainStale(
      plan, session.store, present.parts, command("run"), command("run"))));
  return plan.CountRuns(JobState::kStale) > 0 ? 2 : 0;
}

}  // namespace

absl::StatusOr<int> WhyCommand(const CommandContext& context,
                               const WhyOptions& options) {
  if (options.stale) {
    return WhyStale(context, options.runs);
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const auto both, ReadBoth(context, options.runs, options.spec, false));
  const RunIdentity& a = both.first.identity;
  const RunIdentity& b = both.second.identity;
  TRANSECT_RETURN_IF_ERROR(PrintOut(ExplainRuns(a, b)));
  return AreOne(a, b) ? 0 : 2;
}

absl::StatusOr<int> DiffCommand(const CommandContext& context,
                                const DiffOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(
      const auto both, ReadBoth(context, options.runs, options.spec, true));
  TRANSECT_RETURN_IF_ERROR(PrintOut(CompareRuns(both.first, both.second)));
  return AreOne(both.first.identity, both.second.identity) ? 0 : 2;
}

}  // namespace transect
