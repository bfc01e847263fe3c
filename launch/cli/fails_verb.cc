// `transect fails`.

#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "launch/store/check_job.h"
#include "launch/store/store.h"
#include "launch/upkeep/stored_jobs.h"
#include "launch/watch/failures.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 1;

struct FailsOptions : ExperimentOptions {
  // text or json.
  std::string format;
};

void AddFailure(const std::string& id, const std::string& code,
                const std::string& name, const std::string& dir,
                std::vector<FailedJob>* failed) {
  std::optional<FailedJob> job = FirstFailure(dir);
  if (!job.has_value()) return;
  job->set_id(id);
  job->set_code(code);
  if (!name.empty()) job->set_name(name);
  failed->push_back(*std::move(job));
}

// Of the selected runs of an experiment and what is made for it.
absl::StatusOr<FailureList> FailuresOfExperiment(const CommandContext& context,
                                                 const FailsOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const ExperimentSession session,
                            OpenExperiment(context, options));
  FailureList list;
  list.set_store(session.store.root());
  list.set_experiment(session.plan.expansion.name);
  std::vector<FailedJob> failed;
  for (const Job& job : session.plan.jobs) {
    if (!job.selected) continue;
    list.set_jobs(list.jobs() + 1);
    if (job.state != JobState::kFailed || job.dir.empty()) continue;
    AddFailure(job.id, ShownCode(session.plan.code), job.name, job.dir,
               &failed);
  }
  for (FailureGroup& group : GroupFailures(std::move(failed))) {
    *list.add_group() = std::move(group);
  }
  return list;
}

absl::StatusOr<FailureList> FailuresOfStore(const CommandContext& context) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenStoreAlone(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  FailureList list;
  list.set_store(session.store.root());
  std::vector<FailedJob> failed;
  for (const StoredJob& job : ListJobs(session.store)) {
    if (job.kind == StoredJob::Kind::kEvaluation) continue;
    list.set_jobs(list.jobs() + 1);
    if (CheckResult(job.dir, job.id, "").state == ResultCheck::kValid) continue;
    AddFailure(job.id, job.code, "", job.dir, &failed);
  }
  for (FailureGroup& group : GroupFailures(std::move(failed))) {
    *list.add_group() = std::move(group);
  }
  return list;
}

absl::StatusOr<int> ShowFailures(const CommandContext& context,
                                 const FailsOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(FailureList list,
                            options.spec.empty()
                                ? FailuresOfStore(context)
                                : FailuresOfExperiment(context, options));
  list.set_format_version(kFormatVersion);
  FailureTextStyle style;
  style.color = UseColor(context, STDOUT_FILENO);
  style.width = TerminalWidth(STDOUT_FILENO);
  if (!options.spec.empty()) {
    style.again = absl::StrCat(CommandText(context, "run", options.spec),
                               " state=failed");
  }
  std::string text = RenderFailures(list, style);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(list));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return list.group().empty() ? 0 : 2;
}

}  // namespace

void AddFailsVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<FailsOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "fails",
      "Show the first failure of each run and input that failed, equal causes "
      "together and the most frequent last, with log and way out; of an "
      "experiment, or without one of all the store holds. Exit code 2 if there "
      "is any.",
      options.get());
  verb->get_option("SPEC")->required(false);
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/watch/failures.proto).");
  OnVerb(verb, line, options, ShowFailures);
}

}  // namespace transect
