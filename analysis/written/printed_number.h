/// \file
/// Percentages as papers print them: what digits may stand for, and which whole
/// shares of N items they can be.
///
/// Input: the digits as printed and how they were shortened; output: exact
/// answers, in integers. published.h, the audit and the comparison with print
/// start from here.
#ifndef TRANSECT_ANALYSIS_WRITTEN_PRINTED_NUMBER_H_
#define TRANSECT_ANALYSIS_WRITTEN_PRINTED_NUMBER_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace transect {

/// How printed digits came from measured ones.
enum class Shortening {
  /// Unknown: either of the others.
  kEither,
  /// To the nearest; of two that are as near, either.
  kRounded,
  /// Digits that follow were dropped.
  kTruncated,
};

/// Digits after the point that a source may print.
inline constexpr int kMostDigits = 4;

/// A printed percentage: its value is units / scale.
struct PrintedNumber {
  int64_t units = 0;
  /// 10 to the power of the digits after the point, 1 to 10,000.
  int64_t scale = 1;

  double value() const {
    return static_cast<double>(units) / static_cast<double>(scale);
  }
};

/// The number that `text` is: one to three digits and, after a point, up to
/// kMostDigits more; nothing else. It may be above 100.
std::optional<PrintedNumber> ParsePrintedNumber(absl::string_view text);

/// A k for which 100 k / items, shortened, is `number`: for kEither the one
/// that fits rounded, if there is one. Nothing if there is none. `items` is 1
/// to 10^12.
std::optional<int64_t> WholeShare(const PrintedNumber& number, int64_t items,
                                  Shortening shortening);

/// What a printed number may stand for: from `low`, inclusive, to `high`,
/// exclusive, in percent.
struct PrintedRange {
  double low = 0;
  double high = 0;
};

/// 77.4 rounded is 77.35 to 77.45, truncated 77.4 to 77.5, either 77.35 to
/// 77.5.
PrintedRange RangeOf(const PrintedNumber& number, Shortening shortening);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_WRITTEN_PRINTED_NUMBER_H_
