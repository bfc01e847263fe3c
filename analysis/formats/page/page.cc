#include "analysis/formats/page/page.h"

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/answers/row_runs.h"
#include "analysis/formats/page/gallery_html.h"
#include "analysis/formats/page/heat_map.h"
#include "analysis/formats/page/iou_charts.h"
#include "analysis/formats/page/item_data.h"
#include "analysis/formats/page/learning_curves.h"
#include "analysis/formats/page/run_tables.h"
#include "analysis/formats/page/sensitivity.h"
#include "analysis/formats/page/summary.h"
#include "analysis/formats/page/verdicts.h"
#include "analysis/formats/render_html.h"
#include "analysis/table_layout.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

constexpr char kStyle[] =
#include "analysis/formats/page/page_css.inc"
    ;
constexpr char kScript[] =
#include "analysis/formats/page/page_js.inc"
    ;

std::vector<TableRuns> RunsOf(const PageInput& input) {
  std::vector<TableRuns> all;
  for (const ReportTable& table : input.report.tables()) {
    TableRuns& runs = all.emplace_back();
    for (const RowInput& row : InputOf(input.input, table).rows) {
      runs.push_back(ScoredRuns(row, table.split()));
    }
  }
  return all;
}

std::string RunsSentence(const ComparisonReport& report) {
  std::set<std::string> runs;
  std::set<std::string> done;
  for (const ReportTable& table : report.tables()) {
    for (const ReportRow& row : table.rows()) {
      for (const ReportRun& run : row.runs()) {
        runs.insert(run.spec_id());
        if (run.missing().empty()) done.insert(run.spec_id());
      }
    }
  }
  return absl::StrCat(done.size(), " of ", runs.size(),
                      runs.size() == 1 ? " run" : " runs",
                      done.size() == 1 ? " has a result." : " have a result.");
}

void AppendAnswer(const char* question, const std::string& answer,
                  std::string* html) {
  absl::StrAppend(html, "<div><dt>", question, "</dt><dd>", EscapeHtml(answer),
                  "</dd></div>\n");
}

std::string SummaryHtml(const ComparisonReport& report,
                        const std::vector<TableRuns>& runs,
                        const std::vector<TableLayout>& layouts) {
  std::string html;
  for (int i = 0; i < report.tables_size(); ++i) {
    const ReportTable& table = report.tables(i);
    const auto at = static_cast<size_t>(i);
    absl::StrAppend(&html, "<article class=\"answer\"><h3><a href=\"#t", i,
                    "\">", EscapeHtml(layouts[at].name), "</a></h3>\n<p>",
                    EscapeHtml(DesignSentence(table)), "</p>\n");
    const std::optional<TableAnswers> answers = AnswersOf(table, runs[at]);
    if (answers.has_value()) {
      html += "<dl>\n";
      AppendAnswer("Which setting wins?", answers->wins, &html);
      AppendAnswer("By how much?", answers->by_how_much, &html);
      AppendAnswer("Is it certain?", answers->certain, &html);
      AppendAnswer("Where does it fail?", answers->fails, &html);
      html += "</dl>\n";
    } else {
      html += "<p>No run has a result yet.</p>\n";
    }
    html += "</article>\n";
  }
  return html;
}

// Curves are those of trainings, which tables of one design share.
bool IsFirstOfDesign(const ComparisonReport& report, int table) {
  for (int i = 0; i < table; ++i) {
    if (report.tables(i).name() == report.tables(table).name()) return false;
  }
  return true;
}

std::string TableSection(const PageInput& input, int index,
                         const TableRuns& runs, const TableLayout& layout) {
  const ReportTable& table = input.report.tables(index);
  return absl::StrCat(
      "<section id=\"t", index, "\">\n", TableHtml(layout), ClaimsHtml(table),
      PaperHtml(table), SensitivityHtml(table),
      IsFirstOfDesign(input.report, index)
          ? LearningCurvesHtml(table, input.curves)
          : "",
      IouChartsHtml(table, runs), HeatMapsHtml(table), "</section>\n");
}

