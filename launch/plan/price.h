// What the jobs of a plan cost: time with an interval, operations, memory,
// disk.
//
// Times come from the first of these that there is, and each price names it
// (PriceBasis, launch/store/forecast.proto):
//
// 1. MEASURED: finished runs of the same work (TrainingWork: equal sizes,
//    batch, precision, ranks, threads, executor, processor). The interval spans
//    what they measured and 10 % on either side, 20 % for a single one.
// 2. SCALED: finished runs that differ in sizes or batch only. Steps scale with
//    the operations of a batch; the interval widens with the distance. An
//    evaluation is scaled from steps of the same work where none was measured.
// 3. PROBE: the first steps of a run of the same work; +-30 %.
// 4. GUESS: operations over a throughput that the kind of device reaches; a
//    factor of 4 either way.
//
// A price has the worst basis of its parts, and is a GUESS where a found data
// set that it reads was never read: it counts then as the published one in its
// layout, or as anything from nothing to four times that. Data sets and
// tokenizers to be made are priced by their size: guesses. Memory is MEASURED
// where the same work ran, else a GUESS (launch/plan/footprint.h).
#ifndef TRANSECT_LAUNCH_PLAN_PRICE_H_
#define TRANSECT_LAUNCH_PLAN_PRICE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "launch/plan/footprint.h"
#include "launch/plan/plan.h"
#include "launch/plan/speed.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/throughput.h"
#include "model/cost.h"

namespace transect {

// Cost of one attempt of a job, whatever its state.
struct JobPrice {
  Estimate seconds;
  PriceBasis::Value basis = PriceBasis::GUESS;
  // Floating-point operations of all ranks together.
  double flops = 0;
  // Resident bytes of a rank, and bytes on its GPU: at least, where the basis
  // is a GUESS. 0 for data sets and tokenizers.
  int64_t memory_bytes = 0;
  int64_t device_memory_bytes = 0;
  PriceBasis::Value memory_basis = PriceBasis::GUESS;
  // Bytes that it leaves in the store.
  int64_t disk_bytes = 0;
  // CheckpointBytes: in the store until the training is over.
  int64_t checkpoint_bytes = 0;
  // What it occupies. Threads that read images ahead count as far as they are
  // busy; rendering a data set takes the processors of the machine, as far as
  // it has images for them.
  int processors = 1;
  int gpus = 0;
};

// Prices jobs of one plan. Done jobs of the plan whose work `throughputs` does
// not know count as measured here. `plan` and `machine` outlive the pricer.
class Pricer {
 public:
  Pricer(const Plan& plan, absl::Span<const Throughput> throughputs,
         const Machine& machine, const DataSizes& sizes = {});

  // What an attempt of the job does: of a run that is trained the evaluations
  // that it lacks, else the whole.
  JobPrice PriceOf(const Job& job);

  // Only that part of a training: an evaluation of what is trained already
  // costs no steps.
  JobPrice PriceOf(const Job& job, const TrainingPart& part);

 private:
  const ModelCost& CostOf(const RunSpec& run);
  void AddThroughputsOfPlan(const Plan& plan);

  const Machine& machine_;
  const DataSizes sizes_;
  std::vector<Throughput> throughputs_;
  // Of distinct models.
  std::map<std::string, ModelCost> costs_;
};

// The prices of all jobs of `plan`, by index: Pricer::PriceOf, but a training
// that several runs share is in the price of one of them, that
// of the `wanted` ones for which a budget pays first.
std::vector<JobPrice> PriceJobs(const Plan& plan,
                                absl::Span<const Throughput> throughputs,
                                const Machine& machine,
                                const DataSizes& sizes = {});

// The price as a launch plan has it.
Forecast ToForecast(const JobPrice& price);

// Writes the prices, by index of the job, into the launch plans of the jobs,
// and with that into launch.textproto of each attempt that starts from now on.
void RecordForecasts(absl::Span<const JobPrice> prices, Plan* plan);

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

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_PRICE_H_
