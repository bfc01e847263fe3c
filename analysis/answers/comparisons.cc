#include "analysis/answers/comparisons.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "analysis/answers/row_runs.h"
#include "analysis/published.h"
#include "analysis/published_rows.h"
#include "analysis/score_run.h"
#include "analysis/statistics/interval.h"
#include "analysis/statistics/item_bootstrap.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// By the field of PublishedRow, in the order of PrintedValues.
ReportCell::Kind KindOf(const std::string& field) {
  if (field == "ciou") return ReportCell::CIOU;
  if (field == "giou") return ReportCell::GIOU;
  return static_cast<ReportCell::Kind>(ReportCell::PR_50 + field[3] - '5');
}

// The row of the table that a published row is compared with: its position, or
// -1 for none.
int RowFor(const ReportPublished& shown, const ReportTable& table) {
  for (int i = 0; i < table.rows_size(); ++i) {
    const ReportRow& row = table.rows(i);
    const bool wanted = shown.same_as().empty()
                            ? row.is_base() && !shown.row().is_base() &&
                                  shown.row().setting().empty()
                            : row.label() == shown.same_as();
    if (wanted && row.n() > 0 && !row.other_images()) return i;
  }
  return -1;
}

// Our intervals, each computed once.
class OurIntervals {
 public:
  OurIntervals(const TableInput& input, const ReportTable& table)
      : input_(input), table_(table), settings_(SettingsOf(table)) {}

  // Of the mean of a metric that the row has.
  absl::StatusOr<std::optional<Interval>> Of(int row, const ReportCell& cell) {
    const auto key = std::make_pair(row, cell.kind());
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    std::optional<Interval> interval;
    if (cell.n() >= 2) {
      std::vector<double> values;
      for (const SeedValue& value : cell.values()) {
        values.push_back(value.value());
      }
      interval = MeanInterval(values, settings_.confidence);
    } else {
      const std::vector<ScoredRun> runs =
          ScoredRuns(input_.rows[row], table_.split());
      if (runs.size() == 1) {
        const RatioColumns columns = ColumnsOf(runs[0].items, cell.kind(),
                                               FromReportRules(table_.rules()));
        TRANSECT_ASSIGN_OR_RETURN(const WeightedRatios ratios,
                                  BootstrapRatios({columns}, settings_.draws));
        const absl::Span<const double> of_run = ratios.Of(0);
        interval = PercentileInterval({of_run.begin(), of_run.end()},
                                      settings_.confidence);
      }
    }
    known_.emplace(key, interval);
    return interval;
  }

 private:
  const TableInput& input_;
  const ReportTable& table_;
  const CompareSettings settings_;
  std::map<std::pair<int, ReportCell::Kind>, std::optional<Interval>> known_;
};

absl::Status CompareRow(const ReportTable& table, OurIntervals* intervals,
                        ReportPublished* shown) {
  const int at = RowFor(*shown, table);
  if (at < 0) return absl::OkStatus();
  // What the experiment asks to compare anyway is a difference instead.
  const bool refused = !shown->refusals().empty();
  for (const auto& [field, text] : PrintedValues(shown->row())) {
    const ReportCell::Kind kind = KindOf(field);
    const auto cell =
        std::ranges::find(table.rows(at).metrics(), kind, &ReportCell::kind);
    const auto number = ParsePrintedNumber(text);
    if (cell == table.rows(at).metrics().end() || !number.has_value() ||
        (refused && !IsMeasuredAlike(*shown, table, kind))) {
      continue;
    }
    PrintedRange range =
        RangeOf(*number, ShorteningOf(shown->row().rounding()));
    range = {range.low / 100, range.high / 100};
    PublishedComparison* const comparison = shown->add_comparisons();
    comparison->set_kind(kind);
    comparison->set_printed_low(range.low);
    comparison->set_printed_high(range.high);
    comparison->set_ours(cell->mean());
    TRANSECT_ASSIGN_OR_RETURN(const std::optional<Interval> ours,
                              intervals->Of(at, *cell));
    const Interval known = ours.value_or(Interval{cell->mean(), cell->mean()});
    comparison->set_difference_low(known.low - range.high);
    comparison->set_difference_high(known.high - range.low);
    if (!ours.has_value()) {
      comparison->set_verdict(PublishedComparison::NO_INTERVAL);
      continue;
    }
    comparison->set_ours_low(ours->low);
    comparison->set_ours_high(ours->high);
    comparison->set_verdict(PlaceOf(range, ours->low, ours->high));
  }
  return absl::OkStatus();
}

