#include "analysis/answers/breakdown.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/answers/row_runs.h"
#include "analysis/score_run.h"
#include "analysis/statistics/interval.h"
#include "data/annotations/rrsisd.h"
#include "metrics/segmentation.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A group and its place among the groups.
using Group = std::pair<int64_t, std::string>;
// The group of an item, or nothing where the log does not say it.
using GroupOf = std::function<std::optional<Group>(const EvalItem&)>;

using TableRuns = std::vector<std::vector<ScoredRun>>;

// Groups of the items by id: of every item what the first run says that knows
// it. Nothing where some item is unknown in all runs.
std::optional<std::map<int64_t, Group>> GroupItems(const TableRuns& rows,
                                                   const GroupOf& group_of) {
  std::map<int64_t, Group> groups;
  size_t items = 0;
  for (const std::vector<ScoredRun>& runs : rows) {
    for (const ScoredRun& run : runs) {
      items = run.items.size();
      if (groups.size() == items) break;
      for (const EvalItem& item : run.items) {
        if (groups.count(item.item_id()) > 0) continue;
        if (std::optional<Group> group = group_of(item)) {
          groups.emplace(item.item_id(), *std::move(group));
        }
      }
    }
  }
  if (groups.size() < items) return std::nullopt;
  return groups;
}

// The metrics of one row by group, of its runs in their order.
struct GroupScores {
  std::vector<double> gious;
  std::vector<double> cious;
  // By threshold of Pr@X.
  std::array<std::vector<double>, kPrecisionTenths.size()> prs;
};

absl::StatusOr<std::map<Group, GroupScores>> ScoreGroups(
    const std::vector<ScoredRun>& runs, const std::map<int64_t, Group>& groups,
    const ScoreRules& rules) {
  std::map<Group, GroupScores> scores;
  for (const ScoredRun& run : runs) {
    std::map<Group, std::vector<ItemCounts>> parts;
    for (const EvalItem& item : run.items) {
      const ItemCounts counts = {
          .item_id = item.item_id(),
          .intersection = item.prediction().intersection(),
          .union_ = item.prediction().union_()};
      // Rules may leave out all items of a group, which then has no score.
      if (IsScored(counts, rules)) {
        parts[groups.at(item.item_id())].push_back(counts);
      }
    }
    for (const auto& [group, items] : parts) {
      TRANSECT_ASSIGN_OR_RETURN(const SegmentationScores of_run,
                                Score(items, rules));
      scores[group].gious.push_back(of_run.giou);
      scores[group].cious.push_back(of_run.ciou);
      for (size_t i = 0; i < of_run.pr.size(); ++i) {
        scores[group].prs[i].push_back(of_run.pr[i]);
      }
    }
  }
  return scores;
}

BreakdownCell CellOf(const GroupScores& scores) {
  BreakdownCell cell;
  const Moments giou = MomentsOf(scores.gious);
  cell.set_n(giou.n);
  cell.set_giou(giou.mean);
  if (giou.n >= 2) cell.set_giou_sd(giou.sd);
  cell.set_ciou(MomentsOf(scores.cious).mean);
  if (giou.n == 0) return cell;
  for (const std::vector<double>& values : scores.prs) {
    cell.add_pr(MomentsOf(values).mean);
  }
  return cell;
}

absl::StatusOr<ReportBreakdown> Break(ReportBreakdown::By by,
                                      const TableRuns& rows,
                                      const ScoreRules& rules,
                                      const GroupOf& group_of,
                                      const std::string& missing) {
  ReportBreakdown breakdown;
  breakdown.set_by(by);
  const auto groups = GroupItems(rows, group_of);
  if (!groups.has_value()) {
    breakdown.set_missing(missing);
    return breakdown;
  }
  std::map<Group, int64_t> counts;
  for (const auto& [id, group] : *groups) ++counts[group];
  for (const auto& [group, items] : counts) {
    BreakdownGroup* const added = breakdown.add_groups();
    added->set_label(group.second);
    added->set_items(items);
  }
  for (const std::vector<ScoredRun>& runs : rows) {
    TRANSECT_ASSIGN_OR_RETURN(auto scores, ScoreGroups(runs, *groups, rules));
    int at = 0;
    for (const auto& [group, items] : counts) {
      *breakdown.mutable_groups(at++)->add_cells() = CellOf(scores[group]);
    }
  }
  return breakdown;
}

GroupOf ByCategory(const ReportTable& table) {
  return [&table](const EvalItem& item) -> std::optional<Group> {
    if (item.category_id() < 0) return std::nullopt;
    return Group(item.category_id(), CategoryName(table, item.category_id()));
  };
}

