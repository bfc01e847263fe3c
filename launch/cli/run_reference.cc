#include "launch/cli/run_reference.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/suggestion.h"
#include "experiments/identity/run_id.h"
#include "launch/cli/run_files.h"
#include "launch/store/bundle.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Most runs that a message lists.
constexpr int kMostListed = 20;

// Whether the reference is a file and nothing else: ids have no dots.
bool IsFileName(const std::string& reference) {
  return absl::EndsWith(reference, ".textproto") ||
         (absl::StrContains(reference, '.') && FileExists(reference));
}

// The two parts of ID/CODE; the code is "" where it is not said. Nothing for
// what cannot be an id.
std::optional<std::pair<std::string, std::string>> SplitId(
    absl::string_view reference) {
  const size_t slash = reference.find('/');
  const absl::string_view id = reference.substr(0, slash);
  const absl::string_view code =
      slash == reference.npos ? "" : reference.substr(slash + 1);
  const auto is_hex = [](absl::string_view text) {
    return std::ranges::all_of(text, absl::ascii_isxdigit);
  };
  if (id.empty() || !is_hex(id) || !is_hex(code)) return std::nullopt;
  return std::pair(std::string(id), std::string(code));
}

// The words of selectors; quotes keep spaces.
std::vector<std::string> Words(absl::string_view text) {
  std::vector<std::string> words;
  bool quoted = false;
  bool inside = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == ' ' && !quoted) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    words.back().push_back(c);
  }
  return words;
}

// Lines of the runs that are selected.
std::string ListSelected(const Plan& plan) {
  std::string lines;
  int shown = 0;
  for (size_t i = 0; i < plan.Runs().size(); ++i) {
    if (!plan.Runs()[i].selected) continue;
    if (++shown > kMostListed) {
      absl::StrAppend(&lines, "\n  ...");
      break;
    }
    absl::StrAppend(&lines, "\n  '#", i + 1, "'  ", plan.Runs()[i].name);
  }
  return lines;
}

}  // namespace

absl::StatusOr<RunReferences> RunReferences::Open(const CommandContext& context,
                                                  const std::string& spec) {
  if (spec.empty()) {
    if (!context.overrides.empty()) {
      return absl::InvalidArgumentError(
          "--set goes with --spec: it changes that experiment");
    }
    TRANSECT_ASSIGN_OR_RETURN(Session session, OpenSession(context));
    return RunReferences(context, std::move(session));
  }
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, {spec, {}}));
  RunReferences references(context, session);
  references.spec_ = spec;
  references.plan_ = std::move(session.plan);
  return references;
}

void RunReferences::FillParts(RunIdentity* run) const {
  if (run->code.empty()) return;
  if (run->code == session_.code) {
    run->parts = session_.parts;
  } else if (absl::StatusOr<CodeParts> parts =
                 ReadCodeParts(session_.store, run->code);
             parts.ok()) {
    run->parts = *std::move(parts);
  }
}

absl::StatusOr<ReferredRun> RunReferences::InStore(
    const std::string& reference) const {
  ReferredRun run;
  TRANSECT_ASSIGN_OR_RETURN(run.found,
                            FindRun(session_.store, session_.code, reference));
  run.identity.id = run.found->id;
  run.identity.code = run.found->result.code();
  run.identity.spec = run.found->launch.train().run();
  run.identity.inputs = run.found->inputs;
  FillParts(&run.identity);
  return run;
}

ReferredRun RunReferences::OfPlan(const Plan& plan, size_t index,
                                  const std::string& code,
                                  const std::string& command) const {
  const Job& job = plan.Runs()[index];
  ReferredRun run;
  run.identity.name = job.name;
  run.identity.id = job.id;
  run.identity.spec = job.launch.train().run();
  run.identity.inputs = job.inputs;
  run.identity.code = session_.code;
  run.planned = job.launch;
  absl::StatusOr<FoundRun> found =
      IsPending(job.id)
          ? absl::NotFoundError("pending")
          : FindRun(session_.store, session_.code,
                    code.empty() ? job.id : absl::StrCat(job.id, "/", code));
  if (found.ok()) {
    // Of what the experiment asks for, nothing that was evaluated otherwise.
    std::erase_if(found->evaluations, [&job](
                                          const FoundEvaluation& evaluation) {
      return evaluation.data.empty() &&
             std::ranges::any_of(job.launch.train().evaluation(),
                                 [&](const EvaluateJob& own) {
                                   return own.split() == evaluation.split &&
                                          own.id() != evaluation.result.id();
                                 });
    });
    run.identity.code = found->result.code();
    run.found = *std::move(found);
  } else if (absl::IsNotFound(found.status())) {
    run.unfinished = absl::NotFoundError(absl::StrCat(
        "run ", IsPending(job.id) ? "" : absl::StrCat(ShownId(job.id), ", "),
        job.name, ", is not done",
        code.empty() ? ""
                     : absl::StrCat(" under a code that starts with ", code),
        "; this makes it: ", command));
  } else {
    run.unfinished = found.status();
  }
  FillParts(&run.identity);
  return run;
}

