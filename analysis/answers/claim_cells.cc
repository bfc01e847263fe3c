#include "analysis/answers/claim_cells.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/measure_name.h"
#include "data/io/suggestion.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A cell: its axes that differ from the base.
using Settings = std::map<std::string, std::string>;

std::vector<std::string> AxesOf(const TableInput& table) {
  std::vector<std::string> names;
  for (const auto& [axis, value] : table.base_settings) names.push_back(axis);
  return names;
}

std::optional<std::string> BaseValue(const TableInput& table,
                                     absl::string_view axis) {
  for (const auto& [name, value] : table.base_settings) {
    if (name == axis) return value;
  }
  return std::nullopt;
}

// "rank=16,text=ZERO" or "base".
absl::StatusOr<Settings> ParseCell(absl::string_view text,
                                   const TableInput& table) {
  Settings settings;
  if (text == "base") return settings;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<std::string> sides =
        absl::StrSplit(absl::StripAsciiWhitespace(part), '=');
    if (sides.size() != 2 || sides[0].empty() || sides[1].empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "has the cell ", Quoted(text),
          ", must be base or settings, such as rank=16,text=ZERO"));
    }
    const std::optional<std::string> base = BaseValue(table, sides[0]);
    if (!base.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("names the axis ", Quoted(sides[0]),
                       DidYouMean(sides[0], AxesOf(table))));
    }
    if (sides[1] != *base) settings[sides[0]] = sides[1];
  }
  return settings;
}

absl::StatusOr<int> RowOf(absl::string_view text, const TableInput& table) {
  TRANSECT_ASSIGN_OR_RETURN(const Settings wanted, ParseCell(text, table));
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const auto& settings = table.rows[i].settings;
    if (Settings(settings.begin(), settings.end()) == wanted) {
      return static_cast<int>(i);
    }
  }
  std::vector<std::string> labels;
  for (const RowInput& row : table.rows) labels.push_back(row.label);
  return absl::InvalidArgumentError(absl::StrCat(
      "names the cell ", Quoted(text), ", which design ", Quoted(table.name),
      " does not have", DidYouMean(text, labels)));
}

absl::StatusOr<ReportCell::Kind> MetricOf(const std::string& name) {
  std::vector<std::string> names;
  for (int kind = ReportCell::PR_50; kind <= ReportCell::GIOU; ++kind) {
    names.push_back(MeasureName(static_cast<ReportCell::Kind>(kind)));
    if (absl::EqualsIgnoreCase(names.back(), name)) {
      return static_cast<ReportCell::Kind>(kind);
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("has the metric ", Quoted(name), DidYouMean(name, names)));
}

absl::Status FindHolds(const ExperimentClaim& claim, const TableInput& table,
                       FoundClaim* found) {
  const std::vector<std::string> sides = absl::StrSplit(claim.holds(), '>');
  if (sides.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("holds ", Quoted(claim.holds()),
                     ", must be two cells with > between them, such as "
                     "rank=16 > rank=32"));
  }
  const absl::string_view better = absl::StripAsciiWhitespace(sides[0]);
  const absl::string_view worse = absl::StripAsciiWhitespace(sides[1]);
  TRANSECT_ASSIGN_OR_RETURN(found->better, RowOf(better, table));
  TRANSECT_ASSIGN_OR_RETURN(found->worse, RowOf(worse, table));
  if (found->better == found->worse) {
    return absl::InvalidArgumentError(absl::StrCat(
        "holds ", Quoted(claim.holds()), ", which is one cell on both sides"));
  }
  found->text =
      absl::StrCat(better, " > ", worse, " on ", MeasureName(found->metric));
  return absl::OkStatus();
}

// The value of the axis in a row that varies nothing else, as a number.
std::optional<double> ValueOf(const RowInput& row, const std::string& axis,
                              const TableInput& table) {
  std::string value = BaseValue(table, axis).value_or("");
  for (const auto& [name, other] : row.settings) {
    if (name != axis) return std::nullopt;
    value = other;
  }
  double number = 0;
  if (!absl::SimpleAtod(value, &number)) return std::nullopt;
  return number;
}

