#include "analysis/statistics/item_permutation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/statistics/value_matrix.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

double SumOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

// Half of first plus second, and half of first minus second: the sums of an
// exchange are the former plus or minus signs times the latter.
struct Halves {
  double total = 0;
  std::vector<double> half_difference;
};

Halves HalvesOf(const std::vector<double>& first,
                const std::vector<double>& second) {
  Halves halves;
  halves.total = (SumOf(first) + SumOf(second)) / 2;
  halves.half_difference.resize(first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    halves.half_difference[i] = (first[i] - second[i]) / 2;
  }
  return halves;
}

// With the ones that they leave out.
std::vector<double> Denominators(const RatioColumns& columns) {
  return columns.denominators.empty()
             ? std::vector<double>(columns.numerators.size(), 1)
             : columns.denominators;
}

double RatioOf(double above, double below, double if_empty) {
  return below == 0 ? if_empty : above / below;
}

// The place of one pair of runs among the columns of a permutation.
struct PairPlace {
  size_t comparison = 0;
  const RatioColumns* columns = nullptr;
  Halves above;
  Halves below;
  // Whether the pair's denominators are a column of their own, the next one.
  bool has_below = false;
};

// Checks and lays out all pairs.
absl::StatusOr<std::vector<PairPlace>> PlacesOf(
    absl::Span<const PairedRuns> comparisons) {
  std::vector<PairPlace> places;
  const RatioColumns* any = nullptr;
  for (size_t k = 0; k < comparisons.size(); ++k) {
    const auto& [first, second] = comparisons[k];
    if (first.empty() || first.size() != second.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("comparison ", k, " is of ", first.size(), " and ",
                       second.size(), " runs; both need as many, at least 1"));
    }
    for (size_t s = 0; s < first.size(); ++s) {
      if (any == nullptr) any = &first[s];
      for (const RatioColumns* columns : {&first[s], &second[s]}) {
        TRANSECT_RETURN_IF_ERROR(CheckColumns({columns, 1}));
        if (columns->numerators.size() != any->numerators.size()) {
          return absl::InvalidArgumentError(
              absl::StrCat("comparison ", k, ", run ", s,
                           " has another number of items than the first"));
        }
      }
      PairPlace place;
      place.comparison = k;
      place.columns = &first[s];
      place.above = HalvesOf(first[s].numerators, second[s].numerators);
      place.has_below =
          !first[s].denominators.empty() || !second[s].denominators.empty();
      if (place.has_below) {
        place.below = HalvesOf(Denominators(first[s]), Denominators(second[s]));
      }
      places.push_back(std::move(place));
    }
  }
  return places;
}

// Of one pair the difference of its two ratios, where an exchange has these
// sums of signs times half differences.
double Difference(const PairPlace& place, double above, double below) {
  const double empty = place.columns->if_empty;
  const double total =
      place.has_below ? place.below.total
                      : static_cast<double>(place.columns->numerators.size());
  return RatioOf(place.above.total + above, total + below, empty) -
         RatioOf(place.above.total - above, total - below, empty);
}

// The statistics of all comparisons without exchange.
std::vector<double> Observed(absl::Span<const PairedRuns> comparisons,
                             absl::Span<const PairPlace> places) {
  std::vector<double> observed(comparisons.size());
  for (const PairPlace& place : places) {
    observed[place.comparison] +=
        Difference(place, SumOf(place.above.half_difference),
                   SumOf(place.below.half_difference)) /
        static_cast<double>(comparisons[place.comparison].first.size());
  }
  return observed;
}

// The statistics under all exchanges, comparison by comparison. With
// `all_exchanges` the bits of the number of a draw are its signs.
std::vector<double> Exchanged(absl::Span<const PairedRuns> comparisons,
                              absl::Span<const PairPlace> places,
                              const Draws& draws, bool all_exchanges) {
  ValueMatrix matrix;
  // By column of sums its pair and whether it is of denominators.
  std::vector<std::pair<size_t, bool>> columns;
  for (size_t p = 0; p < places.size(); ++p) {
    matrix.Add(places[p].above.half_difference);
    columns.push_back({p, false});
    if (places[p].has_below) {
      matrix.Add(places[p].below.half_difference);
      columns.push_back({p, true});
    }
  }
  const auto fill = [&](size_t b, absl::Span<double> weights) {
    Philox random(draws.seed, "permutation of items", b);
    uint64_t bits = b;
    for (size_t i = 0; i < weights.size(); ++i) {
      if (!all_exchanges && i % 64 == 0) bits = random.NextU64();
      weights[i] = (bits >> (i % 64) & 1) != 0 ? 1 : -1;
    }
  };
  const size_t count = static_cast<size_t>(draws.count);
  std::vector<double> statistics(comparisons.size() * count);
  matrix.Sum(
      draws, fill, [&](size_t c, size_t first, absl::Span<const double> sums) {
        // Of the numerators of a pair, whose denominators come next.
        static thread_local std::vector<double> above;
        const auto& [p, is_below] = columns[c];
        const PairPlace& place = places[p];
        if (!is_below && place.has_below) {
          above.assign(sums.begin(), sums.end());
          return;
        }
        const auto runs =
            static_cast<double>(comparisons[place.comparison].first.size());
        double* const out =
            statistics.data() + place.comparison * count + first;
        for (size_t i = 0; i < sums.size(); ++i) {
          out[i] += (is_below ? Difference(place, above[i], sums[i])
                              : Difference(place, sums[i], 0)) /
                    runs;
        }
      });
  return statistics;
}

}  // namespace

absl::StatusOr<std::vector<double>> ItemPermutationP(
    absl::Span<const PairedRuns> comparisons, const Draws& asked) {
  TRANSECT_RETURN_IF_ERROR(CheckDraws(asked));
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<PairPlace> places,
                            PlacesOf(comparisons));
  if (places.empty()) return std::vector<double>();
  const size_t items = places[0].columns->numerators.size();
  Draws draws = asked;
  const bool all = items < 31 && (int64_t{1} << items) <= asked.count;
  if (all) draws.count = 1 << items;
  const std::vector<double> observed = Observed(comparisons, places);
  const std::vector<double> statistics =
      Exchanged(comparisons, places, draws, all);
  const size_t count = static_cast<size_t>(draws.count);
  std::vector<double> p;
  for (size_t k = 0; k < comparisons.size(); ++k) {
    // Sums without exchange are of values that ToIntegers did not round.
    const double least = std::abs(observed[k]) - 1e-11;
    const auto values =
        absl::MakeConstSpan(statistics).subspan(k * count, count);
    const auto extreme = static_cast<double>(std::ranges::count_if(
        values, [&](double value) { return std::abs(value) >= least; }));
    const auto n = static_cast<double>(count);
    p.push_back(all ? extreme / n : (1 + extreme) / (n + 1));
  }
  return p;
}

}  // namespace transect
