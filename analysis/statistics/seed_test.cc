#include "analysis/statistics/seed_test.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "data/random/philox.h"

namespace transect {
namespace {

// Labellings that are as extreme may differ from the observed one in the last
// bits of their sums.
constexpr double kTie = 1e-12;

double Sum(absl::Span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

double Share(int64_t extreme, int64_t all, bool exact) {
  return exact
             ? static_cast<double>(extreme) / static_cast<double>(all)
             : static_cast<double>(1 + extreme) / static_cast<double>(all + 1);
}

}  // namespace

double PermutationP(absl::Span<const double> a, absl::Span<const double> b,
                    const Draws& draws) {
  std::vector<double> values(a.begin(), a.end());
  values.insert(values.end(), b.begin(), b.end());
  // About 0, so that sums keep their digits.
  const double middle = Sum(values) / static_cast<double>(values.size());
  double scale = 0;
  for (double& value : values) {
    value -= middle;
    scale = std::max(scale, std::abs(value));
  }
  const double total = Sum(values);
  const auto statistic = [&](double sum_of_a) {
    return std::abs(sum_of_a / static_cast<double>(a.size()) -
                    (total - sum_of_a) / static_cast<double>(b.size()));
  };
  const double least =
      statistic(Sum(absl::MakeConstSpan(values).first(a.size()))) -
      kTie * scale;
  int64_t extreme = 0;
  const bool exact = std::max(a.size(), b.size()) <= kMostEnumerated;
  if (!exact) {
    for (int draw = 0; draw < draws.count; ++draw) {
      Philox random(draws.seed, "permutation of seeds",
                    static_cast<uint64_t>(draw));
      double sum = 0;
      for (size_t i = 0; i < a.size(); ++i) {
        std::swap(values[i], values[i + random.NextBelow(values.size() - i)]);
        sum += values[i];
      }
      extreme += statistic(sum) >= least ? 1 : 0;
    }
    return Share(extreme, draws.count, exact);
  }
  int64_t all = 0;
  std::vector<char> in_a(values.size(), 0);
  std::fill(in_a.begin(), in_a.begin() + static_cast<int64_t>(a.size()), 1);
  do {
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      sum += in_a[i] != 0 ? values[i] : 0;
    }
    ++all;
    extreme += statistic(sum) >= least ? 1 : 0;
  } while (std::prev_permutation(in_a.begin(), in_a.end()));
  return Share(extreme, all, exact);
}

double SignFlipP(absl::Span<const double> differences, const Draws& draws) {
  double scale = 0;
  for (const double value : differences) scale += std::abs(value);
  const double least = std::abs(Sum(differences)) - kTie * scale;
  const bool exact = differences.size() <= kMostEnumerated;
  const int64_t all = exact ? int64_t{1} << differences.size() : draws.count;
  int64_t extreme = 0;
  for (int64_t draw = 0; draw < all; ++draw) {
    Philox random(draws.seed, "signs of seeds", static_cast<uint64_t>(draw));
    uint64_t bits = static_cast<uint64_t>(draw);
    double sum = 0;
    for (size_t i = 0; i < differences.size(); ++i) {
      if (!exact && i % 64 == 0) bits = random.NextU64();
      sum += (bits >> (i % 64) & 1) != 0 ? differences[i] : -differences[i];
    }
    extreme += std::abs(sum) >= least ? 1 : 0;
  }
  return Share(extreme, all, exact);
}

double SmallestPermutationP(int a, int b) {
  double ways = 1;
  for (int i = 1; i <= a; ++i) {
    ways *= static_cast<double>(b + i) / i;
  }
  // With as many seeds in both, the mirror image is as far apart.
  return std::min(1.0, (a == b ? 2 : 1) / ways);
}

double SmallestSignFlipP(int n) { return std::ldexp(1.0, 1 - std::max(n, 1)); }

int SeedsForHolm(int comparisons, double level, bool paired) {
  const double needed = level / std::max(comparisons, 1);
  int n = 1;
  while ((paired ? SmallestSignFlipP(n) : SmallestPermutationP(n, n)) >
         needed) {
    ++n;
  }
  return n;
}

}  // namespace transect
