#include "launch/cli/report_screen.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "analysis/aggregate.h"
#include "analysis/render_markdown.h"
#include "analysis/render_text.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/report_input.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<MadeReport> MakeReport(const ExperimentSession& session) {
  const LoadedReport loaded = LoadReport(session.plan, session.published);
  MadeReport made;
  for (const std::string& problem : loaded.problems) {
    Tell(absl::StrCat(problem, "\n"));
    made.exit_code = 2;
  }
  TRANSECT_ASSIGN_OR_RETURN(made.report, BuildReport(loaded.input));
  return made;
}

absl::StatusOr<std::string> RenderReport(const CommandContext& context,
                                         const ComparisonReport& report,
                                         absl::string_view format) {
  if (format == "json") return PrintProtoJson(report);
  if (format == "md") return RenderMarkdown(report);
  return RenderText(report,
                    TextStyle{.width = TerminalWidth(STDOUT_FILENO),
                              .color = UseColor(context, STDOUT_FILENO)});
}

}  // namespace transect