absl::StatusOr<ReferredRun> RunReferences::InFile(
    const std::string& path) const {
  TRANSECT_ASSIGN_OR_RETURN(Expansion expansion, ExpandRunFile(path));
  TRANSECT_ASSIGN_OR_RETURN(const Plan plan,
                            MakePlan(std::move(expansion), session_.store,
                                     session_.site, session_.code, nullptr));
  if (plan.Runs().size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " has ", plan.Runs().size(),
                     " runs, must have one; name one of them with --spec ",
                     path, " and one of", ListSelected(plan),
                     "\n(`transect why A.textproto B.textproto` compares all "
                     "runs of two files)"));
  }
  ReferredRun run =
      OfPlan(plan, 0, "",
             absl::StrCat("`transect run` of the experiment that has it"));
  run.identity.name = path;
  return run;
}

absl::StatusOr<ReferredRun> RunReferences::InExperiment(
    const std::string& reference) {
  std::string code;
  std::vector<std::string> words = Words(reference);
  if (const auto parts = SplitId(reference); parts.has_value()) {
    const auto starts = [&](const Job& job) {
      return absl::StartsWith(job.id, parts->first);
    };
    if (std::ranges::none_of(plan_->Runs(), starts)) {
      absl::StatusOr<ReferredRun> run = InStore(reference);
      if (!absl::IsNotFound(run.status())) return run;
      return absl::NotFoundError(
          absl::StrCat(run.status().message(), ", and no run of ",
                       plan_->expansion.name, " has such an id"));
    }
    words = {parts->first};
    code = parts->second;
  }
  if (words.empty()) {
    return absl::InvalidArgumentError("a run's name is empty");
  }
  TRANSECT_RETURN_IF_ERROR(SelectRuns(words, &*plan_));
  if (plan_->CountSelected() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(reference), " selects ", plan_->CountSelected(),
                     " runs, must select one", ListSelected(*plan_)));
  }
  const auto runs = plan_->Runs();
  const size_t index = static_cast<size_t>(
      std::ranges::find_if(runs, &Job::selected) - runs.begin());
  return OfPlan(
      *plan_, index, code,
      absl::StrCat(CommandText(context_, "run", spec_), " '#", index + 1, "'"));
}

absl::StatusOr<ReferredRun> RunReferences::Find(const std::string& reference) {
  if (IsFileName(reference)) return InFile(reference);
  if (plan_.has_value()) return InExperiment(reference);
  if (!SplitId(reference).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "run '", reference,
        "': is neither the start of an id nor a file; to name a run by its "
        "number or by selectors, give its experiment with --spec FILE"));
  }
  absl::StatusOr<ReferredRun> run = InStore(reference);
  if (!absl::IsNotFound(run.status())) return run;
  return absl::NotFoundError(absl::StrCat(
      run.status().message(),
      "; name a run that is not done together with its experiment, --spec "
      "FILE"));
}

absl::StatusOr<ReferredRun> RunReferences::FindDone(
    const std::string& reference) {
  TRANSECT_ASSIGN_OR_RETURN(ReferredRun run, Find(reference));
  TRANSECT_RETURN_IF_ERROR(run.unfinished);
  return run;
}

void AddReferenceSpec(CLI::App* verb, CommandLine* line, std::string* spec) {
  verb->add_option("--spec", *spec,
                   "Experiment file (*.textproto) whose runs are meant.");
  AddOverrides(verb, line);
}

CLI::Option* AddRunReference(CLI::App* verb, CommandLine* line,
                             RunReferenceOptions* options) {
  CLI::Option* const run = verb->add_option(
      "--run", options->run, absl::StrCat("The run: ", kRunReferenceHelp, "."));
  run->type_name("RUN");
  AddReferenceSpec(verb, line, &options->spec);
  return run;
}

}  // namespace transect