// Why the row has no comparison in the table; "" if it has.
std::string WhyNot(const ReportPublished& shown, const ReportTable& table) {
  if (!shown.comparisons().empty()) return "";
  if (!shown.refusals().empty()) return absl::StrJoin(shown.refusals(), "; ");
  if (shown.same_as().empty() && RowFor(shown, table) < 0) {
    return "no row of the table has its setting";
  }
  return "the row of its setting has no result";
}

// Whether rows that are left out of `table` because they are of another split
// have a table of that split in the report.
bool IsInAnotherTable(absl::string_view left_out, const ReportTable& table,
                      const ComparisonReport& report) {
  constexpr absl::string_view kOfSplit = " of split ";
  const size_t at = left_out.rfind(kOfSplit);
  if (at == absl::string_view::npos) return false;
  const absl::string_view split = left_out.substr(at + kOfSplit.size());
  return std::ranges::any_of(report.tables(), [&](const ReportTable& other) {
    return other.name() == table.name() && other.split() == split;
  });
}

}  // namespace

PublishedComparison::Verdict PlaceOf(const PrintedRange& printed, double low,
                                     double high) {
  if (printed.low > high) return PublishedComparison::ABOVE_OURS;
  if (printed.high <= low) return PublishedComparison::BELOW_OURS;
  return printed.low >= low && printed.high <= high
             ? PublishedComparison::WITHIN_OURS
             : PublishedComparison::CANNOT_TELL;
}

absl::Status AddComparisons(const ReportInput& input,
                            ComparisonReport* report) {
  for (ReportTable& table : *report->mutable_tables()) {
    if (table.published().empty()) continue;
    OurIntervals intervals(InputOf(input, table), table);
    for (ReportPublished& shown : *table.mutable_published()) {
      TRANSECT_RETURN_IF_ERROR(CompareRow(table, &intervals, &shown));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> NotCompared(const ComparisonReport& report) {
  std::set<std::string> compared;
  // By row the first reason, in the order of the report.
  std::vector<std::pair<std::string, std::string>> reasons;
  std::vector<std::string> sentences;
  for (const ReportTable& table : report.tables()) {
    const std::string where =
        absl::StrCat("table ", table.name(), ", split ", table.split());
    for (const ReportPublished& shown : table.published()) {
      const std::string key =
          absl::StrCat(shown.set(), "\n", shown.row().label(), "\n",
                       SplitName(shown.row().split()));
      const std::string why = WhyNot(shown, table);
      if (why.empty()) {
        compared.insert(key);
      } else {
        reasons.emplace_back(
            key, absl::StrCat(shown.row().label(), " (", shown.set(), "), ",
                              where, ": ", why, "."));
      }
    }
    for (const std::string& left_out : table.published_left_out()) {
      if (!IsInAnotherTable(left_out, table, report)) {
        sentences.push_back(absl::StrCat(where, ": ", left_out, "."));
      }
    }
  }
  for (const auto& [key, sentence] : reasons) {
    if (compared.insert(key).second) sentences.push_back(sentence);
  }
  return sentences;
}

std::string VerdictText(PublishedComparison::Verdict verdict) {
  switch (verdict) {
    case PublishedComparison::WITHIN_OURS:
      return "within ours";
    case PublishedComparison::ABOVE_OURS:
      return "above ours";
    case PublishedComparison::BELOW_OURS:
      return "below ours";
    case PublishedComparison::CANNOT_TELL:
      return "cannot tell at this rounding";
    default:
      return "we have no interval";
  }
}

}  // namespace transect
