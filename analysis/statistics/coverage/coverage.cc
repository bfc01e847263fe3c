#include "analysis/statistics/coverage/coverage.h"

#include <algorithm>

namespace transect {

const std::vector<KnownCoverage>& AllCoverages() {
  static const auto* const known = new std::vector<KnownCoverage>{
#include "analysis/statistics/coverage/simulated_coverage.inc"
  };
  return *known;
}

std::optional<KnownCoverage> CoverageOf(const CoverageCase& asked) {
  if (asked.items < 1) return std::nullopt;
  const int fewest = 50;
  std::optional<KnownCoverage> best;
  for (const KnownCoverage& known : AllCoverages()) {
    const CoverageCase& simulated = known.simulated;
    if (simulated.level != asked.level || simulated.seeds > asked.seeds ||
        (asked.level != IntervalLevel::kItems &&
         simulated.paired != asked.paired) ||
        // Intervals over seeds speak of the items at hand, however many.
        (asked.level != IntervalLevel::kSeeds &&
         simulated.items > std::max(asked.items, fewest))) {
      continue;
    }
    if (!best.has_value() || simulated.seeds > best->simulated.seeds ||
        (simulated.seeds == best->simulated.seeds &&
         simulated.items > best->simulated.items)) {
      best = known;
    }
  }
  return best;
}

bool IsOffered(const CoverageCase& asked) {
  const std::optional<KnownCoverage> known = CoverageOf(asked);
  return known.has_value() && known->coverage.share >= kLeastCoverage;
}

}  // namespace transect
