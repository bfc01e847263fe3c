#include "analysis/answers/row_runs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/score_run.h"
#include "data/io/utf8.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

std::vector<ScoredRun> ScoredRuns(const RowInput& row,
                                  absl::string_view split) {
  std::vector<ScoredRun> runs;
  std::set<std::string> spec_ids;
  for (const RunInput& input : row.runs) {
    if (input.items == nullptr ||
        (!input.spec_id.empty() && !spec_ids.insert(input.spec_id).second)) {
      continue;
    }
    ScoredRun run;
    run.seed = input.seed;
    run.spec_id = input.spec_id;
    for (const EvalItem& item : *input.items) {
      if (item.split() == split) run.items.push_back(item);
    }
    std::ranges::sort(run.items, {}, &EvalItem::item_id);
    runs.push_back(std::move(run));
  }
  return runs;
}

RowRuns ToRowRuns(const std::vector<ScoredRun>& runs, ReportCell::Kind kind,
                  const ScoreRules& rules) {
  RowRuns row;
  for (const ScoredRun& run : runs) {
    row.seeds.push_back(run.seed);
    row.runs.push_back(ColumnsOf(run.items, kind, rules));
  }
  return row;
}

CompareSettings SettingsOf(const ReportTable& table) {
  CompareSettings settings;
  if (!table.has_statistics()) return settings;
  const ReportStatistics& statistics = table.statistics();
  settings.confidence = statistics.confidence();
  settings.paired_seeds = statistics.paired_seeds();
  settings.draws.seed = statistics.seed();
  settings.draws.count = statistics.resamples();
  return settings;
}

bool TestsSeeds(const ReportTable& table) {
  if (table.has_statistics()) {
    return table.statistics().test() == ReportInterval::SEEDS;
  }
  return std::ranges::any_of(table.rows(), [](const ReportRow& row) {
    return row.n() >= 2 && row.runs(0).has_seed();
  });
}

const TableInput& InputOf(const ReportInput& input, const ReportTable& table) {
  const auto found =
      std::ranges::find_if(input.tables, [&](const TableInput& each) {
        return ReplaceInvalidUtf8(each.name) == table.name() &&
               ReplaceInvalidUtf8(each.evaluated_later) ==
                   table.evaluated_later();
      });
  TRANSECT_CHECK(found != input.tables.end()) << "no table " << table.name();
  return *found;
}

}  // namespace transect
