// What SciPy and NumPy computed: statistics_golden.json.
#ifndef TRANSECT_TESTS_ANALYSIS_STATISTICS_GOLDEN_VALUES_H_
#define TRANSECT_TESTS_ANALYSIS_STATISTICS_GOLDEN_VALUES_H_

#include <fstream>
#include <vector>

#include "nlohmann/json.hpp"

namespace transect {

// Of golden values, which both sides compute in doubles.
inline constexpr double kGoldenError = 1e-9;

inline nlohmann::json GoldenValues() {
  std::ifstream file("tests/analysis/statistics/statistics_golden.json");
  return nlohmann::json::parse(file);
}

inline std::vector<double> Numbers(const nlohmann::json& list) {
  return list.get<std::vector<double>>();
}

}  // namespace transect

#endif  // TRANSECT_TESTS_ANALYSIS_STATISTICS_GOLDEN_VALUES_H_
