// Measured speeds of trainings, kept in the store: `run` records, `plan` reads.
//
// Each work (TrainingWork) has one small file. The first steps of a run make a
// probe, so that a sweep is priced well while its first job still runs;
// finished runs replace it by their mean. Two launchers that record the same
// work at once may lose one of the two measurements, which changes a mean a
// little and nothing else.
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

// What computes here.
struct Machine {
  // As TrainingWork.executor.
  std::string executor = "local";
  // Model name of the processor; "" if not known.
  std::string processor;
  // Model name of the first GPU; "" if not known or none.
  std::string gpu;
  // Processors that jobs may use.
  int processors = 1;
};

// Looks at this machine, within microseconds.
Machine ThisMachine();

// Cost of an image of `run`, resolved and valid.
ModelCost CostOfImage(const RunSpec& run);

// The work of `run` on `machine`, given CostOfImage.
TrainingWork WorkOf(const RunSpec& run, const ModelCost& cost,
                    const Machine& machine);

// What a finished training measured; nothing if it made no steps that count.
std::optional<Throughput> ThroughputOfResult(const TrainingWork& work,
                                             const Result& result);

// Whether two works are expected to take equal time.
bool SameWork(const TrainingWork& a, const TrainingWork& b);

// All throughputs of the store. Files that cannot be read do not count.
std::vector<Throughput> ReadThroughputs(const Store& store);

// Adds `throughput`, of one run, to the mean of its work; a probe counts only
// while there is nothing.
absl::Status RecordThroughput(const Store& store, const Throughput& throughput);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_THROUGHPUT_H_