absl::Status FindOptimum(const ExperimentClaim& claim, const TableInput& table,
                         FoundClaim* found) {
  const ClaimedOptimum& optimum = claim.optimum();
  if (!BaseValue(table, optimum.axis()).has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("names the axis ", Quoted(optimum.axis()),
                     DidYouMean(optimum.axis(), AxesOf(table))));
  }
  double low = 0;
  double high = 0;
  if (!absl::SimpleAtod(optimum.above(), &low) ||
      !absl::SimpleAtod(optimum.below(), &high) || low >= high) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has an optimum above ", Quoted(optimum.above()), " and below ",
        Quoted(optimum.below()), ", must be two ascending numbers"));
  }
  for (size_t i = 0; i < table.rows.size(); ++i) {
    const std::optional<double> value =
        ValueOf(table.rows[i], optimum.axis(), table);
    if (!value.has_value()) continue;
    const int row = static_cast<int>(i);
    if (*value == low || *value == high) found->ends.push_back(row);
    if (*value > low && *value < high) found->inner.push_back(row);
  }
  if (found->ends.size() != 2 || found->inner.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has an optimum of ", optimum.axis(), " above ", optimum.above(),
        " and below ", optimum.below(), ", but design ", Quoted(table.name),
        found->inner.empty() ? " has no value between them"
                             : " does not have both of them"));
  }
  found->text = absl::StrCat(MeasureName(found->metric), " is highest at a ",
                             optimum.axis(), " between ", optimum.above(),
                             " and ", optimum.below());
  return absl::OkStatus();
}

absl::Status FindFavours(const ExperimentClaim& claim, const TableInput& table,
                         FoundClaim* found) {
  if (claim.favours().objects() != ClaimedFavour::LARGE) {
    return absl::InvalidArgumentError(
        "does not say what the metric favours; favours.objects can be LARGE");
  }
  if (found->metric != ReportCell::CIOU) {
    return absl::InvalidArgumentError(
        absl::StrCat("is about the weights of ", MeasureName(found->metric),
                     ", which gives every item the same; only cIoU does not"));
  }
  const auto base = std::ranges::find(table.rows, true, &RowInput::is_base);
  found->better = base == table.rows.end()
                      ? 0
                      : static_cast<int>(base - table.rows.begin());
  found->text = absl::StrCat(MeasureName(found->metric),
                             " favours large objects, more than ",
                             MeasureName(ReportCell::GIOU));
  return absl::OkStatus();
}

absl::Status FindIn(const ExperimentClaim& claim, const TableInput& table,
                    FoundClaim* found) {
  switch (claim.kind_case()) {
    case ExperimentClaim::kHolds:
      return FindHolds(claim, table, found);
    case ExperimentClaim::kOptimum:
      return FindOptimum(claim, table, found);
    case ExperimentClaim::kFavours:
      return FindFavours(claim, table, found);
    case ExperimentClaim::KIND_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "claims nothing; it has one of holds, optimum and favours");
}

}  // namespace

absl::StatusOr<FoundClaim> FindClaim(const ExperimentClaim& claim,
                                     const ReportInput& input) {
  FoundClaim blank;
  TRANSECT_ASSIGN_OR_RETURN(blank.metric, MetricOf(claim.metric()));
  std::vector<std::string> names;
  absl::Status first = absl::InvalidArgumentError("has no design");
  for (size_t i = 0; i < input.tables.size(); ++i) {
    const TableInput& table = input.tables[i];
    if (!table.evaluated_later.empty()) continue;
    names.push_back(table.name);
    if (claim.has_design() && claim.design() != table.name) continue;
    FoundClaim found = blank;
    found.table = static_cast<int>(i);
    const absl::Status status = FindIn(claim, table, &found);
    if (status.ok()) return found;
    if (first.message() == "has no design") first = status;
  }
  if (claim.has_design() &&
      std::ranges::find(names, claim.design()) == names.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("is about the design ", Quoted(claim.design()),
                     DidYouMean(claim.design(), names)));
  }
  return first;
}

}  // namespace transect
