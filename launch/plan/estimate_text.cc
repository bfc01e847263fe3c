#include "launch/plan/estimate_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "data/io/terminal_text.h"
#include "launch/store/forecast.pb.h"

namespace transect {

namespace {

// Decimals that show the first digit of a number below 1 that is not 0; what is
// smaller than anybody counts is 0.
int DecimalsOf(double size) {
  constexpr int kMost = 9;
  return std::min(kMost, static_cast<int>(std::ceil(-std::log10(size))));
}

}  // namespace

std::string NumberText(double value) {
  const double size = std::abs(value);
  return size >= 100    ? absl::StrFormat("%.0f", value)
         : size >= 10   ? absl::StrFormat("%.1f", value)
         : size >= 0.01 ? absl::StrFormat("%.2f", value)
         : size > 0     ? absl::StrFormat("%.*f", DecimalsOf(size), value)
                        : "0";
}

std::string DashIfZero(int count) {
  return count == 0 ? "–" : absl::StrCat(count);
}

std::string EstimateText(double low, double value, double high) {
  if (value <= 0) {
    return "–";
  }
  const std::string text = NumberText(value);
  if (NumberText(low) == text && NumberText(high) == text) return text;
  const double half = (high - low) / 2;
  return half <= 0.5 * value
             ? absl::StrCat(NumberText(value), " ± ", NumberText(half))
             : absl::StrCat(NumberText(value), " (", NumberText(low), " to ",
                            NumberText(high), ")");
}

std::string AboutText(double low, double value, double high,
                      const std::string& where) {
  const std::string least = RoughDurationText(low);
  const std::string most = RoughDurationText(high);
  return absl::StrCat(
      "about ", RoughDurationText(value), where,
      least == most ? "" : absl::StrCat(" (", least, " to ", most, ")"));
}

std::string DiskText(int64_t bytes, int64_t bundle_bytes,
                     int64_t checkpoint_bytes) {
  const auto text = [](int64_t count) {
    return QuantityText(static_cast<double>(count), "B");
  };
  return absl::StrCat(
      text(bytes), " of disk",
      bundle_bytes > 0 ? absl::StrCat(", ", text(bundle_bytes),
                                      " of it the worker and its libraries")
                       : "",
      checkpoint_bytes > 0
          ? absl::StrCat(", and at most ", text(checkpoint_bytes),
                         " of checkpoints for each run that trains")
          : "");
}

std::string BasisText(const std::vector<int>& basis_values, int guesses,
                      int jobs, bool assumed) {
  std::vector<std::string> parts;
  for (const int basis : basis_values) {
    parts.push_back(
        basis == PriceBasis::MEASURED ? "from finished runs like these"
        : basis == PriceBasis::SCALED
            ? "from finished runs, scaled by operations"
        : basis == PriceBasis::PROBE
            ? "from the first steps of a run like these"
        : guesses == jobs && assumed
            ? "guesses: data that was never read, or nothing like these was "
              "measured here"
        : guesses == jobs
            ? "guesses, from operations and sizes alone; nothing like these "
              "was measured here"
            : absl::StrCat(
                  "guesses for ", guesses, " of ", CountText(jobs, "job"),
                  assumed ? ", some of them on data that was never read"
                          : ", from operations and sizes alone"));
  }
  return absl::StrJoin(parts, "; ");
}

std::string MemoryText(int64_t bytes_of_rank, int64_t device_bytes,
                       bool guess) {
  const auto bytes = [](int64_t count) {
    return QuantityText(static_cast<double>(count), "B");
  };
  return absl::StrCat(
      guess ? "at least " : "", bytes(bytes_of_rank), " of memory",
      device_bytes > 0
          ? absl::StrCat(" and ", bytes(device_bytes), " of GPU memory")
          : "",
      " a rank", guess ? " (guess)" : "");
}

std::string ResourcesText(int processors, int gpus, int64_t memory_bytes) {
  std::vector<std::string> parts = {CountText(processors, "processor")};
  if (gpus > 0) {
    parts.push_back(CountText(gpus, "GPU"));
  }
  if (memory_bytes > 0) {
    parts.push_back(absl::StrCat(
        QuantityText(static_cast<double>(memory_bytes), "B"), " of memory"));
  }
  const std::string last = parts.back();
  parts.pop_back();
  return parts.empty()
             ? last
             : absl::StrCat(absl::StrJoin(parts, ", "), " and ", last);
}

}  // namespace transect
