#include "analysis/table_notes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/table_differences.h"
#include "analysis/table_marks.h"

namespace transect {
namespace {

// The mean of a measure of a row; nothing where it was not measured.
std::optional<double> MeanOf(const ReportRow& row, ReportCell::Kind kind) {
  for (const auto* cells : {&row.metrics(), &row.controls()}) {
    for (const ReportCell& cell : *cells) {
      if (cell.kind() == kind) return cell.mean();
    }
  }
  return std::nullopt;
}

// What a prediction that reads nothing scores on the images of a row.
struct BlindBound {
  double giou = 0;
  bool of_frequent_place = false;
};

// The highest that is known of the row; nothing where none is.
std::optional<BlindBound> BoundOf(const ReportRow& row) {
  std::optional<BlindBound> bound;
  if (const auto all = MeanOf(row, ReportCell::ALL_OBJECTS_GIOU)) {
    bound = {*all, /*of_frequent_place=*/false};
  }
  for (const ReportRun& run : row.runs()) {
    if (run.has_frequent_place_giou() &&
        (!bound.has_value() || run.frequent_place_giou() > bound->giou)) {
      bound = {run.frequent_place_giou(), /*of_frequent_place=*/true};
    }
  }
  return bound;
}

std::string BlindWarning(const BlindBound& bound) {
  return absl::StrFormat(
      "WARNING: no cell has a gIoU above %.2f, that of %s: nothing here shows "
      "that a model finds what is named.",
      100 * bound.giou,
      bound.of_frequent_place
          ? "one constant mask at the most frequent place, which needs neither "
            "sentence nor image"
          : "the mask of all objects, which needs neither sentence nor "
            "training");
}

// Of masks none of which touches its target: whether they are empty.
std::string MissWarning(const ReportTable& table) {
  int64_t masks = 0;
  int64_t empty = 0;
  bool known = true;
  for (const ReportRow& row : table.rows()) {
    for (const ReportRun& run : row.runs()) {
      if (!run.missing().empty()) continue;
      masks += table.items();
      empty += run.empty_masks();
      known = known && run.has_empty_masks();
    }
  }
  const std::string warning =
      "WARNING: no mask of any cell touches its target: ";
  if (!known) {
    return absl::StrCat(warning,
                        "all masks are empty or elsewhere; the metric logs are "
                        "older than the field that says which.");
  }
  if (empty == masks) return absl::StrCat(warning, "all masks are empty.");
  if (empty == 0) {
    return absl::StrCat(warning, "no mask is empty, all are elsewhere.");
  }
  return absl::StrCat(warning, empty, " of ", masks,
                      " masks are empty, the others are elsewhere.");
}

// What a reader must know before he believes any number of the table; "" if
// there is nothing.
std::string Warning(const ReportTable& table) {
  bool any = false;
  bool all_miss = true;
  bool all_blind = true;
  BlindBound highest;
  for (const ReportRow& row : table.rows()) {
    const std::optional<double> giou = MeanOf(row, ReportCell::GIOU);
    if (!giou.has_value()) continue;
    any = true;
    all_miss = all_miss && MeanOf(row, ReportCell::CIOU).value_or(0) == 0;
    const std::optional<BlindBound> bound = BoundOf(row);
    all_blind = all_blind && bound.has_value() && *giou <= bound->giou;
    if (bound.has_value() && bound->giou > highest.giou) highest = *bound;
  }
  if (!any) return "";
  if (all_miss) return MissWarning(table);
  return all_blind ? BlindWarning(highest) : "";
}

// Runs that are missing for one reason.
struct MissingRuns {
  std::string reason;
  // "LABEL, seed 1 (run ID)".
  std::vector<std::string> runs;
};

void AppendMissing(const ReportTable& table, std::vector<std::string>* notes) {
  constexpr size_t kMostNamed = 6;
  std::vector<MissingRuns> missing;
  size_t all = 0;
  for (const ReportRow& row : table.rows()) {
    for (const ReportRun& run : row.runs()) {
      ++all;
      if (run.missing().empty()) continue;
      auto group =
          std::ranges::find(missing, run.missing(), &MissingRuns::reason);
      if (group == missing.end()) {
        group = missing.insert(missing.end(), {run.missing(), {}});
      }
      group->runs.push_back(
          absl::StrCat(RunTitle(row, run), " (run ", run.spec_id(), ")"));
    }
  }
  for (const MissingRuns& group : missing) {
    const size_t count = group.runs.size();
    if (count == 1) {
      notes->push_back(absl::StrCat(kPartialMark, " ", group.runs[0],
                                    " is missing: ", group.reason, "."));
    } else if (count == all) {
      notes->push_back(absl::StrCat(kPartialMark, " All ", count,
                                    " runs are missing: ", group.reason, "."));
    } else {
      const size_t named = std::min(count, kMostNamed);
      notes->push_back(absl::StrCat(
          kPartialMark, " ", count, " runs are missing: ", group.reason, ": ",
          absl::StrJoin(group.runs.begin(), group.runs.begin() + named, "; "),
          named < count ? absl::StrCat("; and ", count - named, " more") : "",
          "."));
    }
  }
}

}  // namespace

std::vector<std::string> TableNotes(const ReportTable& table) {
  std::vector<std::string> notes;
  if (std::string warning = Warning(table); !warning.empty()) {
    notes.push_back(std::move(warning));
  }
  AppendMissing(table, &notes);
  for (std::string& note : MarkNotes(table)) {
    notes.push_back(std::move(note));
  }
  for (std::string& note : CertaintyNotes(table)) {
    notes.push_back(std::move(note));
  }
  notes.insert(notes.end(), table.training_notes().begin(),
               table.training_notes().end());
  return notes;
}

}  // namespace transect
