// What the jobs of a plan cost: time with an interval, operations, memory,
// disk.
//
// Times come from the first of these that there is, and each price names it:
//
// 1. kMeasured: finished runs of the same work (TrainingWork: equal sizes,
//    batch, precision, ranks, threads, executor, processor). The interval spans
//    what they measured and 10 % on either side, 20 % for a single one.
// 2. kScaled: finished runs that differ in sizes or batch only. Steps scale
//    with the operations of a batch; the interval widens with the distance.
// 3. kProbe: the first steps of a run of the same work; ±30 %.
// 4. kModel: operations over a throughput that the kind of device reaches; a
//    factor of 4 either way.
//
// Data sets and tokenizers to be made are priced by their size, as kModel.
#ifndef TRANSECT_LAUNCH_PLAN_PRICE_H_
#define TRANSECT_LAUNCH_PLAN_PRICE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "launch/plan/plan.h"
#include "launch/store/throughput.h"

namespace transect {

// A value and its interval.
struct Estimate {
  double low = 0;
  double value = 0;
  double high = 0;

  // Errors of prices have common causes, so intervals add.
  Estimate& operator+=(const Estimate& other) {
    return *this = {low + other.low, value + other.value, high + other.high};
  }
  Estimate operator*(double factor) const {
    return {low * factor, value * factor, high * factor};
  }
};

enum class PriceBasis { kMeasured, kScaled, kProbe, kModel };

// "measured", "scaled", "probe", "model".
absl::string_view BasisName(PriceBasis basis);

// Cost of one attempt of a job, whatever its state.
struct JobPrice {
  Estimate seconds;
  PriceBasis basis = PriceBasis::kModel;
  // Floating-point operations of all ranks together.
  double flops = 0;
  // Bytes that a rank needs at least: weights, gradients, state of the
  // optimizer, activations of its share of the batch. Attention scores, which
  // some kernels store, and the libraries come on top.
  int64_t memory_bytes = 0;
  // Bytes that it leaves in the store.
  int64_t disk_bytes = 0;
  // What it occupies.
  int processors = 1;
  int gpus = 0;
};

// Prices all jobs of `plan`, by index. Done jobs of the plan whose work
// `throughputs` does not know count as measured here.
std::vector<JobPrice> PriceJobs(const Plan& plan,
                                absl::Span<const Throughput> throughputs,
                                const Machine& machine);

// What is counted in hours.
enum class HourUnit {
  kCpu,   // processors that a job occupies
  kGpu,   // GPUs that it occupies
  kNode,  // machines; a job has one for itself
};

// "cpu-h", "gpu-h", "node-h".
absl::string_view UnitName(HourUnit unit);

// The job's hours in that unit.
Estimate HoursOf(const JobPrice& price, HourUnit unit);

// kGpu if any run of the plan computes on a GPU, else kCpu.
HourUnit UnitOf(const Plan& plan);

// Seconds until the wanted jobs have ended on `machine`: their processors'
// seconds over its processors, or the longest chain of jobs that need each
// other if that is more.
Estimate WallSeconds(const Plan& plan, absl::Span<const JobPrice> prices,
                     const Machine& machine);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PRICE_H_
