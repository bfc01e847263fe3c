#include "analysis/published_rows.h"

#include <cstdint>
#include <map>

#include "absl/strings/str_cat.h"
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

}  // namespace

void AddPublishedRows(absl::Span<const PublishedSet> sets,
                      const std::string& dataset, ReportTable* table) {
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
      if (split != table->split()) {
        ++other_splits[split];
        continue;
      }
      ++shown_rows;
      ReportPublished* shown = table->add_published();
      shown->set_set(set.name());
      shown->set_source(
          absl::StrCat(set.source(), " (", set.year(), "), ", set.place()));
      *shown->mutable_row() = row;
      for (const PublishedEvaluator& evaluator : set.evaluator()) {
        if (evaluator.name() == row.evaluator()) {
          *shown->mutable_evaluator() = evaluator;
        }
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

}  // namespace transect
