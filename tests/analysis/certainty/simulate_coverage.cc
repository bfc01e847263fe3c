// Prints the table of analysis/statistics/coverage/coverage.cc.
//
//     bazel run //tests/analysis/certainty:simulate_coverage > /tmp/new.inc
//     mv /tmp/new.inc analysis/statistics/coverage/simulated_coverage.inc
#include <cstdio>

#include "analysis/statistics/coverage/coverage_simulation.h"
#include "third_party/absl_polyfill/check.h"

namespace {

using transect::CoverageCase;
using transect::IntervalLevel;

constexpr int kResamples = 1000;

void Print(const char* level, const CoverageCase& the_case) {
  // Of many items a trial takes long.
  const int trials = the_case.items < 1000 ? 2000 : 1000;
  const auto coverage =
      transect::SimulateCoverage(the_case, trials, kResamples, 1);
  TRANSECT_CHECK(coverage.ok()) << coverage.status();
  std::printf("{{IntervalLevel::%s, %d, %d, %s}, {%.4f, %.4f}},\n", level,
              the_case.seeds, the_case.items,
              the_case.paired ? "true" : "false", coverage->share,
              coverage->standard_error);
  std::fflush(stdout);
}

}  // namespace

int main() {
  constexpr int kItems[] = {50, 200, 1000};
  constexpr int kSeeds[] = {2, 3, 4, 5, 6, 8, 10};
  for (const int items : {50, 200, 1000, 3481}) {
    Print("kItems", {IntervalLevel::kItems, 1, items, false});
  }
  for (const bool paired : {false, true}) {
    for (const int seeds : kSeeds) {
      Print("kSeeds", {IntervalLevel::kSeeds, seeds, 200, paired});
    }
    for (const int seeds : kSeeds) {
      for (const int items : kItems) {
        Print("kSeedsAndItems",
              {IntervalLevel::kSeedsAndItems, seeds, items, paired});
      }
    }
  }
  return 0;
}
