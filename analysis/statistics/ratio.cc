#include "analysis/statistics/ratio.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace transect {

double Ratio(const RatioColumns& columns) {
  double above = 0;
  for (const double value : columns.numerators) above += value;
  double below = static_cast<double>(columns.numerators.size());
  if (!columns.denominators.empty()) {
    below = 0;
    for (const double value : columns.denominators) below += value;
  }
  return below == 0 ? columns.if_empty : above / below;
}

absl::Status CheckColumns(absl::Span<const RatioColumns> columns) {
  for (size_t c = 0; c < columns.size(); ++c) {
    const RatioColumns& column = columns[c];
    const size_t items = columns[0].numerators.size();
    const size_t denominators = column.denominators.size();
    if (items == 0 || column.numerators.size() != items ||
        (denominators != 0 && denominators != items)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "column ", c, " has ", column.numerators.size(), " numerators and ",
          denominators, " denominators; all need as many as column 0, ", items,
          ", and at least 1"));
    }
    for (size_t i = 0; i < items; ++i) {
      const double below = denominators == 0 ? 1 : column.denominators[i];
      if (!std::isfinite(column.numerators[i]) || !std::isfinite(below) ||
          below < 0) {
        return absl::InvalidArgumentError(absl::StrCat(
            "column ", c, ", item ", i, " is ", column.numerators[i], " over ",
            below, "; both must be finite, the latter not negative"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace transect
