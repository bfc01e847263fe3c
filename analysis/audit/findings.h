/// \file
/// What an audit found, in sentences.
#ifndef TRANSECT_ANALYSIS_AUDIT_FINDINGS_H_
#define TRANSECT_ANALYSIS_AUDIT_FINDINGS_H_

#include <string>

#include "absl/types/span.h"
#include "analysis/audit/audit.pb.h"
#include "analysis/audit/audit_input.h"
#include "analysis/audit/conflicts.h"

namespace transect {

/// A corrected probability below this tells which number of items it is.
inline constexpr double kDecisive = 0.01;

/// Whether every value fits by chance, so that the count says nothing.
bool SaysNothing(const AuditGroup::Fit& fit, int values);

/// "rounded", "truncated" or "rounded or truncated".
std::string ShorteningName(AuditGroup::Shortening shortening);

/// A probability with one digit: "7e-25", "0.03".
std::string ProbabilityText(double probability);

/// Adds conflicts, findings and remarks to a report that has its groups.
void AddFindings(const AuditInput& input, absl::Span<const SameTraining> same,
                 AuditReport* report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AUDIT_FINDINGS_H_