// "up to 0.33 %", "0.33 to 3 %", "above 3 %".
std::string BinName(absl::Span<const double> bounds, size_t bin) {
  const auto percent = [&](size_t i) {
    return absl::StrFormat("%.3g", 100 * bounds[i]);
  };
  if (bin == 0) return absl::StrCat("up to ", percent(0), " % of the image");
  if (bin == bounds.size()) {
    return absl::StrCat("above ", percent(bin - 1), " % of the image");
  }
  return absl::StrCat(percent(bin - 1), " to ", percent(bin),
                      " % of the image");
}

GroupOf BySize(absl::Span<const double> bounds) {
  return [bounds](const EvalItem& item) -> std::optional<Group> {
    if (!item.has_target_area() || item.image_pixels() <= 0) {
      return std::nullopt;
    }
    const double share = static_cast<double>(item.target_area()) /
                         static_cast<double>(item.image_pixels());
    const size_t bin = static_cast<size_t>(
        std::lower_bound(bounds.begin(), bounds.end(), share) - bounds.begin());
    return Group(static_cast<int64_t>(bin), BinName(bounds, bin));
  };
}

std::optional<Group> BySentence(const EvalItem& item) {
  if (item.sentence_parts().empty()) return std::nullopt;
  int64_t place = 0;
  for (const int part : item.sentence_parts()) place = 10 * place + part;
  return Group(place, SentenceName(item));
}

// Whether categories are those of RRSIS-D.
bool HasRrsisdCategories(const ReportTable& table) {
  return absl::StrContains(table.dataset(), "synthetic") ||
         absl::StrContains(table.dataset(), "(RRSISD");
}

}  // namespace

absl::Status CheckSizeBounds(absl::Span<const double> bounds) {
  double last = 0;
  for (const double bound : bounds) {
    // Also refuses what is not a number.
    if (!(bound > last && bound < 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("report.size_bound is [", absl::StrJoin(bounds, ", "),
                       "], must be ascending and between 0 and 1: shares of "
                       "the image"));
    }
    last = bound;
  }
  return absl::OkStatus();
}

absl::Status AddBreakdowns(const ReportInput& input,
                           absl::Span<const double> bounds,
                           ComparisonReport* report) {
  TRANSECT_RETURN_IF_ERROR(CheckSizeBounds(bounds));
  for (ReportTable& table : *report->mutable_tables()) {
    if (table.items() == 0) continue;
    TableRuns rows;
    for (const RowInput& row : InputOf(input, table).rows) {
      rows.push_back(ScoredRuns(row, table.split()));
    }
    const ScoreRules rules = FromReportRules(table.rules());
    const std::string older =
        "; logs of this version say it: evaluate the runs again";
    TRANSECT_ASSIGN_OR_RETURN(
        *table.add_breakdowns(),
        Break(ReportBreakdown::CATEGORY, rows, rules, ByCategory(table),
              "the data set has no categories"));
    TRANSECT_ASSIGN_OR_RETURN(
        *table.add_breakdowns(),
        Break(ReportBreakdown::OBJECT_SIZE, rows, rules, BySize(bounds),
              absl::StrCat(
                  "the metric logs do not say how large images and objects are",
                  older)));
    TRANSECT_ASSIGN_OR_RETURN(
        *table.add_breakdowns(),
        Break(ReportBreakdown::SENTENCE, rows, rules, BySentence,
              absl::StrCat("the metric logs do not say what sentences say",
                           older)));
  }
  return absl::OkStatus();
}

std::string CategoryName(const ReportTable& table, int category) {
  if (category < 0) return "";
  return HasRrsisdCategories(table) &&
                 category < static_cast<int>(kRrsisdCategories.size())
             ? kRrsisdCategories[category].phrase
             : absl::StrCat("category ", category);
}

std::string SentenceName(const EvalItem& item) {
  std::vector<std::string> words;
  for (const int part : item.sentence_parts()) {
    words.push_back(part == EvalItem::ONLY_CATEGORY ? "category alone"
                    : part == EvalItem::COLOR       ? "color"
                    : part == EvalItem::SIZE        ? "size"
                    : part == EvalItem::POSITION    ? "position"
                    : part == EvalItem::RELATION    ? "relation"
                                                    : "other");
  }
  return absl::StrJoin(words, " and ");
}

std::string BreakdownName(ReportBreakdown::By by) {
  switch (by) {
    case ReportBreakdown::CATEGORY:
      return "category";
    case ReportBreakdown::OBJECT_SIZE:
      return "size";
    case ReportBreakdown::SENTENCE:
      return "sentence";
    default:
      return "";
  }
}

}  // namespace transect
