#include "analysis/table_layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analysis/measure_name.h"
#include "analysis/score_run.h"
#include "analysis/table_differences.h"
#include "analysis/table_grid.h"
#include "analysis/table_marks.h"
#include "analysis/table_notes.h"
#include "data/io/message_strings.h"
#include "data/io/terminal_text.h"
#include "launch/store/store.h"

namespace transect {
namespace {

constexpr ReportCell::Kind kMetrics[] = {
    ReportCell::PR_50, ReportCell::PR_60, ReportCell::PR_70, ReportCell::PR_80,
    ReportCell::PR_90, ReportCell::CIOU,  ReportCell::GIOU,
};
constexpr ReportCell::Kind kControls[] = {
    ReportCell::PERMUTED_GIOU,     ReportCell::PERMUTED_CATEGORY_GIOU,
    ReportCell::OTHER_OBJECT_GIOU, ReportCell::ALL_OBJECTS_GIOU,
    ReportCell::DISTRACTOR_SHARE,
};

const ReportCell* Find(const ReportRow& row, ReportCell::Kind kind) {
  for (const auto* cells : {&row.metrics(), &row.controls()}) {
    for (const ReportCell& cell : *cells) {
      if (cell.kind() == kind) {
        return &cell;
      }
    }
  }
  return nullptr;
}

// The first cell of that kind in the table, for what all of them share.
const ReportCell* FindAny(const ReportTable& table, ReportCell::Kind kind) {
  for (const ReportRow& row : table.rows()) {
    if (const ReportCell* cell = Find(row, kind)) {
      return cell;
    }
  }
  return nullptr;
}

std::string PartialMark(const ReportRow& row) {
  return row.missing_seeds().empty() ? "" : kPartialMark;
}

GridCell ValueCell(const ReportRow& row, ReportCell::Kind kind) {
  const ReportCell* cell = Find(row, kind);
  if (cell == nullptr) {
    return {kNoNumber, "", PartialMark(row)};
  }
  GridCell grid_cell = {Percent(cell->mean()), "", PartialMark(row)};
  if (cell->has_spread() || cell->has_sample_sd()) {
    grid_cell.spread =
        Percent(cell->has_spread() ? cell->spread() : cell->sample_sd());
  }
  grid_cell.leading = cell->leading();
  return grid_cell;
}

// "seed 1 SPEC_ID/CODE, seed 2 SPEC_ID/missing".
std::string RunsOf(const ReportRow& row) {
  std::vector<std::string> ids;
  for (const ReportRun& run : row.runs()) {
    ids.push_back(absl::StrCat(
        run.has_seed() ? absl::StrCat("seed ", run.seed(), " ") : "",
        run.spec_id(), "/",
        run.missing().empty() ? ShownCode(run.code()) : "missing"));
  }
  return absl::StrJoin(ids, ", ");
}

GridRow RowHead(const ReportTable& table, const ReportRow& row) {
  GridRow grid_row;
  grid_row.label = row.label();
  grid_row.is_base = row.is_base();
  grid_row.seeds = absl::StrCat(row.n());
  if (!row.missing_seeds().empty()) {
    absl::StrAppend(&grid_row.seeds, "/", row.runs_size(), kPartialMark);
  }
  grid_row.seeds += MarksOf(table, row);
  grid_row.runs = RunsOf(row);
  return grid_row;
}

// What ± is, over how many seeds, and what they do not vary.
std::string SpreadSentence(const ReportTable& table) {
  std::set<int> counts;
  for (const ReportRow& row : table.rows()) {
    counts.insert(row.n());
  }
  const int most = counts.empty() ? 0 : *counts.rbegin();
  if (most == 0) {
    return "No run has a result.";
  }
  const std::string n =
      counts.size() == 1 ? absl::StrCat("n = ", most) : "n in column n";
  if (most < 2) {
    return absl::StrCat("Percent, one run (", n, ").");
  }
  std::vector<std::string> shared;
  for (const std::string& what : table.shared_by_seeds()) {
    shared.push_back(what);
  }
  return absl::StrCat(
      "Percent; mean ± ", SpreadName(table), ", ", n, ".",
      shared.empty() ? ""
                     : absl::StrCat(" The same for all seeds, so not in the "
                                    "spread: ",
                                    absl::StrJoin(shared, ", "), "."));
}

// " (rank=16, text=ZERO)", or nothing.
std::string BaseSettings(const ReportTable& table) {
  std::vector<std::string> settings;
  for (const ReportSetting& setting : table.base_settings()) {
    settings.push_back(absl::StrCat(setting.axis(), "=", setting.value()));
  }
  return settings.empty()
             ? ""
             : absl::StrCat(" (", absl::StrJoin(settings, ", "), ")");
}

// Which field each axis is: a name such as "rank" is the author's.
std::string AxisFields(const ReportTable& table) {
  std::vector<std::string> axes;
  for (const ReportSetting& setting : table.base_settings()) {
    if (!setting.field().empty()) {
      axes.push_back(absl::StrCat(setting.axis(), " is ", setting.field()));
    }
  }
  return axes.empty() ? ""
                      : absl::StrCat("Axes: ", absl::StrJoin(axes, ", "), ".");
}

std::string MetricsCaption(const ReportTable& table, const ReportRow* base) {
  std::vector<std::string> sentences = {SpreadSentence(table)};
  if (table.items() > 0) {
    sentences.push_back(absl::StrCat(
        "Split ", table.split(), ", ", table.items(), " items",
        table.dataset().empty() ? "" : " of ", table.dataset(), "."));
  }
  sentences.push_back(RulesText(table.rules()));
  if (base != nullptr) {
    sentences.push_back(absl::StrCat("Δ: difference of means to ",
                                     base->label(), BaseSettings(table), ".",
                                     DifferenceSentences(table)));
  }
  if (std::string axes = AxisFields(table); !axes.empty()) {
    sentences.push_back(std::move(axes));
  }
  for (std::string& sentence : SourceSentences(table)) {
    sentences.push_back(std::move(sentence));
  }
  return absl::StrJoin(sentences, " ");
}

// " One constant mask ... has 12.34." where the first run that counts says it.
std::string FrequentPlaceSentence(const ReportTable& table) {
  for (const ReportRow& row : table.rows()) {
    for (const ReportRun& run : row.runs()) {
      if (!run.has_frequent_place_giou() || row.other_images()) continue;
      return absl::StrCat(" One constant mask at the most frequent place has ",
                          Percent(run.frequent_place_giou()), ".");
    }
  }
  return "";
}

std::string ControlSentence(ReportCell::Kind kind, const ReportCell& cell,
                            const ReportTable& table) {
  const std::string where =
      cell.items() == table.items()
          ? ""
          : absl::StrCat(", over the ", cell.items(), " items that have it");
  switch (kind) {
    case ReportCell::PERMUTED_GIOU:
      return absl::StrCat(
          "Permuted sentence: gIoU when every item gets another item's "
          "sentence",
          where,
          ": how much the sentence matters to this model; not what a blind "
          "model scores.");
    case ReportCell::PERMUTED_CATEGORY_GIOU:
      return absl::StrCat(
          "Permuted in category: the same with the sentence of another item of "
          "the same category",
          where, ": how much its other words matter.");
    case ReportCell::OTHER_OBJECT_GIOU:
      return absl::StrCat(
          "Other object: gIoU with the item's own mask when the sentence names "
          "another object of the scene",
          where, ": near 0 for a model that finds what is named.");
    case ReportCell::ALL_OBJECTS_GIOU:
      return absl::StrCat(
          "All objects: gIoU of the mask of all objects, the same for every "
          "run",
          where, ".", FrequentPlaceSentence(table));
    default:
      return absl::StrCat(
          "Target > distractor: share of the ", cell.items(),
          " scenes with a distractor (another object of the target's category) "
          "in which the prediction has a higher IoU with the target than with "
          "any distractor",
          cell.has_chance()
              ? absl::StrCat("; chance level ", Percent(cell.chance()))
              : "",
          ".");
  }
}

std::string PublishedLabel(const PublishedRow& row) {
  return absl::StrCat(row.label(), kPublishedMark);
}

GridRow PublishedGridRow(const PublishedRow& row, size_t differences) {
  GridRow grid_row;
  grid_row.label = PublishedLabel(row);
  grid_row.is_published = true;
  grid_row.seeds = kUnknownSeeds;
  for (const std::string* printed :
       {&row.pr_50(), &row.pr_60(), &row.pr_70(), &row.pr_80(), &row.pr_90(),
        &row.ciou(), &row.giou()}) {
    grid_row.cells.push_back({printed->empty() ? kNoNumber : *printed, "", ""});
  }
  grid_row.cells.insert(grid_row.cells.end(), differences, {kNoNumber, "", ""});
  return grid_row;
}

// "Pr@X counts IoU of X and above at 480 px", as far as it is known.
std::string EvaluatorText(const PublishedEvaluator& evaluator) {
  std::vector<std::string> parts;
  if (evaluator.tie() == PublishedEvaluator::ABOVE) {
    parts.push_back("Pr@X counts IoU above X");
  } else if (evaluator.tie() == PublishedEvaluator::AT_LEAST) {
    parts.push_back("Pr@X counts IoU of X too");
  }
  if (evaluator.resolution() < 0) {
    parts.push_back("at the images' own size");
  } else if (evaluator.resolution() > 0) {
    parts.push_back(absl::StrCat("at ", evaluator.resolution(), " px"));
  }
  return parts.empty() ? "how it was measured is not known"
                       : absl::StrJoin(parts, ", ");
}

const char* OriginText(PublishedRow::Origin origin) {
  switch (origin) {
    case PublishedRow::OWN:
      return "the authors' own numbers";
    case PublishedRow::RERUN:
      return "run again by others";
    case PublishedRow::COPIED:
      return "copied from another publication";
    default:
      return "who measured is not known";
  }
}

// All but the labels of what is said about a published row.
std::string SourceText(const ReportPublished& published,
                       const ReportTable& table) {
  const PublishedRow& row = published.row();
  std::string text =
      absl::StrCat(published.source(), "; ", OriginText(row.origin()));
  if (row.items() > 0) {
    absl::StrAppend(&text, " of ", row.items(), " items");
    if (table.items() > 0 && table.items() != row.items()) {
      absl::StrAppend(&text, ", NOT the ", table.items(), " of this table");
    }
  }
  absl::StrAppend(&text, "; ", EvaluatorText(published.evaluator()),
                  "; seeds not known");
  if (!row.split_evidence().empty()) {
    absl::StrAppend(&text, "; split ", table.split(), " because ",
                    row.split_evidence());
  }
  return text + ".";
}

void AppendPublishedNotes(const ReportTable& table,
                          std::vector<std::string>* notes) {
  std::vector<std::pair<std::string, std::vector<std::string>>> sources;
  for (const ReportPublished& published : table.published()) {
    const std::string text = SourceText(published, table);
    if (sources.empty() || sources.back().first != text) {
      sources.push_back({text, {}});
    }
    sources.back().second.push_back(published.row().label());
  }
  for (const auto& [text, labels] : sources) {
    notes->push_back(
        absl::StrCat("Published: ", absl::StrJoin(labels, ", "), ": ", text));
  }
  for (const ReportPublished& published : table.published()) {
    for (const std::string& note : published.row().note()) {
      notes->push_back(
          absl::StrCat(PublishedLabel(published.row()), ": ", note));
    }
  }
  for (const std::string& note : table.published_notes()) {
    notes->push_back(absl::StrCat("Published: ", note));
  }
  for (const std::string& reason : table.published_left_out()) {
    notes->push_back(absl::StrCat("Published, not shown: ", reason, "."));
  }
}

// The table's rows with a column for each of the measures.
TableGrid MeasuresGrid(const ReportTable& table,
                       absl::Span<const ReportCell::Kind> kinds) {
  TableGrid grid;
  for (const ReportCell::Kind kind : kinds) {
    grid.columns.push_back(MeasureName(kind));
  }
  for (const ReportRow& row : table.rows()) {
    GridRow& grid_row = grid.rows.emplace_back(RowHead(table, row));
    for (const ReportCell::Kind kind : kinds) {
      grid_row.cells.push_back(ValueCell(row, kind));
    }
  }
  return grid;
}

// Published rows, each below the row of the same setting, the others last.
void AddPublishedRows(const ReportTable& table, size_t differences,
                      TableGrid* grid) {
  std::vector<GridRow> rows;
  const auto add = [&](const std::string& same_as) {
    for (const ReportPublished& published : table.published()) {
      if (published.same_as() == same_as) {
        rows.push_back(PublishedGridRow(published.row(), differences));
      }
    }
  };
  for (GridRow& row : grid->rows) {
    const std::string label = row.label;
    rows.push_back(std::move(row));
    if (!label.empty()) add(label);
  }
  add("");
  grid->rows = std::move(rows);
}

TableGrid MetricsGrid(const ReportTable& table) {
  TableGrid grid = MeasuresGrid(table, kMetrics);
  const ReportRow* base = BaseOf(table);
  const std::vector<std::string> heads = DifferenceHeads(table);
  grid.columns.insert(grid.columns.end(), heads.begin(), heads.end());
  for (int i = 0; i < table.rows_size(); ++i) {
    std::string mark = PartialMark(table.rows(i));
    if (mark.empty() && base != nullptr) mark = PartialMark(*base);
    for (GridCell& cell : DifferenceCells(table, table.rows(i), mark)) {
      grid.rows[i].cells.push_back(std::move(cell));
    }
  }
  AddPublishedRows(table, heads.size(), &grid);
  grid.caption = {MetricsCaption(table, base)};
  return grid;
}

TableGrid ControlsGrid(const ReportTable& table) {
  std::vector<ReportCell::Kind> columns = {ReportCell::GIOU};
  std::vector<std::string> caption;
  for (const ReportCell::Kind kind : kControls) {
    if (const ReportCell* cell = FindAny(table, kind)) {
      columns.push_back(kind);
      caption.push_back(ControlSentence(kind, *cell, table));
    }
  }
  if (caption.empty()) {
    return TableGrid();
  }
  TableGrid grid = MeasuresGrid(table, columns);
  grid.caption = std::move(caption);
  return grid;
}

}  // namespace

std::string ShownText(absl::string_view text) {
  constexpr int kWidest = 1000;
  return CutToWidth(OneLine(text), kWidest);
}

TableLayout LayOut(const ReportTable& as_reported) {
  ReportTable table = as_reported;
  ChangeStrings(&table, ShownText);
  TableLayout layout;
  layout.name = table.name();
  layout.metrics = MetricsGrid(table);
  layout.controls = ControlsGrid(table);
  layout.notes = TableNotes(table);
  AppendPublishedNotes(table, &layout.notes);
  for (const ReportRow& row : table.rows()) {
    layout.run_ids.push_back(absl::StrCat(row.label(), ": ", RunsOf(row)));
  }
  return layout;
}

std::vector<TableLayout> LayOutAll(const ComparisonReport& report) {
  std::map<std::string, int> tables;
  for (const ReportTable& table : report.tables()) {
    ++tables[table.name()];
  }
  std::vector<TableLayout> layouts;
  for (const ReportTable& table : report.tables()) {
    layouts.push_back(LayOut(table));
    if (tables[table.name()] > 1) {
      absl::StrAppend(&layouts.back().name, ", split ",
                      ShownText(table.split()));
    }
    if (!table.evaluated_later().empty()) {
      absl::StrAppend(&layouts.back().name, ", evaluated later on ",
                      ShownText(table.evaluated_later()));
    }
  }
  return layouts;
}

}  // namespace transect
