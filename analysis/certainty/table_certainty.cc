#include "analysis/certainty/table_certainty.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/answers/row_runs.h"
#include "analysis/statistics/compare.h"
#include "analysis/statistics/coverage/coverage.h"
#include "analysis/statistics/effect.h"
#include "analysis/statistics/holm.h"
#include "analysis/statistics/interval.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A row that can be compared, in every metric.
struct MeasuredRow {
  ReportRow* row = nullptr;
  std::map<ReportCell::Kind, RowRuns> runs;
};

ReportCell* CellOf(ReportRow* row, ReportCell::Kind kind) {
  for (ReportCell& cell : *row->mutable_metrics()) {
    if (cell.kind() == kind) return &cell;
  }
  return nullptr;
}

std::vector<MeasuredRow> MeasureRows(const TableInput& input,
                                     const ScoreRules& rules,
                                     ReportTable* table) {
  std::vector<MeasuredRow> measured;
  for (int i = 0; i < table->rows_size(); ++i) {
    ReportRow* const row = table->mutable_rows(i);
    if (row->n() == 0 || row->other_images()) continue;
    const std::vector<ScoredRun> runs =
        ScoredRuns(input.rows[static_cast<size_t>(i)], table->split());
    MeasuredRow& here = measured.emplace_back();
    here.row = row;
    for (const ReportCell& cell : row->metrics()) {
      here.runs[cell.kind()] = ToRowRuns(runs, cell.kind(), rules);
    }
  }
  return measured;
}

void AddSpread(const ReportStatistics& statistics, ReportCell* cell) {
  if (!cell->has_sample_sd()) return;
  double spread = cell->sample_sd();
  if (statistics.spread() != ReportStatistics::SD) {
    spread /= std::sqrt(cell->n());
  }
  if (statistics.spread() == ReportStatistics::CI) {
    spread *= StudentQuantile(cell->n() - 1, statistics.confidence());
  }
  cell->set_spread(spread);
}

void SetInterval(ReportInterval::Level level, const Interval& interval,
                 ReportInterval* out) {
  out->set_level(level);
  out->set_low(interval.low);
  out->set_high(interval.high);
}

// Wilson's interval of the share of a single run.
void AddShare(const RowRuns& runs, double confidence, ReportCell* cell) {
  if (cell->kind() > ReportCell::PR_90 || runs.runs.size() != 1) return;
  const RatioColumns& columns = runs.runs[0];
  double successes = 0;
  double items = 0;
  for (size_t i = 0; i < columns.numerators.size(); ++i) {
    successes += columns.numerators[i];
    items += columns.denominators.empty() ? 1 : columns.denominators[i];
  }
  if (items == 0) return;
  SetInterval(
      ReportInterval::ITEMS,
      WilsonInterval(std::llround(successes), std::llround(items), confidence),
      cell->mutable_share());
}

IntervalLevel LevelOf(ReportInterval::Level level) {
  switch (level) {
    case ReportInterval::SEEDS:
      return IntervalLevel::kSeeds;
    case ReportInterval::SEEDS_AND_ITEMS:
      return IntervalLevel::kSeedsAndItems;
    default:
      return IntervalLevel::kItems;
  }
}

constexpr ReportInterval::Level kLevels[] = {ReportInterval::ITEMS,
                                             ReportInterval::SEEDS,
                                             ReportInterval::SEEDS_AND_ITEMS};

// Fewest runs of a complete row; of any row if none is complete.
int SeedsOf(const ReportTable& table) {
  int complete = 0;
  int any = 0;
  for (const ReportRow& row : table.rows()) {
    if (row.n() == 0) continue;
    any = any == 0 ? row.n() : std::min(any, row.n());
    if (row.missing_seeds().empty()) {
      complete = complete == 0 ? row.n() : std::min(complete, row.n());
    }
  }
  return complete > 0 ? complete : any;
}

void AddCoverages(ReportTable* table) {
  ReportStatistics& statistics = *table->mutable_statistics();
  for (const ReportInterval::Level level : kLevels) {
    const auto known = CoverageOf({LevelOf(level), SeedsOf(*table),
                                   static_cast<int>(table->items()),
                                   statistics.paired_seeds()});
    if (!known.has_value()) continue;
    IntervalCoverage& coverage = *statistics.add_coverages();
    coverage.set_level(level);
    coverage.set_coverage(known->coverage.share);
    coverage.set_standard_error(known->coverage.standard_error);
    coverage.set_offered(known->coverage.share >= kLeastCoverage);
    coverage.set_seeds(known->simulated.seeds);
    coverage.set_items(known->simulated.items);
    if (coverage.offered() && level != ReportInterval::SEEDS) {
      // The levels ascend: the last one that is offered says most.
      statistics.set_interval(level);
    }
  }
}

CompareSettings SettingsFor(const ReportTable& table, bool with_tests) {
  CompareSettings settings = SettingsOf(table);
  settings.with_tests = with_tests;
  return settings;
}

