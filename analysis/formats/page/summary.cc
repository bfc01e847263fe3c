#include "analysis/formats/page/summary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/measure_name.h"
#include "analysis/score_run.h"
#include "analysis/table_grid.h"
#include "analysis/table_layout.h"
#include "analysis/table_marks.h"

namespace transect {
namespace {

// Groups of fewer items are not named as the worst.
constexpr int64_t kFewItems = 5;

std::string LabelOf(const ReportRow& row) {
  return row.is_base() && row.label() != "base"
             ? absl::StrCat(ShownText(row.label()), " (the base)")
         : row.is_base() ? "the base"
                         : ShownText(row.label());
}

std::string Counted(int64_t count, const char* one, const char* many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

// "rank (2, 8, 16) and text (FULL, ZERO)".
std::string VariedText(const ReportTable& table) {
  std::vector<std::string> axes;
  for (const ReportSetting& base : table.base_settings()) {
    std::vector<std::string> values;
    const auto add = [&values](const std::string& value) {
      const std::string shown = ShownText(value);
      if (std::ranges::find(values, shown) == values.end()) {
        values.push_back(shown);
      }
    };
    for (const ReportRow& row : table.rows()) {
      bool named = false;
      for (const ReportSetting& setting : row.settings()) {
        if (setting.axis() != base.axis()) continue;
        add(setting.value());
        named = true;
      }
      if (!named) add(base.value());
    }
    if (values.size() < 2) continue;
    axes.push_back(absl::StrCat(ShownText(base.axis()), " (",
                                absl::StrJoin(values, ", "), ")"));
  }
  if (axes.size() < 2) return absl::StrJoin(axes, "");
  const std::string last = std::move(axes.back());
  axes.pop_back();
  return absl::StrCat(absl::StrJoin(axes, ", "), " and ", last);
}

std::string SeedsText(const ReportTable& table) {
  int least = table.rows(0).runs_size();
  int most = least;
  bool seeds = false;
  for (const ReportRow& row : table.rows()) {
    least = std::min(least, row.runs_size());
    most = std::max(most, row.runs_size());
    for (const ReportRun& run : row.runs()) seeds = seeds || run.has_seed();
  }
  if (!seeds) return "";
  return least == most ? absl::StrCat("; ", Counted(most, "seed", "seeds"),
                                      table.rows_size() > 1 ? " each" : "")
                       : absl::StrCat("; ", least, " to ", most, " seeds each");
}

double MeanOf(const ReportRow& row, ReportCell::Kind kind) {
  const ReportCell* cell = CellOfKind(row, kind);
  return cell == nullptr ? -1 : cell->mean();
}

// The row with the highest mean beside `best`; -1 if there is none.
int NextRow(const ReportTable& table, int best, ReportCell::Kind kind) {
  int next = -1;
  for (int i = 0; i < table.rows_size(); ++i) {
    if (i == best || CellOfKind(table.rows(i), kind) == nullptr ||
        table.rows(i).other_images()) {
      continue;
    }
    if (next < 0 ||
        MeanOf(table.rows(i), kind) > MeanOf(table.rows(next), kind)) {
      next = i;
    }
  }
  return next;
}

std::string WinsText(const ReportTable& table, int best,
                     ReportCell::Kind kind) {
  const ReportRow& row = table.rows(best);
  const ReportCell& cell = *CellOfKind(row, kind);
  std::string text = absl::StrCat(
      row.is_base() && row.label() == "base" ? "The base" : LabelOf(row),
      " has the highest ", MeasureName(kind), ", ", Percent(cell.mean()), " %",
      cell.n() > 1 ? absl::StrCat(" (mean of ", cell.n(), " runs)")
                   : " (one run)");
  std::vector<std::string> tied;
  for (int i = 0; i < table.rows_size(); ++i) {
    const ReportCell* other = CellOfKind(table.rows(i), kind);
    if (i != best && other != nullptr && other->leading()) {
      tied.push_back(LabelOf(table.rows(i)));
    }
  }
  if (cell.leading() && !tied.empty()) {
    absl::StrAppend(&text, ". The test does not tell it from ",
                    absl::StrJoin(tied, ", "));
  } else if (!cell.leading() && table.rows_size() > 1) {
    absl::StrAppend(&text, ". The test tells no other setting from it");
  }
  return absl::StrCat(text, ".");
}

// The difference that is asked for: of the winner to the base or, where that is
// the winner, of the next row.
const ReportRow* ComparedRow(const ReportTable& table, int best, int next) {
  if (BaseOf(table) == nullptr) return nullptr;
  if (!table.rows(best).is_base()) return &table.rows(best);
  return next < 0 ? nullptr : &table.rows(next);
}

const ReportInterval* ShownInterval(const ReportTable& table,
                                    const ReportCell& cell) {
  for (const ReportInterval& interval : cell.difference().intervals()) {
    if (interval.level() == table.statistics().interval()) return &interval;
  }
  return nullptr;
}

std::string ByText(const ReportTable& table, int best, int next,
                   ReportCell::Kind kind) {
  if (next < 0) return "There is nothing to compare it with.";
  const ReportRow& row = table.rows(best);
  const ReportRow* const compared = ComparedRow(table, best, next);
  const ReportCell* const cell =
      compared == nullptr ? nullptr : CellOfKind(*compared, kind);
  if (cell == nullptr || !cell->has_delta_to_base()) {
    return absl::StrCat(
        Percent(MeanOf(row, kind) - MeanOf(table.rows(next), kind)),
        " points above the next, ", LabelOf(table.rows(next)), ".");
  }
  std::string text =
      row.is_base()
          ? absl::StrCat("No setting is above the base. The next, ",
                         LabelOf(*compared), ", differs from it by ",
                         SignedPercent(cell->delta_to_base()), " points")
          : absl::StrCat(SignedPercent(cell->delta_to_base()),
                         " points against the base");
  if (const ReportInterval* interval = ShownInterval(table, *cell)) {
    absl::StrAppendFormat(&text, ", %.4g %% interval [%s, %s]",
                          100 * table.statistics().confidence(),
                          SignedPercent(interval->low()),
                          SignedPercent(interval->high()));
  }
  if (!row.is_base() && !table.rows(next).is_base()) {
    absl::StrAppend(&text, ", and ",
                    Percent(MeanOf(row, kind) - MeanOf(table.rows(next), kind)),
                    " points above the next, ", LabelOf(table.rows(next)));
  }
  return absl::StrCat(text, ".");
}

std::string CertainText(const ReportTable& table, int best, int next,
                        ReportCell::Kind kind) {
  const ReportRow* const compared = ComparedRow(table, best, next);
  const ReportCell* const cell =
      compared == nullptr ? nullptr : CellOfKind(*compared, kind);
  if (cell == nullptr || !cell->has_difference()) {
    return "Nothing was tested.";
  }
  const ReportDifference& difference = cell->difference();
  const bool seeds = TestsSeeds(table);
  const bool has_p =
      seeds ? difference.has_p_seeds_holm() : difference.has_p_items_holm();
  if (!has_p) return "Not known: these runs cannot be tested.";
  const double p =
      seeds ? difference.p_seeds_holm() : difference.p_items_holm();
  const std::string with_p = absl::StrCat(
      "p = ", PValue(p), " after Holm's correction over ",
      Counted(table.statistics().family(), "comparison", "comparisons"));
  if (difference.certain()) {
    return absl::StrCat(
        "Yes, ", seeds ? "for any seed" : "of these trained runs", ": ", with_p,
        seeds ? " (test over seeds)." : " (test over items).");
  }
  std::string text =
      absl::StrCat(seeds ? "Not for other seeds: " : "No: ", with_p);
  if (seeds && difference.has_smallest_p() &&
      difference.smallest_p() > 1 - table.statistics().confidence()) {
    absl::StrAppend(&text, ", and so few seeds cannot give less than ",
                    PValue(difference.smallest_p()));
  }
  if (seeds && difference.has_p_items_holm()) {
    absl::StrAppend(&text,
                    difference.certain_of_runs()
                        ? ". For these trained runs, yes: p = "
                        : ". Not for these trained runs: p = ",
                    PValue(difference.p_items_holm()), " over items");
  }
  if (difference.has_seeds_needed()) {
    absl::StrAppend(&text, ". A difference of this size needs about ",
                    difference.seeds_needed(), " seeds a cell");
  }
  return absl::StrCat(text, ".");
}

// "vehicle (41 items): 12.30 %", of the groups of a breakdown the worst.
std::string WorstGroup(const ReportTable& table, ReportBreakdown::By by,
                       int row) {
  for (const ReportBreakdown& breakdown : table.breakdowns()) {
    if (breakdown.by() != by || breakdown.groups_size() < 2) continue;
    const BreakdownGroup* worst = nullptr;
    for (const BreakdownGroup& group : breakdown.groups()) {
      if (group.items() < kFewItems || row >= group.cells_size() ||
          group.cells(row).n() == 0) {
        continue;
      }
      if (worst == nullptr ||
          group.cells(row).giou() < worst->cells(row).giou()) {
        worst = &group;
      }
    }
    if (worst == nullptr) continue;
    return absl::StrCat(ShownText(worst->label()), " (",
                        Counted(worst->items(), "item", "items"),
                        "): ", Percent(worst->cells(row).giou()), " %");
  }
  return "";
}

std::string FailsText(const ReportTable& table, const TableRuns& runs,
                      int best) {
  std::vector<std::string> worst;
  for (const auto& [by, name] :
       {std::pair{ReportBreakdown::CATEGORY, "category "},
        std::pair{ReportBreakdown::OBJECT_SIZE, "size "},
        std::pair{ReportBreakdown::SENTENCE, "sentences with "}}) {
    const std::string group = WorstGroup(table, by, best);
    if (!group.empty()) worst.push_back(absl::StrCat(name, group));
  }
  std::string text;
  if (!worst.empty()) {
    text = absl::StrCat("Its lowest gIoU: ", absl::StrJoin(worst, "; "), ". ");
  }
  const ScoreRules rules = FromReportRules(table.rules());
  int64_t items = 0;
  int64_t missed = 0;
  int64_t poor = 0;
  for (const ScoredRun& run : runs[static_cast<size_t>(best)]) {
    for (const EvalItem& item : run.items) {
      const ItemCounts counts = {
          .item_id = item.item_id(),
          .intersection = item.prediction().intersection(),
          .union_ = item.prediction().union_()};
      if (!IsScored(counts, rules)) continue;
      const double iou = ItemIou(counts, rules);
      ++items;
      missed += iou == 0;
      poor += iou < 0.5;
    }
  }
  if (items > 0) {
    const auto share = [items](int64_t count) {
      return absl::StrFormat("%.1f %%", 100 * static_cast<double>(count) /
                                            static_cast<double>(items));
    };
    absl::StrAppend(&text, "Below an IoU of 0.5 are ", share(poor),
                    " of its answers; ", share(missed),
                    " do not touch the object.");
  }
  return text;
}

}  // namespace

std::vector<ReportCell::Kind> PrimaryOf(const ReportTable& table) {
  std::vector<ReportCell::Kind> kinds;
  for (const int kind : table.statistics().primary()) {
    kinds.push_back(static_cast<ReportCell::Kind>(kind));
  }
  if (kinds.empty()) kinds.push_back(ReportCell::GIOU);
  return kinds;
}

const ReportCell* CellOfKind(const ReportRow& row, ReportCell::Kind kind) {
  for (const ReportCell& cell : row.metrics()) {
    if (cell.kind() == kind) return &cell;
  }
  return nullptr;
}

std::optional<int> BestRow(const ReportTable& table) {
  const int best = NextRow(table, -1, PrimaryOf(table).front());
  if (best < 0) return std::nullopt;
  return best;
}

std::string DesignSentence(const ReportTable& table) {
  if (table.rows().empty()) return "No cell was selected.";
  const std::string varied = VariedText(table);
  std::set<std::string> runs;
  std::set<std::string> done;
  for (const ReportRow& row : table.rows()) {
    for (const ReportRun& run : row.runs()) {
      runs.insert(run.spec_id());
      if (run.missing().empty()) done.insert(run.spec_id());
    }
  }
  std::string text = Counted(table.rows_size(), "cell", "cells");
  if (!varied.empty()) {
    absl::StrAppend(&text, table.rows_size() == 1 ? " varies " : " vary ",
                    varied);
  }
  if (const ReportRow* base = BaseOf(table)) {
    std::vector<std::string> settings;
    for (const ReportSetting& setting : table.base_settings()) {
      settings.push_back(absl::StrCat(ShownText(setting.axis()), " ",
                                      ShownText(setting.value())));
    }
    absl::StrAppend(&text,
                    varied.empty() ? "; the base is " : " around the base, ",
                    base->label() == "base" ? "" : ShownText(base->label()),
                    base->label() == "base" || settings.empty() ? "" : ": ",
                    absl::StrJoin(settings, ", "));
  }
  absl::StrAppend(&text, SeedsText(table), "; ", done.size(), " of ",
                  Counted(static_cast<int64_t>(runs.size()), "run", "runs"),
                  done.size() == 1 ? " has" : " have", " a result");
  if (table.items() > 0) {
    absl::StrAppend(&text, "; evaluated on ",
                    Counted(table.items(), "item", "items"), " of split ",
                    ShownText(table.split()),
                    table.dataset().empty()
                        ? ""
                        : absl::StrCat(" of ", ShownText(table.dataset())));
  }
  return absl::StrCat(text, ".");
}

std::optional<TableAnswers> AnswersOf(const ReportTable& table,
                                      const TableRuns& runs) {
  const std::optional<int> best = BestRow(table);
  if (!best.has_value()) return std::nullopt;
  const ReportCell::Kind kind = PrimaryOf(table).front();
  const int next = NextRow(table, *best, kind);
  return TableAnswers{.wins = WinsText(table, *best, kind),
                      .by_how_much = ByText(table, *best, next, kind),
                      .certain = CertainText(table, *best, next, kind),
                      .fails = FailsText(table, runs, *best)};
}

}  // namespace transect
