/// \file
/// From a plan to the input of analysis/aggregate.h: the logs of the runs that
/// are done, and why the others have none.
#ifndef TRANSECT_LAUNCH_CLI_REPORT_INPUT_H_
#define TRANSECT_LAUNCH_CLI_REPORT_INPUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/aggregate.h"
#include "analysis/published.pb.h"
#include "analysis/report.pb.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "launch/plan/plan.h"

namespace transect {

struct LoadedReport {
  ReportInput input;
  /// Runs that are done but whose logs cannot be read, one line each that names
  /// the run and the file. They count as missing.
  std::vector<std::string> problems;
};

/// The tables of an experiment.
struct MadeReport {
  ComparisonReport report;
  /// What it was made of.
  ReportInput input;
  /// 2 where a run that is done cannot be read, else 0.
  int exit_code = 0;
};

/// A set of published results and the design whose tables show it; "" for all.
struct ShownPublished {
  std::string design;
  PublishedSet set;
  /// As PublishedChoice has them.
  bool other_splits = false;
  bool other_rules = false;
};

/// The sets that the experiment's `report` names and those in `names`
/// (FindPublished), which all tables show; each once for a table. Errors of
/// FindPublished.
absl::StatusOr<std::vector<ShownPublished>> ChoosePublished(
    const ReportSpec& spec, absl::Span<const std::string> names);

/// The tables of all designs with their rows and without runs: what claims are
/// checked against before anything runs.
ReportInput CellsOf(const Expansion& expansion);

/// Loads each selected run of `plan` whose state is kDone once. Runs that are
/// not selected are left out, as are rows and tables without a run, and the
/// title says so. Runs in another state, stale ones included, are in the input
/// with the reason why they have no scores. Evaluations that were made beside
/// the experiment are tables of their own (later_evaluations.h).
LoadedReport LoadReport(const Plan& plan,
                        absl::Span<const ShownPublished> published = {});

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_REPORT_INPUT_H_