bool IsPrimary(const ReportTable& table, ReportCell::Kind kind) {
  return std::ranges::find(table.statistics().primary(), kind) !=
         table.statistics().primary().end();
}

void FillDifference(const RowComparison& comparison, int seeds, int items,
                    const ReportStatistics& statistics,
                    ReportDifference* difference) {
  for (const ReportInterval::Level level : kLevels) {
    const std::optional<Interval> interval =
        level == ReportInterval::ITEMS   ? comparison.items
        : level == ReportInterval::SEEDS ? comparison.seeds
                                         : comparison.seeds_and_items;
    if (interval.has_value() &&
        IsOffered({LevelOf(level), seeds, items, statistics.paired_seeds()})) {
      SetInterval(level, *interval, difference->add_intervals());
    }
  }
  difference->set_pairs(comparison.pairs);
  if (comparison.p_items.has_value()) {
    difference->set_p_items(*comparison.p_items);
  }
  if (comparison.p_seeds.has_value()) {
    difference->set_p_seeds(*comparison.p_seeds);
    difference->set_smallest_p(*comparison.smallest_p);
  }
  if (comparison.standardized.has_value()) {
    difference->set_standardized(*comparison.standardized);
  }
}

absl::Status CompareWithBase(std::vector<MeasuredRow>* measured,
                             ReportTable* table) {
  const auto base = std::ranges::find_if(
      *measured, [](const MeasuredRow& each) { return each.row->is_base(); });
  if (base == measured->end() || measured->size() < 2) {
    return absl::OkStatus();
  }
  for (const auto& [kind, base_runs] : base->runs) {
    std::vector<RowRuns> rows;
    std::vector<ReportRow*> places;
    for (const MeasuredRow& each : *measured) {
      if (each.row->is_base()) continue;
      rows.push_back(each.runs.at(kind));
      places.push_back(each.row);
    }
    TRANSECT_ASSIGN_OR_RETURN(
        const std::vector<RowComparison> comparisons,
        CompareRows(base_runs, rows,
                    SettingsFor(*table, IsPrimary(*table, kind))));
    for (size_t i = 0; i < places.size(); ++i) {
      FillDifference(comparisons[i], std::min(places[i]->n(), base->row->n()),
                     static_cast<int>(table->items()), table->statistics(),
                     CellOf(places[i], kind)->mutable_difference());
    }
  }
  return absl::OkStatus();
}

// The best row and all that the declared test does not separate from it.
absl::Status MarkLeading(ReportCell::Kind kind,
                         std::vector<MeasuredRow>* measured,
                         const ReportTable& table) {
  if (measured->size() < 2) return absl::OkStatus();
  const auto best = std::ranges::max_element(
      *measured, {},
      [&](const MeasuredRow& each) { return CellOf(each.row, kind)->mean(); });
  std::vector<RowRuns> rows;
  std::vector<ReportRow*> places;
  for (MeasuredRow& each : *measured) {
    if (&each == &*best) continue;
    rows.push_back(each.runs.at(kind));
    places.push_back(each.row);
  }
  CompareSettings settings = SettingsFor(table, true);
  settings.with_intervals = false;
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<RowComparison> comparisons,
                            CompareRows(best->runs.at(kind), rows, settings));
  std::vector<double> p;
  for (const RowComparison& comparison : comparisons) {
    p.push_back((TestsSeeds(table) ? comparison.p_seeds : comparison.p_items)
                    .value_or(1));
  }
  const std::vector<double> adjusted =
      HolmAdjusted(p, static_cast<int>(p.size()));
  const double level = 1 - table.statistics().confidence();
  const auto separated = [level](double each) { return each <= level; };
  if (std::ranges::none_of(adjusted, separated)) return absl::OkStatus();
  CellOf(best->row, kind)->set_leading(true);
  for (size_t i = 0; i < places.size(); ++i) {
    CellOf(places[i], kind)->set_leading(!separated(adjusted[i]));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddTableCertainty(const TableInput& input, const ScoreRules& rules,
                               ReportTable* table) {
  std::vector<MeasuredRow> measured = MeasureRows(input, rules, table);
  for (ReportRow& row : *table->mutable_rows()) {
    for (auto* cells : {row.mutable_metrics(), row.mutable_controls()}) {
      for (ReportCell& cell : *cells) AddSpread(table->statistics(), &cell);
    }
  }
  for (MeasuredRow& each : measured) {
    for (ReportCell& cell : *each.row->mutable_metrics()) {
      AddShare(each.runs.at(cell.kind()), table->statistics().confidence(),
               &cell);
    }
  }
  AddCoverages(table);
  TRANSECT_RETURN_IF_ERROR(CompareWithBase(&measured, table));
  for (const int kind : table->statistics().primary()) {
    TRANSECT_RETURN_IF_ERROR(
        MarkLeading(static_cast<ReportCell::Kind>(kind), &measured, *table));
  }
  return absl::OkStatus();
}

}  // namespace transect
