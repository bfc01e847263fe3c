#include "analysis/statistics/two_level.h"

#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "analysis/statistics/interval.h"
#include "data/random/philox.h"

namespace transect {
namespace {

double Widening(size_t n, double degrees_of_freedom, double confidence) {
  const double z = boost::math::quantile(
      boost::math::complement(boost::math::normal(), (1 - confidence) / 2));
  const auto runs = static_cast<double>(n);
  return StudentQuantile(degrees_of_freedom, confidence) / z *
         std::sqrt(runs / (runs - 1));
}

double MeanAt(absl::Span<const RunReplicates> runs, size_t draw) {
  double sum = 0;
  for (const RunReplicates& run : runs) sum += run[draw];
  return sum / static_cast<double>(runs.size());
}

// Mean over as many runs as there are, drawn with replacement.
double DrawnMeanAt(absl::Span<const RunReplicates> runs, size_t draw,
                   Philox random) {
  double sum = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    sum += runs[random.NextBelow(runs.size())][draw];
  }
  return sum / static_cast<double>(runs.size());
}

}  // namespace

std::vector<double> TwoLevelDifferences(absl::Span<const RunReplicates> a,
                                        absl::Span<const RunReplicates> b,
                                        bool paired, double confidence,
                                        uint64_t seed) {
  const size_t draws = a[0].size();
  const auto freedom =
      static_cast<double>(paired ? a.size() - 1 : a.size() + b.size() - 2);
  const double wide_a = Widening(a.size(), freedom, confidence);
  const double wide_b = Widening(b.size(), freedom, confidence);
  std::vector<double> differences(draws);
  for (size_t draw = 0; draw < draws; ++draw) {
    const Philox first(seed, "bootstrap of seeds", draw, 0);
    const Philox second(seed, "bootstrap of seeds", draw, 1);
    const double mean_a = MeanAt(a, draw);
    const double mean_b = MeanAt(b, draw);
    // A copy of the same stream draws the same runs.
    const double drawn_a = DrawnMeanAt(a, draw, first);
    const double drawn_b = DrawnMeanAt(b, draw, paired ? first : second);
    differences[draw] = mean_a + wide_a * (drawn_a - mean_a) -
                        (mean_b + wide_b * (drawn_b - mean_b));
  }
  return differences;
}

}  // namespace transect
