// `transect report`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/published.h"
#include "data/io/file.h"
#include "launch/cli/output.h"
#include "launch/cli/report_input.h"
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
};

absl::StatusOr<int> ShowReport(const CommandContext& context,
                               const ReportOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, options));
  TRANSECT_ASSIGN_OR_RETURN(
      session.published,
      ChoosePublished(session.experiment.report(), options.published));
  TRANSECT_ASSIGN_OR_RETURN(const MadeReport made, MakeReport(session));
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string text,
      RenderReport(context, made.report, options.format, !options.out.empty()));
  TRANSECT_RETURN_IF_ERROR(
      options.out.empty() ? PrintOut(text, PrintedAs(context, options.format))
                          : WriteFileAtomic(options.out, text));
  return made.exit_code;
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
  AddFormat(verb, &options->format, {"text", "md", "json"},
            "text, md or json.");
  verb->add_option("--out", options->out,
                   "File to write instead of standard output.");
  verb->add_option("--published", options->published,
                   absl::StrCat("Also show published results: a *.textproto "
                                "file or one of ",
                                PublishedNames(), "."))
      ->type_name("PUBLISHED")
      ->allow_extra_args(false);
  OnVerb(verb, line, options, ShowReport);
}

}  // namespace transect
