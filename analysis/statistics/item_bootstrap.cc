#include "analysis/statistics/item_bootstrap.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/statistics/value_matrix.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A column of sums is a numerator, or the denominator of the column before.
struct SumPlace {
  size_t column = 0;
  bool is_denominator = false;
};

WeightedRatios RatiosUnder(absl::Span<const RatioColumns> columns,
                           const Draws& draws,
                           const ValueMatrix::FillWeights& fill) {
  ValueMatrix matrix;
  std::vector<SumPlace> places;
  for (size_t c = 0; c < columns.size(); ++c) {
    matrix.Add(columns[c].numerators);
    places.push_back({c, false});
    if (!columns[c].denominators.empty()) {
      matrix.Add(columns[c].denominators);
      places.push_back({c, true});
    }
  }
  WeightedRatios ratios;
  ratios.draws = draws.count;
  const size_t count = static_cast<size_t>(draws.count);
  ratios.values.resize(columns.size() * count);
  const double items = static_cast<double>(columns[0].numerators.size());
  matrix.Sum(
      draws, fill,
      [&](size_t place, size_t first, absl::Span<const double> sums) {
        const SumPlace& of = places[place];
        const RatioColumns& column = columns[of.column];
        double* const out = ratios.values.data() + of.column * count + first;
        for (size_t i = 0; i < sums.size(); ++i) {
          if (of.is_denominator) {
            out[i] = sums[i] == 0 ? column.if_empty : out[i] / sums[i];
          } else {
            out[i] = column.denominators.empty() ? sums[i] / items : sums[i];
          }
        }
      });
  return ratios;
}

// Draws as many items as there are, with replacement, each equally likely: the
// method of Lemire on 32 bits, half the words that Philox::NextBelow takes.
void DrawItems(Philox* random, absl::Span<double> weights) {
  const auto n = static_cast<uint32_t>(weights.size());
  const uint32_t surplus = -n % n;
  for (uint32_t i = 0; i < n; ++i) {
    uint64_t product;
    do {
      product = uint64_t{random->NextU32()} * n;
    } while (static_cast<uint32_t>(product) < surplus);
    weights[product >> 32] += 1;
  }
}

}  // namespace

absl::StatusOr<WeightedRatios> BootstrapRatios(
    absl::Span<const RatioColumns> columns, const Draws& draws) {
  TRANSECT_RETURN_IF_ERROR(CheckColumns(columns));
  TRANSECT_RETURN_IF_ERROR(CheckDraws(draws));
  if (columns.empty()) return WeightedRatios();
  return RatiosUnder(columns, draws,
                     [&draws](size_t b, absl::Span<double> weights) {
                       Philox random(draws.seed, "bootstrap of items", b);
                       DrawItems(&random, weights);
                     });
}

absl::StatusOr<WeightedRatios> RatiosOfCounts(
    absl::Span<const RatioColumns> columns, absl::Span<const double> counts) {
  TRANSECT_RETURN_IF_ERROR(CheckColumns(columns));
  if (columns.empty()) return WeightedRatios();
  const size_t items = columns[0].numerators.size();
  if (counts.empty() || counts.size() % items != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(counts.size(), " counts are no rows of ", items));
  }
  return RatiosUnder(
      columns, {.count = static_cast<int>(counts.size() / items)},
      [&](size_t b, absl::Span<double> weights) {
        std::ranges::copy(counts.subspan(b * items, items), weights.begin());
      });
}

}  // namespace transect
