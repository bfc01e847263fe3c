/// \file
/// Tables to be audited: published sets and users' CSV files as rows of printed
/// values.
#ifndef TRANSECT_ANALYSIS_AUDIT_AUDIT_INPUT_H_
#define TRANSECT_ANALYSIS_AUDIT_AUDIT_INPUT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analysis/published.pb.h"
#include "analysis/written/printed_number.h"

namespace transect {

/// A printed value.
struct AuditValue {
  /// "Pr@0.5", "cIoU", or the head of a CSV file's column.
  std::string column;
  std::string printed;
  PrintedNumber number;
  /// Whether it is a share of the items; means and ratios of sums are not.
  bool is_share = false;
};

/// A row of a table.
struct AuditRow {
  /// Name of the table.
  std::string source = {};
  std::string label = {};
  /// The split that is stated: "val", "test", or "".
  std::string split = {};
  /// Rows of different groups are not looked at together: who measured them,
  /// or the CSV file's column `group`.
  std::string group = {};
  std::vector<AuditValue> values = {};
};

/// What is audited.
struct AuditInput {
  /// For people, one for each table.
  std::vector<std::string> sources;
  std::vector<AuditRow> rows;
  /// Numbers of items that are known beforehand, with the names of the splits.
  std::vector<std::pair<std::string, int64_t>> known;
  /// Contradictions within rows (ValidatePublished), a sentence each.
  std::vector<std::string> problems;
};

/// Adds the rows of a set, and the splits of its data set, whose sizes
/// PublishedItems knows. What the set says about numbers of items and rounding
/// is not used: the audit is to find it.
void AddToAudit(const PublishedSet& set, AuditInput* input);

/// Adds the rows of a CSV file with a line of heads. The column "label",
/// "method", "model", "setting" or "name" has labels; "split" and "group" are
/// as in AuditRow and may be absent. Shares are the columns "Pr@X", "P@X",
/// "pr_50" and the like, and those that `shares` names. "cIoU", "oIoU", "gIoU"
/// and "mIoU" are values without being shares. Other columns are not read.
/// Empty cells and "-" have no value. kInvalidArgument, with file, line and
/// column, for a file without labels or shares, a name of `shares` that it does
/// not have, or a value that is no percentage.
absl::Status AddCsvToAudit(absl::string_view csv, const std::string& name,
                           absl::Span<const std::string> shares,
                           AuditInput* input);

/// Adds the splits of the published data set `dataset` (PublishedItems).
/// kNotFound if it is not known.
absl::Status AddKnownSplits(const std::string& dataset, AuditInput* input);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AUDIT_AUDIT_INPUT_H_
