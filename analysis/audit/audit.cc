#include "analysis/audit/audit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "analysis/audit/conflicts.h"
#include "analysis/audit/findings.h"
#include "analysis/audit/granularity.h"

namespace transect {
namespace {

using Known = std::pair<std::string, int64_t>;

constexpr std::pair<AuditGroup::Shortening, Shortening> kShortenings[] = {
    {AuditGroup::ROUNDED, Shortening::kRounded},
    {AuditGroup::TRUNCATED, Shortening::kTruncated},
    {AuditGroup::EITHER, Shortening::kEither}};

// Of the scan, so many numbers are shown.
constexpr size_t kShownOfScan = 5;

std::vector<PrintedNumber> SharesOf(const AuditRow& row) {
  std::vector<PrintedNumber> shares;
  for (const AuditValue& value : row.values) {
    if (value.is_share) shares.push_back(value.number);
  }
  return shares;
}

AuditGroup::Fit FitOf(absl::Span<const PrintedNumber> shares,
                      const Known& known,
                      const std::pair<AuditGroup::Shortening, Shortening>& how,
                      double tried) {
  const FitCount count = CountFits(shares, known.second, how.second);
  AuditGroup::Fit fit;
  fit.set_items(known.second);
  fit.set_split(known.first);
  fit.set_shortening(how.first);
  fit.set_fits(count.fits);
  fit.set_expected(count.expected);
  fit.set_tail(count.tail);
  fit.set_corrected_tail(std::min(1.0, count.tail * tried));
  return fit;
}

// How much better the shares are explained as shares of so many items, of which
// kSlips are misprinted, than by chance: the highest logarithm of a ratio of
// likelihoods over the ways of shortening. A tail alone would prefer a small
// number that explains three of five values to a large one that explains four.
double Evidence(absl::Span<const PrintedNumber> shares, int64_t items) {
  constexpr double kSlips = 0.03;
  double best = -std::numeric_limits<double>::infinity();
  for (const auto& [shown, how] : kShortenings) {
    double sum = 0;
    for (const PrintedNumber& share : shares) {
      const double chance = ChanceOfFit(share, items, how);
      sum += chance >= 1 ? 0
             : WholeShare(share, items, how).has_value()
                 ? std::log((1 - kSlips) / chance)
                 : std::log(kSlips / (1 - chance));
    }
    best = std::max(best, sum);
  }
  return best;
}

// Whether every share fits so many items by chance.
bool FitsAnyway(absl::Span<const PrintedNumber> shares, int64_t items) {
  return std::ranges::all_of(shares, [&](const PrintedNumber& share) {
    return ChanceOfFit(share, items, Shortening::kRounded) >= 1;
  });
}

// The known number that explains the row best, by its position, of those that
// say anything; nothing where none is known.
std::optional<size_t> BestKnown(const AuditRow& row,
                                const std::vector<Known>& known,
                                double* evidence = nullptr) {
  const std::vector<PrintedNumber> shares = SharesOf(row);
  std::optional<size_t> best;
  double most = 0;
  for (size_t i = 0; i < known.size(); ++i) {
    if (FitsAnyway(shares, known[i].second)) continue;
    const double here = Evidence(shares, known[i].second);
    if (best.has_value() && here <= most) continue;
    best = i;
    most = here;
  }
  if (evidence != nullptr) *evidence = most;
  return best;
}

AuditGroup::Row ShownRow(const AuditRow& row, int64_t items) {
  AuditGroup::Row shown;
  shown.set_label(row.label);
  shown.set_source(row.source);
  shown.set_stated_split(row.split);
  for (const AuditValue& value : row.values) {
    if (!value.is_share) continue;
    AuditGroup::Value* const added = shown.add_values();
    added->set_column(value.column);
    added->set_printed(value.printed);
    added->set_k(
        WholeShare(value.number, items, Shortening::kEither).value_or(-1));
    added->set_rounded(
        WholeShare(value.number, items, Shortening::kRounded).has_value());
    added->set_truncated(
        WholeShare(value.number, items, Shortening::kTruncated).has_value());
  }
  return shown;
}

std::vector<AuditGroup::Fit> ScanOf(absl::Span<const PrintedNumber> shares,
                                    const AuditScan& scan) {
  const double tried =
      static_cast<double>(scan.high - scan.low + 1) * std::size(kShortenings);
  std::vector<AuditGroup::Fit> all;
  for (int64_t items = scan.low; items <= scan.high; ++items) {
    std::optional<AuditGroup::Fit> best;
    for (const auto& how : kShortenings) {
      AuditGroup::Fit fit = FitOf(shares, {"", items}, how, tried);
      if (!best.has_value() || fit.tail() < best->tail()) best = std::move(fit);
    }
    all.push_back(*std::move(best));
  }
  std::ranges::stable_sort(all, {}, &AuditGroup::Fit::tail);
  all.resize(std::min(all.size(), kShownOfScan));
  return all;
}

AuditGroup MakeGroup(absl::Span<const AuditRow* const> rows,
                     const AuditInput& input, std::optional<size_t> known,
                     const AuditScan& scan) {
  AuditGroup group;
  std::vector<PrintedNumber> shares;
  for (const AuditRow* row : rows) {
    const std::vector<PrintedNumber> of_row = SharesOf(*row);
    shares.insert(shares.end(), of_row.begin(), of_row.end());
  }
  group.set_values(static_cast<int>(shares.size()));
  group.set_scanned(scan.high - scan.low + 1);
  for (AuditGroup::Fit& fit : ScanOf(shares, scan)) {
    *group.add_scan() = std::move(fit);
  }
  // Every way to deal the rows to the known numbers, and of shortening.
  const double tried = std::pow(static_cast<double>(input.known.size()),
                                static_cast<double>(rows.size())) *
                       std::size(kShortenings);
  for (const Known& each : input.known) {
    for (const auto& how : kShortenings) {
      *group.add_known() = FitOf(shares, each, how, tried);
    }
  }
  int64_t items = 0;
  if (known.has_value()) {
    items = input.known[*known].second;
    group.set_items(items);
    group.set_split(input.known[*known].first);
  } else if (group.scan(0).corrected_tail() < kDecisive) {
    items = group.scan(0).items();
  }
  for (const AuditRow* row : rows) {
    *group.add_rows() = ShownRow(*row, items);
  }
  return group;
}

// Which rows count: of a training that is printed twice the one that fits
// better.
std::vector<bool> Counted(const AuditInput& input,
                          absl::Span<const SameTraining> same) {
  std::vector<bool> counted(input.rows.size(), true);
  for (const SameTraining& pair : same) {
    if (!counted[pair.a] || !counted[pair.b]) continue;
    double of_a = 0;
    double of_b = 0;
    BestKnown(input.rows[pair.a], input.known, &of_a);
    BestKnown(input.rows[pair.b], input.known, &of_b);
    counted[of_b > of_a ? pair.a : pair.b] = false;
  }
  for (size_t i = 0; i < input.rows.size(); ++i) {
    if (SharesOf(input.rows[i]).empty()) counted[i] = false;
  }
  return counted;
}

}  // namespace

absl::StatusOr<AuditReport> Audit(const AuditInput& input,
                                  const AuditScan& scan) {
  if (scan.low < 1 || scan.high < scan.low ||
      scan.high - scan.low >= kMostScanned) {
    return absl::InvalidArgumentError(
        absl::StrCat("the scan is ", scan.low, " to ", scan.high,
                     ", must be an ascending range from 1 with at most ",
                     kMostScanned, " numbers"));
  }
  const std::vector<SameTraining> same = SameTrainings(input.rows);
  const std::vector<bool> counted = Counted(input, same);
  std::map<std::pair<size_t, std::string>, std::vector<const AuditRow*>> groups;
  for (size_t i = 0; i < input.rows.size(); ++i) {
    if (!counted[i]) continue;
    const AuditRow& row = input.rows[i];
    const size_t known =
        BestKnown(row, input.known).value_or(input.known.size());
    groups[{known, row.group}].push_back(&row);
  }
  if (groups.empty()) {
    return absl::InvalidArgumentError(
        "no row has a share of items (Pr@X); means and ratios of sums cannot "
        "be audited");
  }
  AuditReport report;
  report.mutable_sources()->Assign(input.sources.begin(), input.sources.end());
  for (const auto& [key, rows] : groups) {
    const std::optional<size_t> known = key.first == input.known.size()
                                            ? std::nullopt
                                            : std::optional<size_t>(key.first);
    *report.add_groups() = MakeGroup(rows, input, known, scan);
  }
  std::stable_sort(report.mutable_groups()->begin(),
                   report.mutable_groups()->end(),
                   [](const AuditGroup& a, const AuditGroup& b) {
                     return a.rows_size() > b.rows_size();
                   });
  AddFindings(input, same, &report);
  return report;
}

}  // namespace transect
