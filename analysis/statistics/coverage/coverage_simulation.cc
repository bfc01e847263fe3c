#include "analysis/statistics/coverage/coverage_simulation.h"

#include <atomic>
#include <cmath>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "analysis/statistics/compare.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr double kConfidence = 0.95;

struct Items {
  std::vector<double> sizes;
  std::vector<double> difficulties;
};

Items DrawItems(int count, Philox* random) {
  Items items;
  for (int i = 0; i < count; ++i) {
    items.sizes.push_back(std::exp(9 + 1.5 * random->NextNormal()));
    items.difficulties.push_back(random->NextNormal());
  }
  return items;
}

// A row of runs; `shared` has what each run shares with its partner.
RowRuns DrawRow(const CoverageCase& the_case, const Items& items,
                const std::vector<double>& shared, Philox* random) {
  const size_t count = items.sizes.size();
  std::vector<double> of_row(count, 0);
  if (the_case.level != IntervalLevel::kSeeds) {
    for (double& value : of_row) value = 0.5 * random->NextNormal();
  }
  RowRuns row;
  for (int s = 0; s < the_case.seeds; ++s) {
    const size_t run = static_cast<size_t>(s);
    double of_run = 0;
    if (the_case.level != IntervalLevel::kItems) {
      of_run = 0.1 * (the_case.paired ? (shared[run] + random->NextNormal()) /
                                            std::sqrt(2.0)
                                      : random->NextNormal());
    }
    RatioColumns columns;
    for (size_t i = 0; i < count; ++i) {
      const double logit = 0.8 + items.difficulties[i] + of_row[i] + of_run +
                           0.5 * random->NextNormal();
      columns.numerators.push_back(items.sizes[i] / (1 + std::exp(-logit)));
    }
    columns.denominators = items.sizes;
    row.seeds.push_back(run);
    row.runs.push_back(std::move(columns));
  }
  return row;
}

absl::StatusOr<bool> Holds(const CoverageCase& the_case, int resamples,
                           uint64_t seed, uint64_t trial) {
  Philox random(seed, "coverage", trial);
  const Items items = DrawItems(the_case.items, &random);
  std::vector<double> shared;
  for (int s = 0; s < the_case.seeds; ++s) {
    shared.push_back(random.NextNormal());
  }
  const RowRuns base = DrawRow(the_case, items, shared, &random);
  const RowRuns row = DrawRow(the_case, items, shared, &random);
  CompareSettings settings;
  settings.draws = {random.NextU64(), resamples, 1};
  settings.confidence = kConfidence;
  settings.paired_seeds = the_case.paired;
  settings.with_tests = false;
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<RowComparison> comparisons,
                            CompareRows(base, {&row, 1}, settings));
  const RowComparison& comparison = comparisons[0];
  std::optional<Interval> interval = comparison.items;
  if (the_case.level == IntervalLevel::kSeeds) interval = comparison.seeds;
  if (the_case.level == IntervalLevel::kSeedsAndItems) {
    interval = comparison.seeds_and_items;
  }
  if (!interval.has_value()) {
    return absl::InvalidArgumentError(
        "intervals over seeds need two runs a row");
  }
  return interval->low <= 0 && 0 <= interval->high;
}

}  // namespace

absl::StatusOr<SimulatedCoverage> SimulateCoverage(const CoverageCase& the_case,
                                                   int trials, int resamples,
                                                   uint64_t seed) {
  std::atomic<int> next = 0;
  std::atomic<int> held = 0;
  std::atomic<bool> failed = false;
  absl::Status error;
  const auto work = [&] {
    for (int trial; (trial = next.fetch_add(1)) < trials;) {
      const absl::StatusOr<bool> holds =
          Holds(the_case, resamples, seed, static_cast<uint64_t>(trial));
      if (!holds.ok()) {
        if (!failed.exchange(true)) error = holds.status();
        return;
      }
      held += *holds ? 1 : 0;
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
  TRANSECT_RETURN_IF_ERROR(error);
  const double share = static_cast<double>(held) / trials;
  return SimulatedCoverage{share, std::sqrt(share * (1 - share) / trials)};
}

}  // namespace transect
