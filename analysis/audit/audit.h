/// \file
/// The granularity audit: which number of items the printed shares of a table
/// are of, and where tables contradict themselves.
///
/// Input: rows of printed values (audit_input.h); output: an AuditReport
/// (audit.proto). Every row goes to the known number of items that explains its
/// shares best; the rows of a number are then counted together, at all known
/// numbers and over a scan. Rows whose shares are printed twice, with at most
/// one difference, count once: the one that fits better. Shares alone can be
/// audited; means and ratios of sums leave no trace.
///
/// It is evidence about the number of items, not about which items they are,
/// and never about honesty. It changes no number.
#ifndef TRANSECT_ANALYSIS_AUDIT_AUDIT_H_
#define TRANSECT_ANALYSIS_AUDIT_AUDIT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "analysis/audit/audit.pb.h"
#include "analysis/audit/audit_input.h"

namespace transect {

/// Numbers of items that are tried without being known.
struct AuditScan {
  int64_t low = 200;
  int64_t high = 3699;
};

/// The most numbers that a scan may try.
inline constexpr int64_t kMostScanned = 100'000;

/// Audits `input`. kInvalidArgument if no row has a share, or the scan is not
/// 1 <= low <= high with at most kMostScanned numbers.
absl::StatusOr<AuditReport> Audit(const AuditInput& input,
                                  const AuditScan& scan = {});

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AUDIT_AUDIT_H_
