// `transect report`.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/answers/breakdown.h"
#include "analysis/answers/comparisons.h"
#include "analysis/answers/long_table.h"
#include "analysis/formats/verify.h"
#include "analysis/published.h"
#include "data/io/file.h"
#include "launch/cli/output.h"
#include "launch/cli/report_input.h"
#include "launch/cli/report_screen.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "metrics/training_series.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct ReportOptions : ExperimentOptions {
  std::string format;
  // File instead of stdout; empty for stdout.
  std::string out;
  // Shown in all tables, besides those that the experiment names.
  std::vector<std::string> published;
  // Breakdowns that are shown.
  std::vector<std::string> by;
  // Every value on a line of its own, and those of items.
  bool long_table = false;
  bool items = false;
  bool check_paper = false;
  // A file of tables that is compared instead of printing any; empty for none.
  std::string verify;
};

std::vector<ReportBreakdown::By> BreakdownsOf(
    const std::vector<std::string>& names) {
  std::vector<ReportBreakdown::By> all;
  for (const std::string& name : names) {
    for (const auto by :
         {ReportBreakdown::CATEGORY, ReportBreakdown::OBJECT_SIZE,
          ReportBreakdown::SENTENCE}) {
      if (BreakdownName(by) == name) all.push_back(by);
    }
  }
  return all;
}

// How the trainings of the selected runs went. Logs that cannot be read, or not
// as a whole, are told.
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

// Tells what cannot be compared with print; returns the exit code.
int CheckPaper(const ComparisonReport& report) {
  const std::vector<std::string> problems = NotCompared(report);
  for (const std::string& problem : problems) {
    Tell(absl::StrCat("not compared: ", problem, "\n"));
  }
  return problems.empty() ? 0 : 2;
}

absl::Status CheckOptions(const ReportOptions& options) {
  const bool long_table = options.long_table || options.items;
  if (long_table && options.format != "csv") {
    return absl::InvalidArgumentError(
        "--long and --items are CSV; say --format csv");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TextOf(const CommandContext& context,
                                   const ReportOptions& options,
                                   const ExperimentSession& session,
                                   const MadeReport& made) {
  if (options.items) return LongItemsCsv(made.input, made.report);
  if (options.long_table) {
    return LongCsv(made.report, CurvesOf(session.plan));
  }
  return RenderReport(context, made.report, options.format,
                      !options.out.empty(), BreakdownsOf(options.by));
}

// Compares the file with the report; returns the exit code.
absl::StatusOr<int> Verify(const std::string& path, const MadeReport& made) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  TRANSECT_ASSIGN_OR_RETURN(const VerifiedTables verified,
                            VerifyTables(text, path, made.report));
  for (const std::string& problem : verified.problems) {
    Tell(absl::StrCat(problem, "\n"));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(absl::StrCat(
      path, ": ", verified.numbers, " numbers in ", verified.tables,
      verified.tables == 1 ? " table, " : " tables, ",
      verified.problems.empty()
          ? "as the runs give them"
          : absl::StrCat(verified.problems.size(), " problems"),
      "\n")));
  return verified.problems.empty() ? made.exit_code : 2;
}

absl::StatusOr<int> ShowReport(const CommandContext& context,
                               const ReportOptions& options) {
  TRANSECT_RETURN_IF_ERROR(CheckOptions(options));
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, options));
  TRANSECT_ASSIGN_OR_RETURN(
      session.published,
      ChoosePublished(session.experiment.report(), options.published));
  TRANSECT_ASSIGN_OR_RETURN(const MadeReport made, MakeReport(session));
  if (!options.verify.empty()) {
    return Verify(options.verify, made);
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            TextOf(context, options, session, made));
  TRANSECT_RETURN_IF_ERROR(
      options.out.empty() ? PrintOut(text, PrintedAs(context, options.format))
                          : WriteFileAtomic(options.out, text));
  const int paper = options.check_paper ? CheckPaper(made.report) : 0;
  return std::max(made.exit_code, paper);
}

std::string PublishedNames() {
  return absl::StrJoin(BuiltInPublished(), ", ",
                       [](std::string* out, const PublishedSet& set) {
                         absl::StrAppend(out, set.name());
                       });
}

}  // namespace

void AddReportVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "report",
      "Print the tables of the runs that are done, from their logs.",
      options.get());
  AddAcceptCode(verb, line);
  AddFormat(verb, &options->format,
            {"text", "md", "csv", "latex", "html", "json"},
            "text, md, csv, latex, html or json.");
  verb->add_option("--out", options->out,
                   "File to write instead of standard output.");
  verb->add_option("--published", options->published,
                   absl::StrCat("Also show published results: a *.textproto "
                                "file or one of ",
                                PublishedNames(), "."))
      ->type_name("PUBLISHED")
      ->allow_extra_args(false);
  verb->add_option("--by", options->by,
                   "Also show gIoU by category of the object, by its size, or "
                   "by what the sentence says: category, size or sentence.")
      ->check(CLI::IsMember({"category", "size", "sentence"}))
      ->type_name("WHAT")
      ->allow_extra_args(false);
  verb->add_flag("--long", options->long_table,
                 "With --format csv: a line for every value of every run, and "
                 "how trainings went.");
  verb->add_flag("--items", options->items,
                 "With --format csv: a line for every value of every item of "
                 "every run.");
  verb->add_option("--verify", options->verify,
                   "Print no tables, but compare those of this file (.tex, "
                   ".md, .csv or .html) with the runs, number by number; exit "
                   "code 2 if one differs.")
      ->type_name("FILE");
  verb->add_flag("--check-paper", options->check_paper,
                 "Exit code 2 if a published row is compared with none of "
                 "ours, because split or rules differ; stderr says why.");
  OnVerb(verb, line, options, ShowReport);
}

}  // namespace transect
