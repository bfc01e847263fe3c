#include "analysis/audit/findings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "analysis/written/printed_number.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

// A sentence names so many rows and values.
constexpr size_t kMostNamed = 12;

std::string Several(std::vector<std::string> names) {
  if (names.size() > kMostNamed) {
    const size_t more = names.size() - kMostNamed + 1;
    names.resize(kMostNamed - 1);
    names.push_back(absl::StrCat(more, " more"));
  }
  return absl::StrJoin(names, ", ");
}

void AddConflict(AuditConflict::Kind kind, std::string text,
                 AuditReport* report) {
  AuditConflict* const conflict = report->add_conflicts();
  conflict->set_kind(kind);
  conflict->set_text(std::move(text));
}

std::string NumberName(int64_t items, const std::string& split) {
  return split.empty() ? absl::StrCat("N = ", items)
                       : absl::StrCat("N = ", items, " (", split, ")");
}

// "44 of 45 rounded or truncated (11.7 expected, p = 7e-25)".
std::string CountOf(const AuditGroup::Fit& fit, int values) {
  return absl::StrFormat("%d of %d %s (%.1f expected, p = %s)", fit.fits(),
                         values, ShorteningName(fit.shortening()),
                         fit.expected(), ProbabilityText(fit.tail()));
}

std::string CountsAt(const AuditGroup& group, int64_t items) {
  std::vector<std::string> counts;
  for (const AuditGroup::Fit& fit : group.known()) {
    if (fit.items() == items) counts.push_back(CountOf(fit, group.values()));
  }
  return absl::StrJoin(counts, ", ");
}

// The fit of the group's own number that says most; null without one.
const AuditGroup::Fit* BestFit(const AuditGroup& group) {
  const AuditGroup::Fit* best = nullptr;
  for (const AuditGroup::Fit& fit : group.known()) {
    if (fit.items() == group.items() &&
        (best == nullptr || fit.tail() < best->tail())) {
      best = &fit;
    }
  }
  if (best == nullptr && group.scan_size() > 0) return &group.scan(0);
  return best;
}

std::string RowsOf(const AuditGroup& group) {
  std::vector<std::string> labels;
  for (const AuditGroup::Row& row : group.rows()) labels.push_back(row.label());
  return absl::StrCat(CountText(group.rows_size(), "row"), " (",
                      Several(std::move(labels)), ")");
}

// Whether every value of the group that fits `multiple` times its number does
// so with a k that is `multiple` times a whole number.
bool AllAreMultiples(const AuditGroup& group, int64_t items, int64_t multiple) {
  for (const AuditGroup::Row& row : group.rows()) {
    for (const AuditGroup::Value& value : row.values()) {
      const auto number = ParsePrintedNumber(value.printed());
      const auto once = WholeShare(*number, items, Shortening::kEither);
      const auto more =
          WholeShare(*number, items * multiple, Shortening::kEither);
      if (more.has_value() && !once.has_value()) return false;
    }
  }
  return true;
}

std::string ScanText(const AuditGroup& group, int64_t items) {
  if (group.scan_size() == 0) return "";
  const AuditGroup::Fit& best = group.scan(0);
  std::string text = absl::StrCat(
      "Of the ", group.scanned(), " numbers scanned, ", best.items(),
      " fits best (", CountOf(best, group.values()), ")");
  std::vector<std::string> others;
  for (int i = 1; i < std::min(3, group.scan_size()); ++i) {
    const AuditGroup::Fit& other = group.scan(i);
    std::string name = absl::StrCat(
        other.items(), " with p = ", ProbabilityText(other.tail()));
    if (items > 0 && other.items() % items == 0 && other.items() > items) {
      const int64_t multiple = other.items() / items;
      absl::StrAppend(&name, ", ", multiple, " times ", items,
                      AllAreMultiples(group, items, multiple)
                          ? ", where all that fits is a share of the smaller "
                            "too"
                          : "");
    } else if (items > 0 && items % other.items() == 0 &&
               other.items() < items) {
      absl::StrAppend(&name, ", 1/", items / other.items(), " of ", items);
    }
    others.push_back(std::move(name));
  }
  return absl::StrCat(text, "; next ", absl::StrJoin(others, "; "), ".");
}

