#include "analysis/table_grid.h"

#include "absl/strings/str_format.h"

namespace transect {

std::string Percent(double fraction) {
  return absl::StrFormat("%.2f", 100 * fraction);
}

std::string SignedPercent(double fraction) {
  const std::string text = absl::StrFormat("%+.2f", 100 * fraction);
  return text == "-0.00" ? "+0.00" : text;
}

std::string PValue(double p) {
  return p < 0.001 ? "<0.001" : absl::StrFormat("%.2g", p);
}

}  // namespace transect
