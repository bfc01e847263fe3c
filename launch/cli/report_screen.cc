#include "launch/cli/report_screen.h"

#include <string.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/aggregate.h"
#include "analysis/answers/answers.h"
#include "analysis/answers/answers_text.h"
#include "analysis/certainty/certainty.h"
#include "analysis/formats/render_csv.h"
#include "analysis/formats/render_html.h"
#include "analysis/formats/render_latex.h"
#include "analysis/formats/render_markdown.h"
#include "analysis/formats/render_text.h"
#include "data/io/file.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/report_input.h"
#include "launch/cli/run_notes.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Which experiment a report is of: digests of where its spec file lies with
// what --set changes, and of its runs.
struct ReportOrigin {
  std::string file;
  std::string runs;
};

// The last line of a kept report; Markdown shows it to nobody.
constexpr char kOriginStart[] = "<!-- transect: ";
constexpr char kOriginEnd[] = " -->";

std::string ShortDigest(absl::string_view text) {
  return Sha256(text).substr(0, 16);
}

ReportOrigin OriginOf(const CommandContext& context, const std::string& spec,
                      const Plan& plan) {
  std::error_code error;
  std::string file = std::filesystem::weakly_canonical(spec, error).string();
  for (const std::string& assignment : context.overrides) {
    absl::StrAppend(&file, "\n", assignment);
  }
  return {ShortDigest(file),
          ShortDigest(absl::StrJoin(plan.expansion.spec_ids, "\n"))};
}

// Empty where the file is not there or says nothing.
ReportOrigin ReadOrigin(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return {};
  const size_t start = text->rfind(kOriginStart);
  if (start == std::string::npos) return {};
  const size_t begin = start + strlen(kOriginStart);
  const std::vector<std::string> words = absl::StrSplit(
      text->substr(begin, text->find(kOriginEnd, begin) - begin), ' ');
  return words.size() == 2 ? ReportOrigin{words[0], words[1]} : ReportOrigin{};
}

}  // namespace

absl::StatusOr<MadeReport> MakeReport(const ExperimentSession& session) {
  LoadedReport loaded = LoadReport(session.plan, session.published);
  const ReportSpec& spec = session.experiment.report();
  loaded.input.rules = RulesOf(spec);
  MadeReport made;
  TellWeightsGone(session.plan);
  for (const std::string& problem : loaded.problems) {
    Tell(absl::StrCat(problem, "\n"));
    made.exit_code = 2;
  }
  TRANSECT_ASSIGN_OR_RETURN(made.report, BuildReport(loaded.input));
  TRANSECT_RETURN_IF_ERROR(AddCertainty(spec.statistics(),
                                        session.plan.expansion.name,
                                        loaded.input, &made.report));
  TRANSECT_RETURN_IF_ERROR(AddAnswers(spec, loaded.input, &made.report));
  made.input = std::move(loaded.input);
  return made;
}

KeptReport PlaceOfReport(const CommandContext& context, const std::string& spec,
                         const ExperimentSession& session) {
  const ReportOrigin origin = OriginOf(context, spec, session.plan);
  const std::string& name = session.plan.expansion.name;
  KeptReport kept;
  kept.path = session.store.ReportPath(name);
  const ReportOrigin there = ReadOrigin(kept.path);
  if (!there.file.empty() && there.file != origin.file &&
      there.runs != origin.runs) {
    kept.beside_another = true;
    kept.path = session.store.ReportPath(
        absl::StrCat(name, "-", origin.file.substr(0, 8)));
  }
  return kept;
}

absl::StatusOr<KeptReport> KeepReport(const CommandContext& context,
                                      const std::string& spec,
                                      const ExperimentSession& session,
                                      const ComparisonReport& report) {
  TRANSECT_ASSIGN_OR_RETURN(std::string markdown,
                            RenderReport(context, report, "md"));
  const KeptReport kept = PlaceOfReport(context, spec, session);
  const ReportOrigin origin = OriginOf(context, spec, session.plan);
  absl::StrAppend(&markdown, "\n", kOriginStart, origin.file, " ", origin.runs,
                  kOriginEnd, "\n");
  TRANSECT_RETURN_IF_ERROR(
      MakeDirs(kept.path.substr(0, kept.path.find_last_of('/'))));
  TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(kept.path, markdown));
  return kept;
}

absl::StatusOr<std::string> RenderReport(
    const CommandContext& context, const ComparisonReport& report,
    absl::string_view format, bool to_file,
    const std::vector<ReportBreakdown::By>& breakdowns,
    ReportCell::Kind metric) {
  if (format == "json") return PrintProtoJson(report);
  if (format == "csv") return RenderCsv(report);
  if (format == "latex") return RenderLatex(report);
  if (format == "html") return RenderHtml(report);
  if (format == "md") {
    return absl::StrCat(RenderMarkdown(report),
                        AnswersText(report, {.format = AnswersFormat::kMarkdown,
                                             .breakdowns = breakdowns,
                                             .metric = metric}));
  }
  const TextStyle style = {
      .width = to_file ? 0 : TerminalWidth(STDOUT_FILENO),
      .color = !to_file && UseColor(context, STDOUT_FILENO)};
  return absl::StrCat(RenderText(report, style),
                      AnswersText(report, {.width = style.width,
                                           .breakdowns = breakdowns,
                                           .metric = metric}));
}

}  // namespace transect