// "1296 are 74.48, 1297 are 74.54".
std::string Neighbors(const PrintedNumber& number, int64_t items) {
  const int64_t below = number.units * items / (100 * number.scale);
  int digits = 0;
  for (int64_t scale = number.scale; scale > 1; scale /= 10) ++digits;
  std::vector<std::string> near;
  for (int64_t k = below; k <= std::min(below + 1, items); ++k) {
    near.push_back(absl::StrFormat(
        "%d are %.*f", k, digits,
        100.0 * static_cast<double>(k) / static_cast<double>(items)));
  }
  return absl::StrJoin(near, ", ");
}

void AddMisfits(const AuditGroup& group, int64_t items, AuditReport* report) {
  for (const AuditGroup::Row& row : group.rows()) {
    for (const AuditGroup::Value& value : row.values()) {
      if (value.k() >= 0) continue;
      AddConflict(
          AuditConflict::MISFIT,
          absl::StrCat(
              value.column(), " ", value.printed(), " of ", row.label(), " (",
              row.source(), ") is no whole share of ", items, " items: ",
              Neighbors(*ParsePrintedNumber(value.printed()), items), "."),
          report);
    }
  }
}

void AddStatedSplits(const AuditGroup& group, AuditReport* report) {
  std::vector<std::string> labels;
  for (const AuditGroup::Row& row : group.rows()) {
    if (!row.stated_split().empty() && row.stated_split() != group.split()) {
      labels.push_back(
          absl::StrCat(row.label(), " (", row.stated_split(), ")"));
    }
  }
  if (labels.empty()) return;
  AddConflict(
      AuditConflict::OTHER_SPLIT,
      absl::StrCat("The values fit ", NumberName(group.items(), group.split()),
                   ", but another split is stated for ",
                   Several(std::move(labels)), "."),
      report);
}

void AddMixedRows(const AuditGroup& group, AuditReport* report) {
  for (const AuditGroup::Row& row : group.rows()) {
    int rounded = 0;
    int truncated = 0;
    for (const AuditGroup::Value& value : row.values()) {
      rounded += value.rounded() && !value.truncated() ? 1 : 0;
      truncated += value.truncated() && !value.rounded() ? 1 : 0;
    }
    if (rounded > 0 && truncated > 0) {
      report->add_findings(
          absl::StrCat(row.label(), " (", row.source(), ") mixes ", rounded,
                       " values that fit only rounded with ", truncated,
                       " that fit only truncated."));
    }
  }
}

void AddGroup(const AuditGroup& group, AuditReport* report) {
  const AuditGroup::Fit* const best = BestFit(group);
  const bool decisive = best != nullptr && best->corrected_tail() < kDecisive;
  const int64_t items = group.items() > 0 ? group.items() : best->items();
  if (group.items() == 0) {
    report->add_findings(absl::StrCat(
        RowsOf(group), ": no number of items is known that says anything. ",
        ScanText(group, items), " Allowing for all that was tried, p = ",
        ProbabilityText(best->corrected_tail()),
        decisive ? "." : ": no number stands out."));
    if (decisive) AddMisfits(group, items, report);
    return;
  }
  std::string text = absl::StrCat(
      RowsOf(group),
      decisive ? (group.rows_size() == 1 ? " fits " : " fit ")
               : ": no known number stands out of chance; best is ",
      NumberName(items, group.split()), ": ", CountsAt(group, items),
      ". Allowing for all ways to deal rows to splits and of shortening, p = ",
      ProbabilityText(best->corrected_tail()), ".");
  std::set<int64_t> told = {items};
  for (const AuditGroup::Fit& fit : group.known()) {
    if (SaysNothing(fit, group.values())) continue;
    if (told.insert(fit.items()).second) {
      absl::StrAppend(&text, " At ", NumberName(fit.items(), fit.split()), ": ",
                      CountsAt(group, fit.items()), ".");
    }
  }
  report->add_findings(std::move(text));
  report->add_findings(ScanText(group, items));
  if (!decisive) return;
  AddMixedRows(group, report);
  AddMisfits(group, items, report);
  AddStatedSplits(group, report);
}

// How a value fits: "1262 truncated", "1267 rounded", "", and whether it fits
// as `wanted`.
std::string HowItFits(const AuditValue& value, int64_t items) {
  const auto rounded = WholeShare(value.number, items, Shortening::kRounded);
  const auto truncated =
      WholeShare(value.number, items, Shortening::kTruncated);
  if (rounded.has_value() && truncated.has_value()) {
    return absl::StrCat(*rounded, " rounded or truncated");
  }
  if (rounded.has_value()) return absl::StrCat(*rounded, " rounded");
  if (truncated.has_value()) return absl::StrCat(*truncated, " truncated");
  return "no whole number";
}

