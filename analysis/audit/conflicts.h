/// \file
/// Where rows of tables contradict each other.
#ifndef TRANSECT_ANALYSIS_AUDIT_CONFLICTS_H_
#define TRANSECT_ANALYSIS_AUDIT_CONFLICTS_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "analysis/audit/audit_input.h"

namespace transect {

/// Two rows that are one training: they have at least five columns in common
/// and differ in at most one of them.
struct SameTraining {
  /// Positions among the rows, a < b.
  size_t a = 0;
  size_t b = 0;
  /// The column that differs, and its values in both; empty where none does.
  std::string column = {};
  AuditValue in_a = {};
  AuditValue in_b = {};
};

/// The pairs, ascending.
std::vector<SameTraining> SameTrainings(absl::Span<const AuditRow> rows);

/// "RSRefSeg-b (rsrefseg_table1)".
std::string NameOf(const AuditRow& row);

/// Rows of one label and one stated split that are not one training although
/// both say a value, as a sentence each: "RMSIN, test: Pr@0.5 is 71.96 in ...
/// and 74.26 in ..., ...".
std::vector<std::string> SameLabels(absl::Span<const AuditRow> rows);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AUDIT_CONFLICTS_H_
