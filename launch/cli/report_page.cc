#include "launch/cli/report_page.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/formats/page/gallery.h"
#include "analysis/formats/page/page.h"
#include "analysis/formats/page/page_input.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/cli/output.h"
#include "launch/cli/page_pictures.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/training_series.h"

namespace transect {
namespace {

PageRun PageRunOf(const Job& job) {
  PageRun run = {.name = job.name, .state = std::string(StateName(job.state))};
  if (job.dir.empty() || !job.result.has_attempt()) return run;
  run.training = job.result;
  const absl::StatusOr<Provenance> provenance = ReadTextproto<Provenance>(
      ProvenancePath(AttemptDir(job.dir, job.result.attempt())));
  if (provenance.ok()) run.provenance = *provenance;
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    // One that is not made is no news: the table says so.
    const absl::StatusOr<Result> result = ReadTextproto<Result>(ResultPath(
        EvaluationDir(job.dir, evaluation.split(), evaluation.id())));
    if (result.ok()) run.evaluations.push_back(*result);
  }
  return run;
}

// Where the page is kept beside the report.
std::string PagePath(const std::string& report_path) {
  return std::filesystem::path(report_path).replace_extension("html").string();
}

}  // namespace

TrainingCurves CurvesOf(const Plan& plan) {
  TrainingCurves curves;
  for (const Job& job : plan.Runs()) {
    if (!job.selected) continue;
    absl::StatusOr<TrainingSeries> series =
        ReadTrainingSeries(MetricsOfAttempts(job.dir));
    std::vector<std::string> problems;
    if (series.ok()) {
      problems = series->problems;
      curves[job.id] = *std::move(series);
    } else {
      problems = {std::string(series.status().message())};
    }
    for (const std::string& problem : problems) {
      Tell(absl::StrCat("run ", ShownId(job.id), " (", job.name, "): ", problem,
                        "\n"));
    }
  }
  return curves;
}

std::string PageText(const CommandContext& context, const std::string& spec,
                     const ExperimentSession& session, const MadeReport& made,
                     bool pictures) {
  PageInput input;
  input.name = session.plan.expansion.name;
  input.report = made.report;
  input.input = made.input;
  input.curves = CurvesOf(session.plan);
  for (const Job& job : session.plan.Runs()) {
    if (job.selected) input.runs[job.id] = PageRunOf(job);
  }
  input.gallery = MakePageGallery(
      context, session, made,
      {.most = pictures ? kMostGalleryItems : 0, .draw = pictures});
  input.command =
      absl::StrCat(CommandText(context, "report", spec), " --format page");
  return RenderPage(input);
}

std::string KeepPage(const CommandContext& context, const std::string& spec,
                     const ExperimentSession& session, const MadeReport& made,
                     const std::string& report_path, bool pictures) {
  const std::string path = PagePath(report_path);
  const absl::Status kept =
      WriteFileAtomic(path, PageText(context, spec, session, made, pictures));
  return kept.ok() ? absl::StrCat("as a page: ", path)
                   : absl::StrCat("the page could not be kept in the store: ",
                                  kept.message());
}

std::vector<std::string> StartPage(const CommandContext& context,
                                   const std::string& spec,
                                   const ExperimentSession& session) {
  const std::string path = PagePath(PlaceOfReport(context, spec, session).path);
  // Without the directory the page cannot be made, which is told then.
  (void)MakeDirs(path.substr(0, path.find_last_of('/')));
  Tell(
      absl::StrCat("report page, made again about every minute: ", path, "\n"));
  std::error_code error;
  std::vector<std::string> command = {
      std::filesystem::read_symlink("/proc/self/exe", error).string(),
      "report",
      spec,
      "--format",
      "page",
      "--no-pictures",
      "--out",
      path,
      "--store",
      session.store.root()};
  if (!context.site.empty()) {
    command.insert(command.end(), {"--site", context.site});
  }
  for (const std::string& assignment : context.overrides) {
    command.insert(command.end(), {"--set", assignment});
  }
  if (!context.accepted_codes.empty()) {
    command.insert(command.end(), {"--accept-code",
                                   absl::StrJoin(context.accepted_codes, ",")});
  }
  return command;
}

}  // namespace transect
