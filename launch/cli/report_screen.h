/// \file
/// What `transect report` and the end of `transect run` print.
#ifndef TRANSECT_LAUNCH_CLI_REPORT_SCREEN_H_
#define TRANSECT_LAUNCH_CLI_REPORT_SCREEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"
#include "launch/cli/report_input.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"

namespace transect {

/// Makes the report of the selected runs. Tells about runs that are done and
/// cannot be read.
absl::StatusOr<MadeReport> MakeReport(const ExperimentSession& session);

/// Where the report of an experiment is kept in the store, and why there.
struct KeptReport {
  std::string path;
  /// Whether the usual file of that name is the report of another experiment:
  /// of another spec file or --set, and of other runs.
  bool beside_another = false;
};

/// Where KeepReport keeps the report of the spec file `spec`.
KeptReport PlaceOfReport(const CommandContext& context, const std::string& spec,
                         const ExperimentSession& session);

/// Keeps the report of all runs of the spec file `spec` as Markdown in the
/// store, whatever it reports; an earlier one of the same experiment is
/// replaced. Errors: the store cannot be written.
absl::StatusOr<KeptReport> KeepReport(const CommandContext& context,
                                      const std::string& spec,
                                      const ExperimentSession& session,
                                      const ComparisonReport& report);

/// The report as text, colored and as wide as the terminal behind stdout unless
/// it is for a file, as md (Markdown), csv, latex, html or json. Below the
/// tables of text and Markdown stand the claims, the comparisons with print,
/// and the breakdowns that are asked for, of `metric`.
absl::StatusOr<std::string> RenderReport(
    const CommandContext& context, const ComparisonReport& report,
    absl::string_view format, bool to_file = false,
    const std::vector<ReportBreakdown::By>& breakdowns = {},
    ReportCell::Kind metric = ReportCell::GIOU);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_REPORT_SCREEN_H_
