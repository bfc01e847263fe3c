#include "analysis/written/printed_number.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace transect {

std::optional<PrintedNumber> ParsePrintedNumber(absl::string_view text) {
  constexpr int64_t kScales[kMostDigits + 1] = {1, 10, 100, 1000, 10000};
  constexpr size_t kMostWholeDigits = 3;
  const size_t point = std::min(text.find('.'), text.size());
  const absl::string_view whole = text.substr(0, point);
  const absl::string_view rest =
      point == text.size() ? absl::string_view() : text.substr(point + 1);
  const std::string digits = absl::StrCat(whole, rest);
  if (whole.empty() || whole.size() > kMostWholeDigits ||
      rest.size() > kMostDigits || (point < text.size() && rest.empty()) ||
      !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit)) {
    return std::nullopt;
  }
  PrintedNumber number;
  number.scale = kScales[rest.size()];
  if (!absl::SimpleAtoi(digits, &number.units)) return std::nullopt;
  return number;
}

std::optional<int64_t> WholeShare(const PrintedNumber& number, int64_t items,
                                  Shortening shortening) {
  if (items < 1) return std::nullopt;
  // 100 k / items against units / scale, both times items * scale.
  const int64_t wanted = number.units * items;
  const int64_t step = 100 * number.scale;
  const int64_t below = wanted / step;
  std::optional<int64_t> truncated;
  for (int64_t k = std::max<int64_t>(0, below - 1);
       k <= std::min(items, below + 2); ++k) {
    const int64_t difference = step * k - wanted;
    if (shortening != Shortening::kTruncated &&
        2 * std::abs(difference) <= items) {
      return k;
    }
    if (shortening != Shortening::kRounded && difference >= 0 &&
        difference < items && !truncated.has_value()) {
      truncated = k;
    }
  }
  return truncated;
}

PrintedRange RangeOf(const PrintedNumber& number, Shortening shortening) {
  const auto scale = static_cast<double>(number.scale);
  const auto at = [&](double units) { return units / scale; };
  const auto units = static_cast<double>(number.units);
  switch (shortening) {
    case Shortening::kRounded:
      return {at(units - 0.5), at(units + 0.5)};
    case Shortening::kTruncated:
      return {at(units), at(units + 1)};
    case Shortening::kEither:
      break;
  }
  return {at(units - 0.5), at(units + 1)};
}

}  // namespace transect