// The way in which most shares of the row but those of `column` fit.
Shortening UsualShortening(const AuditRow& row, absl::string_view column,
                           int64_t items) {
  int rounded = 0;
  int truncated = 0;
  for (const AuditValue& value : row.values) {
    if (!value.is_share || value.column == column) continue;
    rounded +=
        WholeShare(value.number, items, Shortening::kRounded).has_value();
    truncated +=
        WholeShare(value.number, items, Shortening::kTruncated).has_value();
  }
  return truncated > rounded   ? Shortening::kTruncated
         : rounded > truncated ? Shortening::kRounded
                               : Shortening::kEither;
}

// The number of items of the group that has the row; 0 if none has.
int64_t ItemsOf(const AuditRow& row, const AuditReport& report) {
  for (const AuditGroup& group : report.groups()) {
    for (const AuditGroup::Row& each : group.rows()) {
      if (each.label() == row.label && each.source() == row.source) {
        return group.items();
      }
    }
  }
  return 0;
}

void AddSameTraining(const AuditInput& input, const SameTraining& pair,
                     AuditReport* report) {
  if (pair.column.empty()) return;
  const AuditRow& a = input.rows[pair.a];
  const AuditRow& b = input.rows[pair.b];
  std::string text = absl::StrCat(
      NameOf(a), " and ", NameOf(b), " agree in all values but ", pair.column,
      ", which is ", pair.in_a.printed, " and ", pair.in_b.printed);
  const int64_t items = std::max(ItemsOf(a, *report), ItemsOf(b, *report));
  if (items > 0 && pair.in_a.is_share) {
    absl::StrAppend(&text, ": of ", items, " items ",
                    HowItFits(pair.in_a, items), " and ",
                    HowItFits(pair.in_b, items));
    const Shortening usual = UsualShortening(a, pair.column, items);
    const bool fits_a = WholeShare(pair.in_a.number, items, usual).has_value();
    const bool fits_b = WholeShare(pair.in_b.number, items, usual).has_value();
    if (fits_a != fits_b) {
      absl::StrAppend(&text, ". ",
                      fits_a ? pair.in_a.printed : pair.in_b.printed,
                      " fits the way in which the other values of the row are "
                      "shortened, so the other is the likelier slip");
    }
  }
  AddConflict(AuditConflict::NEARLY_EQUAL_ROWS, absl::StrCat(text, "."),
              report);
}

}  // namespace

bool SaysNothing(const AuditGroup::Fit& fit, int values) {
  return fit.expected() >= values;
}

std::string ShorteningName(AuditGroup::Shortening shortening) {
  switch (shortening) {
    case AuditGroup::ROUNDED:
      return "rounded";
    case AuditGroup::TRUNCATED:
      return "truncated";
    default:
      return "rounded or truncated";
  }
}

std::string ProbabilityText(double probability) {
  return absl::StrFormat("%.1g", probability);
}

void AddFindings(const AuditInput& input, absl::Span<const SameTraining> same,
                 AuditReport* report) {
  for (const AuditGroup& group : report->groups()) {
    // Groups stay; findings and conflicts are appended.
    AddGroup(group, report);
  }
  for (const SameTraining& pair : same) AddSameTraining(input, pair, report);
  for (std::string& text : SameLabels(input.rows)) {
    AddConflict(AuditConflict::SAME_LABEL, std::move(text), report);
  }
  for (const std::string& problem : input.problems) {
    AddConflict(AuditConflict::WITHIN_ROW, absl::StrCat(problem, "."), report);
  }
  for (const auto& [split, items] : input.known) {
    const bool silent = std::ranges::all_of(
        report->groups(), [&, items = items](const AuditGroup& group) {
          return std::ranges::all_of(
              group.known(), [&](const AuditGroup::Fit& fit) {
                return fit.items() != items || SaysNothing(fit, group.values());
              });
        });
    if (silent) {
      report->add_remarks(absl::StrCat("Nothing can be said about ",
                                       NumberName(items, split),
                                       ": with so many items every value "
                                       "fits."));
    }
  }
  report->add_remarks(
      "This is evidence about the number of items behind the values. It does "
      "not say which items they were or how it came about, and nothing about "
      "anybody's honesty.");
  report->add_remarks(
      "How values were shortened was chosen after they were seen; the count "
      "of the rounded alone is the plain test.");
  report->add_remarks(
      "Only shares of the items can be audited. cIoU and gIoU leave no trace.");
}

}  // namespace transect
