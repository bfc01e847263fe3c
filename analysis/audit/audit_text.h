/// \file
/// An audit as text for people.
#ifndef TRANSECT_ANALYSIS_AUDIT_AUDIT_TEXT_H_
#define TRANSECT_ANALYSIS_AUDIT_AUDIT_TEXT_H_

#include <string>

#include "analysis/audit/audit.pb.h"

namespace transect {

/// Findings, conflicts, counts by number of items, the k behind every value,
/// remarks; lines of at most `width` columns where they are sentences, 0 for no
/// limit.
std::string AuditText(const AuditReport& report, int width);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AUDIT_AUDIT_TEXT_H_