std::string NavigationHtml(const std::vector<std::string>& names) {
  std::string html =
      "<nav aria-label=\"Sections\"><a href=\"#answers\">In short</a>";
  for (size_t i = 0; i < names.size(); ++i) {
    absl::StrAppend(&html, " <a href=\"#t", i, "\">", EscapeHtml(names[i]),
                    "</a>");
  }
  return absl::StrCat(
      html,
      " <a href=\"#gallery\">Gallery</a> <a href=\"#items\">Items</a> <a "
      "href=\"#cost\">Cost</a> <a href=\"#failures\">Failures</a> <a "
      "href=\"#provenance\">Provenance</a></nav>\n");
}

constexpr char kItemsSection[] =
    R"html(<section id="items"><h2>All items</h2>
<noscript><p>The numbers of all items need JavaScript here; <code>transect report --format csv --items</code> writes them as CSV.</p></noscript>
<form class="filters" id="item-filters" role="search" aria-label="Filter the items" hidden>
<label>Table <select name="table"></select></label>
<label>Category <select name="category"><option value="">all</option></select></label>
<label>Sentence says <select name="kind"><option value="">all</option></select></label>
<label>Order <select name="order"></select></label>
<label>Search <input type="search" name="words" placeholder="item, category" autocomplete="off"></label>
<button type="reset">Reset</button> <output aria-live="polite"></output>
</form>
<div class="wide" id="item-table" tabindex="0" role="region" aria-label="IoU of the items"></div>
<p class="pager" id="item-pager" hidden><button type="button" name="back">Back</button> <button type="button" name="next">Next</button> <span></span></p>
</section>
)html";

std::string HeadHtml(const PageInput& input, const std::string& title) {
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>",
      title, "</title>\n<style>\n", kStyle, "</style></head>\n<body>\n",
      "<header><h1>", title, "</h1>\n<p class=\"about\">Experiment ",
      EscapeHtml(ShownText(input.name)), ". ", RunsSentence(input.report),
      " Numbers are percent, differences are points of percent.</p>\n");
}

std::string FootHtml(const PageInput& input) {
  if (input.command.empty()) return "";
  return absl::StrCat(
      "<footer><p class=\"about\">Made by <code>",
      EscapeHtml(ShownText(input.command)),
      "</code>. The same command with <code>--verify FILE.html</code> in place "
      "of <code>--format</code> compares the tables of this file with the "
      "runs, "
      "number by number.</p></footer>\n");
}

}  // namespace

std::string RenderPage(const PageInput& input) {
  const std::vector<TableLayout> layouts = LayOutAll(input.report);
  const std::vector<TableRuns> runs = RunsOf(input);
  std::vector<std::string> names;
  for (const TableLayout& layout : layouts) names.push_back(layout.name);
  const std::string title = EscapeHtml(ShownText(input.report.title()));
  std::string html = absl::StrCat(
      HeadHtml(input, title), NavigationHtml(names),
      "</header>\n<main>\n<section id=\"answers\"><h2>In short</h2>\n",
      SummaryHtml(input.report, runs, layouts), "</section>\n");
  for (size_t i = 0; i < layouts.size(); ++i) {
    html += TableSection(input, static_cast<int>(i), runs[i], layouts[i]);
  }
  absl::StrAppend(
      &html, "<section id=\"gallery\"><h2>Gallery</h2>\n",
      GalleryHtml(input.report, runs, names, input.gallery), "</section>\n",
      kItemsSection, "<section id=\"cost\"><h2>Cost</h2>\n", CostHtml(input),
      "</section>\n<section id=\"failures\"><h2>Failures</h2>\n",
      FailuresHtml(input),
      "</section>\n<section id=\"provenance\"><h2>Provenance</h2>\n",
      ProvenanceHtml(input), "</section>\n</main>\n", FootHtml(input));
  absl::StrAppend(&html, "<script type=\"application/json\" id=\"data\">",
                  ItemDataJson(input.report, runs, names),
                  "</script>\n<script>\n", kScript,
                  "</script>\n</body></html>\n");
  return ReplaceInvalidUtf8(html);
}

}  // namespace transect
