#include "analysis/published_rows.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/measure_name.h"
#include "analysis/published.h"

namespace transect {
namespace {

// Why rows of `set` do not belong to the table, which are of its split; "" if
// they do.
std::string WhyNotPublished(const PublishedSet& set, const std::string& dataset,
                            const ReportTable& table) {
  const std::string of_table =
      table.dataset().empty() ? "another data set" : table.dataset();
  if (set.dataset() != dataset) {
    return absl::StrCat(set.name(), " is of ", set.dataset(),
                        ", the runs of this table are of ", of_table);
  }
  const int64_t items = PublishedItems(set.dataset(), table.split());
  if (items == 0 && table.items() > 0) {
    return absl::StrCat(set.name(), " is of ", set.dataset(),
                        ", of whose split ", table.split(),
                        " the size is not known");
  }
  if (table.items() == 0 || items == table.items()) {
    return "";
  }
  return absl::StrCat(
      set.name(), " is of ", set.dataset(), ", whose split ", table.split(),
      " has ", items, " items; this table is of ", table.items(), " items of ",
      of_table, ", which has its layout and is not known to be it");
}

// What distinguishes a row of the base, by field; nothing if one of its axes
// has none.
using Settings = std::set<std::pair<std::string, std::string>>;

std::optional<Settings> SettingsOf(const ReportRow& row,
                                   const ReportTable& table) {
  Settings settings;
  for (const ReportSetting& setting : row.settings()) {
    const auto axis = std::ranges::find(table.base_settings(), setting.axis(),
                                        &ReportSetting::axis);
    if (axis == table.base_settings().end() || axis->field().empty()) {
      return std::nullopt;
    }
    settings.emplace(axis->field(), setting.value());
  }
  return settings;
}

// Whether the table varies a field of the ablation of `set`, and has in its
// base the values of these fields that the published base has.
bool SameBase(const PublishedSet& set, const ReportTable& table) {
  const auto base = std::ranges::find_if(set.row(), &PublishedRow::is_base);
  if (base == set.row().end() ||
      std::ranges::none_of(table.rows(), &ReportRow::is_base)) {
    return false;
  }
  bool any = false;
  for (const ReportSetting& axis : table.base_settings()) {
    const auto published = std::ranges::find(base->setting(), axis.field(),
                                             &PublishedSetting::field);
    if (published == base->setting().end()) continue;
    if (published->value() != axis.value()) return false;
    any = true;
  }
  return any;
}

// Label of the row of `table` that has the setting of `row`; "" if there is
// none.
std::string SameSetting(const PublishedRow& row, const PublishedSet& set,
                        const ReportTable& table) {
  if (!SameBase(set, table)) return "";
  Settings wanted;
  if (!row.is_base()) {
    if (row.setting().empty()) return "";
    for (const PublishedSetting& setting : row.setting()) {
      wanted.emplace(setting.field(), setting.value());
    }
  }
  for (const ReportRow& own : table.rows()) {
    if (SettingsOf(own, table) == wanted) return own.label();
  }
  return "";
}

PublishedEvaluator::Tie TieOf(const ReportTable& table) {
  return table.rules().tie() == PublishedEvaluator::AT_LEAST
             ? PublishedEvaluator::AT_LEAST
             : PublishedEvaluator::ABOVE;
}

// As ReportRules::resolution, of an evaluator whose resolution is known.
int SideOf(const PublishedEvaluator& evaluator) {
  return std::max(0, evaluator.resolution());
}

// In what the row was measured otherwise than the table, or may have been; a
// phrase each.
std::vector<std::string> OtherRules(const ReportPublished& shown,
                                    const ReportTable& table) {
  if (!shown.has_evaluator()) {
    return {"nobody knows how the published values were measured"};
  }
  std::vector<std::string> differences;
  const PublishedEvaluator& theirs = shown.evaluator();
  if (theirs.resolution() == 0) {
    differences.emplace_back(
        "nobody knows at which resolution the published masks were compared");
  } else if (SideOf(theirs) != table.rules().resolution()) {
    differences.push_back(absl::StrCat(
        "the published masks were compared at ", ResolutionName(SideOf(theirs)),
        ", ours at ", ResolutionName(table.rules().resolution())));
  }
  if (theirs.tie() != TieOf(table)) {
    const auto words = [](PublishedEvaluator::Tie tie) {
      return tie == PublishedEvaluator::AT_LEAST ? "of X or above" : "above X";
    };
    differences.push_back(
        theirs.tie() == PublishedEvaluator::TIE_UNKNOWN
            ? std::string("nobody knows whether the published Pr@X counts ties")
            : absl::StrCat("the published Pr@X counts an IoU ",
                           words(theirs.tie()), ", ours one ",
                           words(TieOf(table))));
  }
  return differences;
}

}  // namespace

void AddPublishedRows(absl::Span<const PublishedSet> sets,
                      const std::string& dataset, ReportTable* table,
                      const ComparedAnyway& anyway) {
  for (const PublishedSet& set : sets) {
    const std::string why_not = WhyNotPublished(set, dataset, *table);
    if (!why_not.empty()) {
      table->add_published_left_out(why_not);
      continue;
    }
    std::map<std::string, int> other_splits;
    int shown_rows = 0;
    for (const PublishedRow& row : set.row()) {
      const std::string split = SplitName(row.split());
      const bool other_split = split != table->split();
      if (other_split && anyway.other_splits.count(set.name()) == 0) {
        ++other_splits[split];
        continue;
      }
      ++shown_rows;
      ReportPublished* shown = table->add_published();
      shown->set_set(set.name());
      shown->set_source(
          absl::StrCat(set.source(), " (", set.year(), "), ", set.place()));
      *shown->mutable_row() = row;
      shown->set_same_as(SameSetting(row, set, *table));
      for (const PublishedEvaluator& evaluator : set.evaluator()) {
        if (evaluator.name() == row.evaluator()) {
          *shown->mutable_evaluator() = evaluator;
        }
      }
      if (other_split) {
        shown->add_differences(absl::StrCat(
            "the published values are of ",
            split.empty() ? "an unknown split" : absl::StrCat("split ", split),
            ", ours of split ", table->split()));
      }
      const bool compared = anyway.other_rules.count(set.name()) > 0;
      for (std::string& difference : OtherRules(*shown, *table)) {
        *(compared ? shown->add_differences() : shown->add_refusals()) =
            std::move(difference);
      }
    }
    if (shown_rows > 0) {
      table->mutable_published_notes()->MergeFrom(set.note());
    }
    for (const auto& [split, count] : other_splits) {
      table->add_published_left_out(absl::StrCat(
          count, count == 1 ? " row of " : " rows of ", set.name(),
          count == 1 ? " is of " : " are of ",
          split.empty() ? "an unknown split" : absl::StrCat("split ", split)));
    }
  }
}

bool IsMeasuredAlike(const ReportPublished& shown, const ReportTable& table,
                     ReportCell::Kind kind) {
  const bool is_precision =
      kind >= ReportCell::PR_50 && kind <= ReportCell::PR_90;
  return shown.has_evaluator() && shown.evaluator().resolution() != 0 &&
         SideOf(shown.evaluator()) == table.rules().resolution() &&
         (!is_precision || shown.evaluator().tie() == TieOf(table));
}

}  // namespace transect
