#include "launch/plan/estimate_text.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace transect {

std::string NumberText(double value) {
  const double size = std::abs(value);
  return size >= 100    ? absl::StrFormat("%.0f", value)
         : size >= 10   ? absl::StrFormat("%.1f", value)
         : size >= 0.01 ? absl::StrFormat("%.2f", value)
         : size > 0     ? absl::StrFormat("%.1g", value)
                        : "0";
}

std::string EstimateText(double low, double value, double high) {
  if (value <= 0) {
    return "–";
  }
  const double half = (high - low) / 2;
  return half <= 0.5 * value
             ? absl::StrCat(NumberText(value), " ± ", NumberText(half))
             : absl::StrCat(NumberText(value), " (", NumberText(low), " to ",
                            NumberText(high), ")");
}

}  // namespace transect
