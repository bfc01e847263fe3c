/// \file
/// Which intervals may be shown: how often each kind held the truth in
/// simulation at a table's numbers of seeds and items.
///
/// The shares are results of coverage_simulation.h, 2000 trials (1000 from 1000
/// items on) of 1000 draws each; `bazel run
/// //tests/analysis/certainty:simulate_coverage` makes them again, and
/// coverage_test simulates some with other draws.
#ifndef TRANSECT_ANALYSIS_STATISTICS_COVERAGE_COVERAGE_H_
#define TRANSECT_ANALYSIS_STATISTICS_COVERAGE_COVERAGE_H_

#include <optional>
#include <vector>

#include "analysis/statistics/coverage/coverage_simulation.h"

namespace transect {

/// Kinds whose coverage is below this are not offered.
inline constexpr double kLeastCoverage = 0.90;

/// What was simulated.
struct KnownCoverage {
  CoverageCase simulated;
  SimulatedCoverage coverage;
};

/// All that was simulated.
const std::vector<KnownCoverage>& AllCoverages();

/// The simulation of this kind whose numbers of seeds and of items are the
/// largest that are not above those asked for; of fewer items than any, that of
/// the fewest. Nothing for fewer seeds than the kind needs, or no item.
/// kItems is known for one run a row: more runs only average more.
std::optional<KnownCoverage> CoverageOf(const CoverageCase& asked);

/// Whether intervals of this kind are offered.
bool IsOffered(const CoverageCase& asked);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_COVERAGE_COVERAGE_H_
