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
#include "analysis/measure_name.h"
#include "analysis/published.h"
#include "analysis/report.pb.h"
#include "data/io/file.h"
#include "launch/cli/output.h"
#include "launch/cli/report_input.h"
#include "launch/cli/report_page.h"
#include "launch/cli/report_screen.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
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
  // What they show; empty for gIoU.
  std::string metric;
  // Every value on a line of its own, and those of items.
  bool long_table = false;
  bool items = false;
  bool check_paper = false;
  // A file of tables that is compared instead of printing any; empty for none.
  std::string verify;
  // Whether a page has no pictures.
  bool no_pictures = false;
};

std::vector<std::string> MetricNames() {
  std::vector<std::string> names;
  for (int kind = ReportCell::PR_50; kind <= ReportCell::GIOU; ++kind) {
    names.push_back(MeasureName(static_cast<ReportCell::Kind>(kind)));
  }
  return names;
}

// The metric of that name; of none gIoU.
ReportCell::Kind MetricOf(const std::string& name) {
  const std::vector<std::string> names = MetricNames();
  const auto found = std::ranges::find(names, name);
  return found == names.end()
             ? ReportCell::GIOU
             : static_cast<ReportCell::Kind>(ReportCell::PR_50 +
                                             (found - names.begin()));
}

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
  if (!options.metric.empty() && options.by.empty()) {
    return absl::InvalidArgumentError("--metric goes with --by");
  }
  if (options.no_pictures && options.format != "page") {
    return absl::InvalidArgumentError(
        "only pages have pictures; say --format page");
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
  if (options.format == "page") {
    return PageText(context, options.spec, session, made,
                    /*pictures=*/!options.no_pictures);
  }
  return RenderReport(context, made.report, options.format,
                      !options.out.empty(), BreakdownsOf(options.by),
                      MetricOf(options.metric));
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
            {"text", "md", "csv", "latex", "html", "page", "json"},
            "text, md, csv, latex, html (tables alone), page (one HTML file "
            "with tables, charts, pictures and all items) or json.");
  verb->add_option("--out", options->out,
                   "File to write instead of standard output.");
  verb->add_flag("--no-pictures", options->no_pictures,
                 "With --format page: without the pictures of its gallery, "
                 "which the worker draws from the runs' weights.");
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
  verb->add_option("--metric", options->metric,
                   "With --by: another metric than gIoU: cIoU or Pr@0.5 to "
                   "Pr@0.9.")
      ->check(CLI::IsMember(MetricNames()))
      ->type_name("METRIC");
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
