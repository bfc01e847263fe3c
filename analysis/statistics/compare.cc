#include "analysis/statistics/compare.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/statistics/effect.h"
#include "analysis/statistics/item_bootstrap.h"
#include "analysis/statistics/item_permutation.h"
#include "analysis/statistics/seed_test.h"
#include "analysis/statistics/two_level.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A run of the row and its partner in the base.
using Pair = std::pair<size_t, size_t>;

std::vector<Pair> PairsOf(const RowRuns& row, const RowRuns& base) {
  std::vector<Pair> pairs;
  std::vector<char> taken(base.runs.size(), 0);
  for (size_t i = 0; i < row.runs.size(); ++i) {
    for (size_t j = 0; j < base.runs.size(); ++j) {
      if (taken[j] == 0 && row.seeds[i] == base.seeds[j]) {
        taken[j] = 1;
        pairs.push_back({i, j});
        break;
      }
    }
  }
  return pairs;
}

std::vector<double> RatiosOf(const RowRuns& row) {
  std::vector<double> ratios;
  for (const RatioColumns& run : row.runs) ratios.push_back(Ratio(run));
  return ratios;
}

bool AllHaveSeeds(const RowRuns& row) {
  return std::ranges::all_of(row.seeds,
                             [](const auto& seed) { return seed.has_value(); });
}

// The replicates of a row's runs.
std::vector<RunReplicates> ReplicatesOf(const WeightedRatios& ratios,
                                        size_t first, size_t runs) {
  std::vector<RunReplicates> replicates;
  for (size_t i = 0; i < runs; ++i) {
    replicates.push_back(ratios.Of(first + i));
  }
  return replicates;
}

Interval ItemInterval(absl::Span<const RunReplicates> row,
                      absl::Span<const RunReplicates> base, double confidence) {
  std::vector<double> differences(row[0].size());
  const auto add = [&](absl::Span<const RunReplicates> runs, double sign) {
    for (const RunReplicates& run : runs) {
      for (size_t b = 0; b < differences.size(); ++b) {
        differences[b] += sign * run[b] / static_cast<double>(runs.size());
      }
    }
  };
  add(row, 1);
  add(base, -1);
  return PercentileInterval(std::move(differences), confidence);
}

// What seeds say: `values` of the row and `base_values`, and the replicates of
// both.
void CompareSeeds(absl::Span<const double> values,
                  absl::Span<const double> base_values,
                  absl::Span<const Pair> pairs,
                  absl::Span<const RunReplicates> row,
                  absl::Span<const RunReplicates> base,
                  const CompareSettings& settings, RowComparison* comparison) {
  const double confidence = settings.confidence;
  if (!settings.paired_seeds) {
    if (values.size() < 2 || base_values.size() < 2) return;
    comparison->seeds = WelchInterval(values, base_values, confidence);
    comparison->standardized = StandardizedDifference(values, base_values);
    if (settings.with_intervals) {
      comparison->seeds_and_items =
          PercentileInterval(TwoLevelDifferences(row, base, false, confidence,
                                                 settings.draws.seed),
                             confidence);
    }
    if (settings.with_tests) {
      comparison->p_seeds = PermutationP(values, base_values, settings.draws);
      comparison->smallest_p =
          SmallestPermutationP(static_cast<int>(values.size()),
                               static_cast<int>(base_values.size()));
    }
    return;
  }
  if (pairs.size() < 2) return;
  std::vector<double> differences;
  std::vector<RunReplicates> paired_row;
  std::vector<RunReplicates> paired_base;
  for (const auto& [i, j] : pairs) {
    differences.push_back(values[i] - base_values[j]);
    if (!settings.with_intervals) continue;
    paired_row.push_back(row[i]);
    paired_base.push_back(base[j]);
  }
  comparison->seeds = MeanInterval(differences, confidence);
  comparison->standardized = StandardizedPairs(differences);
  if (settings.with_intervals) {
    comparison->seeds_and_items =
        PercentileInterval(TwoLevelDifferences(paired_row, paired_base, true,
                                               confidence, settings.draws.seed),
                           confidence);
  }
  if (settings.with_tests) {
    comparison->p_seeds = SignFlipP(differences, settings.draws);
    comparison->smallest_p =
        SmallestSignFlipP(static_cast<int>(differences.size()));
  }
}

absl::Status CheckRow(const RowRuns& row) {
  if (row.runs.empty() || row.runs.size() != row.seeds.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a row has ", row.runs.size(), " runs and ",
                     row.seeds.size(), " seeds; both need as many, 1 or more"));
  }
  return absl::OkStatus();
}

// Tests over items of the rows all of whose runs have a partner.
absl::Status TestItems(const RowRuns& base, absl::Span<const RowRuns> rows,
                       absl::Span<const std::vector<Pair>> pairs,
                       const Draws& draws,
                       std::vector<RowComparison>* comparisons) {
  std::vector<PairedRuns> tested;
  std::vector<size_t> places;
  for (size_t r = 0; r < rows.size(); ++r) {
    if (pairs[r].size() != rows[r].runs.size() ||
        pairs[r].size() != base.runs.size()) {
      continue;
    }
    PairedRuns& paired = tested.emplace_back();
    places.push_back(r);
    for (const auto& [i, j] : pairs[r]) {
      paired.first.push_back(rows[r].runs[i]);
      paired.second.push_back(base.runs[j]);
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<double> p,
                            ItemPermutationP(tested, draws));
  for (size_t k = 0; k < p.size(); ++k) {
    (*comparisons)[places[k]].p_items = p[k];
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<RowComparison>> CompareRows(
    const RowRuns& base, absl::Span<const RowRuns> rows,
    const CompareSettings& settings) {
  TRANSECT_RETURN_IF_ERROR(CheckRow(base));
  std::vector<RatioColumns> columns = base.runs;
  for (const RowRuns& row : rows) {
    TRANSECT_RETURN_IF_ERROR(CheckRow(row));
    columns.insert(columns.end(), row.runs.begin(), row.runs.end());
  }
  WeightedRatios ratios;
  if (settings.with_intervals) {
    TRANSECT_ASSIGN_OR_RETURN(ratios, BootstrapRatios(columns, settings.draws));
  } else {
    TRANSECT_RETURN_IF_ERROR(CheckColumns(columns));
  }
  const std::vector<double> base_values = RatiosOf(base);
  const std::vector<RunReplicates> base_replicates =
      ReplicatesOf(ratios, 0, base.runs.size());
  std::vector<RowComparison> comparisons;
  std::vector<std::vector<Pair>> pairs;
  size_t first = base.runs.size();
  for (const RowRuns& row : rows) {
    RowComparison& comparison = comparisons.emplace_back();
    pairs.push_back(PairsOf(row, base));
    const std::vector<double> values = RatiosOf(row);
    const std::vector<RunReplicates> replicates =
        ReplicatesOf(ratios, first, row.runs.size());
    first += row.runs.size();
    comparison.difference =
        MomentsOf(values).mean - MomentsOf(base_values).mean;
    comparison.pairs = static_cast<int>(pairs.back().size());
    if (settings.with_intervals) {
      comparison.items =
          ItemInterval(replicates, base_replicates, settings.confidence);
    }
    if (AllHaveSeeds(row) && AllHaveSeeds(base)) {
      CompareSeeds(values, base_values, pairs.back(), replicates,
                   base_replicates, settings, &comparison);
    }
  }
  if (settings.with_tests) {
    TRANSECT_RETURN_IF_ERROR(
        TestItems(base, rows, pairs, settings.draws, &comparisons));
  }
  return comparisons;
}

}  // namespace transect
