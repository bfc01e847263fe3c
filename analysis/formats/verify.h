/// \file
/// Whether a file of tables still says what the runs give.
#ifndef TRANSECT_ANALYSIS_FORMATS_VERIFY_H_
#define TRANSECT_ANALYSIS_FORMATS_VERIFY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"

namespace transect {

struct VerifiedTables {
  /// Tables of the file that are of the report, and numbers in them.
  int tables = 0;
  int numbers = 0;
  /// One line for each number that differs, mark that is hidden or made up,
  /// row that is not the report's, row that is left out, and row that was
  /// printed from other runs: "FILE:12: table prompts, cell rank=2, gIoU:
  /// 52.31, the runs give 52.30 (seed 1 ID/CODE, ...)".
  std::vector<std::string> problems;
};

/// Renders `report` again in the format of `path` and compares `text`, the
/// file's content, number by number. A table of the file belongs to that of the
/// report with its name, else to the one whose rows and columns it shares.
/// Columns, numbers after the first of a cell, and whole tables may be left
/// out, and kCertifiedMark, which may be younger than the file; rows may not.
/// kInvalidArgument for another ending, CSV that cannot be parsed, and a file
/// without a table of this report.
absl::StatusOr<VerifiedTables> VerifyTables(absl::string_view text,
                                            absl::string_view path,
                                            const ComparisonReport& report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_VERIFY_H_
