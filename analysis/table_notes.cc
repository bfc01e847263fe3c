#include "analysis/table_notes.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
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

// What a reader must know before he believes any number of the table; "" if
// there is nothing.
std::string Warning(const ReportTable& table) {
  bool any = false;
  bool all_miss = true;
  bool all_blind = true;
  double bound = 0;
  for (const ReportRow& row : table.rows()) {
    const std::optional<double> giou = MeanOf(row, ReportCell::GIOU);
    if (!giou.has_value()) continue;
    any = true;
    all_miss = all_miss && MeanOf(row, ReportCell::CIOU).value_or(0) == 0;
    const std::optional<double> blind =
        MeanOf(row, ReportCell::ALL_OBJECTS_GIOU);
    all_blind = all_blind && blind.has_value() && *giou <= *blind;
    bound = std::max(bound, blind.value_or(0));
  }
  if (!any) return "";
  if (all_miss) {
    return "WARNING: no mask of any cell touches its target: all masks are "
           "empty or elsewhere.";
  }
  if (all_blind) {
    return absl::StrFormat(
        "WARNING: no cell has a gIoU above %.2f, that of the mask of all "
        "objects, which needs neither sentence nor training: nothing here "
        "shows that a model finds what is named.",
        100 * bound);
  }
  return "";
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
  notes.insert(notes.end(), table.training_notes().begin(),
               table.training_notes().end());
  return notes;
}

}  // namespace transect
