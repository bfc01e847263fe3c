/// \file
/// Evaluations that were made beside an experiment: by `transect evaluate`, or
/// for another experiment that shares runs. A report shows them as tables of
/// their own.
#ifndef TRANSECT_LAUNCH_CLI_LATER_EVALUATIONS_H_
#define TRANSECT_LAUNCH_CLI_LATER_EVALUATIONS_H_

#include <map>
#include <string>
#include <vector>

#include "analysis/aggregate.h"
#include "analysis/load_runs.h"
#include "data/data.pb.h"
#include "launch/plan/plan.h"

namespace transect {

/// Adds what a loaded evaluation of `job` says of itself to its run: items,
/// digest of the contents, machine, bound. The run has its items in `items`.
void AddEvaluation(const Job& job, const std::string& split,
                   const LoadedEvaluation& loaded, std::vector<EvalItem>* items,
                   RunInput* run);

/// The published data set that has this layout, as PublishedSet::dataset names
/// it; "" for none.
std::string PublishedDataset(const DataSpec& data);

/// For people, by its identity: neither a role nor a layout says what is there.
std::string DatasetName(const DataSpec& data, const std::string& identity);

/// An evaluation that the experiment does not ask for.
struct LaterEvaluation {
  /// What distinguishes it from others: split and digest of the contents,
  /// which the resolution is part of.
  std::string what;
  /// Data set, for people; empty for the run's own.
  std::string dataset;
  std::string published_dataset;
  std::string split;
  RunInput run;

  /// Side in pixels of the square at which masks were compared; 0 for each
  /// image's own size.
  int resolution() const {
    const auto found = run.resolutions.find(split);
    return found == run.resolutions.end() ? 0 : found->second;
  }
};

/// Those of a run that is done; of several of the same contents, which differ
/// in their controls, the first by name. What cannot be read is told in
/// `problems`, a line each; what is not finished is left out.
std::vector<LaterEvaluation> LaterEvaluations(
    const Job& job, const RunInput& planned,
    std::vector<std::string>* problems);

/// Adds a table for each evaluation that a run of `table` has in `later`, by
/// the run's spec part: the rows of `table` with these results. Runs without
/// it are missing there.
void AddLaterTables(
    const TableInput& table,
    const std::map<std::string, std::vector<LaterEvaluation>>& later,
    std::vector<TableInput>* tables);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_LATER_EVALUATIONS_H_
