/// \file
/// Measured speeds of trainings, kept in the store: `run` records them, `plan`
/// prices with them.
///
/// There is one small file for each kind of work (TrainingWork). The first
/// steps of a run make a probe, so that a sweep is priced well while its first
/// job still runs; finished runs replace it by their mean. If two launchers
/// record the same work at once, one of the two measurements may be lost; that
/// changes a mean slightly and nothing else.
#ifndef TRANSECT_LAUNCH_STORE_THROUGHPUT_H_
#define TRANSECT_LAUNCH_STORE_THROUGHPUT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/store/throughput.pb.h"
#include "model/cost.h"

namespace transect {

/// What computes on this machine.
struct Machine {
  /// As TrainingWork.executor.
  std::string executor = "local";
  /// Model name of the processor; "" if unknown.
  std::string processor;
  /// Model name of the first GPU; "" if unknown or there is none.
  std::string gpu;
  /// Processors that jobs may use.
  int processors = 1;
};

/// Looks at this machine, within microseconds.
Machine ThisMachine();

/// Cost of one image of `run`, which is resolved and valid.
ModelCost CostOfImage(const RunSpec& run);

/// The work of `run` on `machine`; `cost` is CostOfImage(run).
TrainingWork WorkOf(const RunSpec& run, const ModelCost& cost,
                    const Machine& machine);

/// What a finished job of `work` measured: of its steps, of the evaluation with
/// `passes` forward passes over each item, or of both; nothing if it made
/// neither two steps nor an evaluation.
std::optional<Throughput> ThroughputOfResult(const TrainingWork& work,
                                             int passes, const Result& result);

/// Makes `mean`, of the same work and no probe, the mean of what it is of and
/// of `one` measurement (ThroughputOfResult).
void AddThroughput(const Throughput& one, Throughput* mean);

/// Whether two kinds of work are equal, so that they take equal time.
bool SameWork(const TrainingWork& a, const TrainingWork& b);

/// All throughputs of the store. Unreadable files are ignored.
std::vector<Throughput> ReadThroughputs(const Store& store);

/// Adds the throughput of one run to the mean of its work. A probe is recorded
/// only while there is nothing else.
absl::Status RecordThroughput(const Store& store, const Throughput& throughput);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_THROUGHPUT_H_
