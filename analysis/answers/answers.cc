#include "analysis/answers/answers.h"

#include <iterator>
#include <vector>

#include "analysis/answers/breakdown.h"
#include "analysis/answers/claims.h"
#include "analysis/answers/comparisons.h"
#include "metrics/segmentation.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::vector<const ExperimentClaim*> ClaimsOf(const ReportSpec& spec) {
  std::vector<const ExperimentClaim*> claims;
  for (const ExperimentClaim& claim : spec.claim()) claims.push_back(&claim);
  return claims;
}

std::vector<double> BoundsOf(const ReportSpec& spec) {
  if (spec.size_bound().empty()) {
    return {std::begin(kSizeBounds), std::end(kSizeBounds)};
  }
  return {spec.size_bound().begin(), spec.size_bound().end()};
}

}  // namespace

absl::Status CheckAnswers(const ReportSpec& spec, const ReportInput& input) {
  TRANSECT_RETURN_IF_ERROR(CheckSizeBounds(BoundsOf(spec)));
  return CheckClaims(ClaimsOf(spec), input);
}

ScoreRules RulesOf(const ReportSpec& spec) {
  ScoreRules rules;
  rules.ties_count = spec.rules().tie() == MetricRules::AT_LEAST;
  switch (spec.rules().empty_union()) {
    case MetricRules::ZERO:
      rules.empty_union = ScoreRules::EmptyUnion::kZero;
      break;
    case MetricRules::LEFT_OUT:
      rules.empty_union = ScoreRules::EmptyUnion::kLeftOut;
      break;
    default:
      rules.empty_union = ScoreRules::EmptyUnion::kOne;
  }
  return rules;
}

absl::Status AddAnswers(const ReportSpec& spec, const ReportInput& input,
                        ComparisonReport* report) {
  TRANSECT_RETURN_IF_ERROR(AddClaims(ClaimsOf(spec), input, report));
  TRANSECT_RETURN_IF_ERROR(AddComparisons(input, report));
  return AddBreakdowns(input, BoundsOf(spec), report);
}

}  // namespace transect
