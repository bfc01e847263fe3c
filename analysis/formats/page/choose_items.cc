#include "analysis/formats/page/choose_items.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "analysis/answers/row_runs.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"

namespace transect {
namespace {

// The items of one list, of which some are taken in turn.
struct List {
  int table = 0;
  GalleryItem::Why why = GalleryItem::Why::kBest;
  std::vector<GalleryView> views;
  // Which runs on which items, the same for the best and the worst of a run: no
  // item is chosen twice of it.
  std::string what;
  // Most extreme first.
  std::vector<int64_t> ids;
  // Of `ids` looked at, and chosen.
  size_t looked = 0;
  std::vector<int64_t> chosen;
};

// How extreme an item is, and which.
using Ranked = std::vector<std::pair<double, int64_t>>;

// By descending extremeness, then ascending id.
std::vector<int64_t> Sorted(Ranked ranked) {
  std::ranges::sort(ranked, [](const auto& a, const auto& b) {
    return std::tuple(-a.first, a.second) < std::tuple(-b.first, b.second);
  });
  std::vector<int64_t> ids;
  for (const auto& [extreme, id] : ranked) ids.push_back(id);
  return ids;
}

std::optional<double> IouOf(const EvalItem& item, const ScoreRules& rules) {
  const ItemCounts counts = {.item_id = item.item_id(),
                             .intersection = item.prediction().intersection(),
                             .union_ = item.prediction().union_()};
  if (!IsScored(counts, rules)) return std::nullopt;
  return ItemIou(counts, rules);
}

Ranked ByIou(const ScoredRun& run, double sign, const ScoreRules& rules) {
  Ranked ranked;
  for (const EvalItem& item : run.items) {
    const std::optional<double> iou = IouOf(item, rules);
    if (iou.has_value()) ranked.emplace_back(sign * *iou, item.item_id());
  }
  return ranked;
}

// Runs of a table have the same items in the same order.
Ranked ByChange(const ScoredRun& base, const ScoredRun& run,
                const ScoreRules& rules) {
  Ranked ranked;
  for (size_t i = 0; i < std::min(base.items.size(), run.items.size()); ++i) {
    const std::optional<double> before = IouOf(base.items[i], rules);
    const std::optional<double> after = IouOf(run.items[i], rules);
    if (before.has_value() && after.has_value() && *before != *after) {
      ranked.emplace_back(std::abs(*after - *before), run.items[i].item_id());
    }
  }
  return ranked;
}

// A run of the base and one of the row with the same seed.
std::optional<std::pair<const ScoredRun*, const ScoredRun*>> EqualSeeds(
    const std::vector<ScoredRun>& base, const std::vector<ScoredRun>& row) {
  for (const ScoredRun& a : base) {
    const auto b = std::ranges::find(row, a.seed, &ScoredRun::seed);
    if (b != row.end()) return std::pair(&a, &*b);
  }
  return std::nullopt;
}

void AddLists(const ReportInput& input, const ReportTable& table, int position,
              std::vector<List>* lists) {
  const TableInput& made_of = InputOf(input, table);
  const std::string where = table.split() + "\n" + table.evaluated_later();
  const auto rows =
      std::min<int>(table.rows_size(), static_cast<int>(made_of.rows.size()));
  int base = -1;
  std::vector<std::vector<ScoredRun>> runs;
  for (int r = 0; r < rows; ++r) {
    runs.push_back(ScoredRuns(made_of.rows[r], table.split()));
    if (table.rows(r).is_base()) base = r;
  }
  for (int r = 0; r < rows; ++r) {
    if (runs[r].empty()) continue;
    const ScoredRun& first = runs[r].front();
    for (const bool best : {true, false}) {
      List list;
      list.table = position;
      list.why = best ? GalleryItem::Why::kBest : GalleryItem::Why::kWorst;
      list.views = {{.row = r, .spec_id = first.spec_id}};
      list.what = first.spec_id + "\n" + where;
      list.ids = Sorted(ByIou(first, best ? 1 : -1, input.rules));
      lists->push_back(std::move(list));
    }
    if (base < 0 || r == base || table.rows(r).other_images()) continue;
    const auto pair = EqualSeeds(runs[base], runs[r]);
    if (!pair.has_value()) continue;
    List list;
    list.table = position;
    list.why = GalleryItem::Why::kChanged;
    list.views = {{.row = base, .spec_id = pair->first->spec_id},
                  {.row = r, .spec_id = pair->second->spec_id}};
    list.what =
        pair->first->spec_id + "\n" + pair->second->spec_id + "\n" + where;
    list.ids = Sorted(ByChange(*pair->first, *pair->second, input.rules));
    lists->push_back(std::move(list));
  }
}

// Takes the next item of the list that was not chosen for the same runs.
bool TakeNext(std::set<std::pair<std::string, int64_t>>* taken, List* list) {
  while (list->looked < list->ids.size()) {
    const int64_t id = list->ids[list->looked++];
    if (taken->emplace(list->what, id).second) {
      list->chosen.push_back(id);
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<GalleryItem> ChooseItems(const ReportInput& input,
                                     const ComparisonReport& report,
                                     size_t most) {
  std::vector<List> lists;
  std::set<std::string> seen;
  for (int t = 0; t < report.tables_size(); ++t) {
    std::vector<List> of_table;
    AddLists(input, report.tables(t), t, &of_table);
    std::set<std::string> here;
    for (List& list : of_table) {
      here.insert(list.what);
      if (seen.count(list.what) == 0) lists.push_back(std::move(list));
    }
    seen.merge(here);
  }
  std::set<std::pair<std::string, int64_t>> taken;
  size_t count = 0;
  for (bool any = true; any && count < most;) {
    any = false;
    for (List& list : lists) {
      if (count == most) break;
      if (TakeNext(&taken, &list)) {
        any = true;
        ++count;
      }
    }
  }
  std::vector<GalleryItem> items;
  for (const List& list : lists) {
    for (const int64_t id : list.chosen) {
      GalleryItem& item = items.emplace_back();
      item.table = list.table;
      item.item_id = id;
      item.why = list.why;
      item.views = list.views;
    }
  }
  return items;
}

}  // namespace transect
