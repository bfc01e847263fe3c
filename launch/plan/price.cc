#include "launch/plan/price.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "experiments/training/training_spec.h"
#include "launch/plan/footprint.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/job.pb.h"
#include "model/cost.h"

namespace transect {
namespace {

// What a device reaches in training, FLOP/s, where nothing was measured: the
// tiny preset on one thread of a server processor; RSRefSeg in stock kernels on
// an H100 (18 % of its matrix throughput of 790e12 in bf16).
constexpr double kCpuThreadThroughput = 1.5e10;
constexpr double kGpuThroughputBf16 = 1.4e14;
constexpr double kGpuThroughputFp32 = 2.5e13;
// Start of ranks, opening of data; loading and writing of weights. The tiny
// preset and one of 65 million parameters on a server processor.
constexpr double kStartSeconds = 0.3;
constexpr double kSecondsPerParameter = 4e-8;

// How far a price may be off, as a factor either way.
constexpr double kGuessFactor = 4;
constexpr double kProbeFactor = 1.3;
constexpr double kMeasuredFactor = 1.1;
constexpr double kMeasuredOnceFactor = 1.2;
constexpr double kScaledFactor = 1.3;

// Bytes of a pixel of a JPEG at quality 90, of a scene's annotation.
constexpr double kBytesPerPixel = 0.25;
constexpr int64_t kBytesOfScene = 2'000;

// Seconds of an 800 px image, and at the least, of painting a scene on one
// processor.
constexpr double kSecondsPerScene = 0.05;
constexpr double kLeastSecondsPerScene = 5e-4;
// Of training a tokenizer, for each of its pieces.
constexpr double kSecondsPerPiece = 2e-4;

Estimate Within(double value, double factor) {
  return {value / factor, value, value * factor};
}

// Operations of a step.
double StepFlops(const TrainingWork& work) {
  // A model of which nothing is trained has none; 1 keeps ratios finite.
  return std::max(1.0, static_cast<double>(work.global_batch()) *
                           static_cast<double>(work.train_flops()));
}

bool DifferInSizesOnly(TrainingWork a, TrainingWork b) {
  for (TrainingWork* work : {&a, &b}) {
    work->clear_global_batch();
    work->clear_train_flops();
    work->clear_forward_flops();
  }
  return SameWork(a, b);
}

double ModelThroughput(const TrainingWork& work) {
  if (work.device() != TrainingSpec::CUDA) {
    return kCpuThreadThroughput * work.ranks() * work.threads_per_rank();
  }
  return work.ranks() * (work.precision() == TrainingSpec::FP32
                             ? kGpuThroughputFp32
                             : kGpuThroughputBf16);
}

// Seconds of a step, of a pass over an evaluated item, and of the rest.
struct Speed {
  Estimate step;
  PriceBasis::Value step_basis = PriceBasis::GUESS;
  Estimate pass;
  PriceBasis::Value pass_basis = PriceBasis::GUESS;
  Estimate other;
};

// What measurements say about a kind of work; null where they do not.
struct Known {
  const Throughput* same = nullptr;
  const Throughput* probe = nullptr;
  const Throughput* nearest = nullptr;  // of other sizes
  double distance = 0;                  // of `nearest`
};

Known Find(const TrainingWork& work, absl::Span<const Throughput> throughputs) {
  Known known;
  for (const Throughput& throughput : throughputs) {
    if (SameWork(throughput.work(), work)) {
      (throughput.probe() ? known.probe : known.same) = &throughput;
      continue;
    }
    const double distance =
        std::abs(std::log(StepFlops(work) / StepFlops(throughput.work())));
    if (throughput.runs() > 0 && DifferInSizesOnly(throughput.work(), work) &&
        (known.nearest == nullptr || distance < known.distance)) {
      known.nearest = &throughput;
      known.distance = distance;
    }
  }
  return known;
}

double MeasuredFactor(int count) {
  return count > 1 ? kMeasuredFactor : kMeasuredOnceFactor;
}

double ScaledFactor(const Known& known) {
  return kScaledFactor * std::exp(0.25 * known.distance);
}

void SetStepSpeed(const TrainingWork& work, const Known& known, Speed* speed) {
  if (known.same != nullptr && known.same->runs() > 0) {
    const double factor = MeasuredFactor(known.same->runs());
    speed->step_basis = PriceBasis::MEASURED;
    speed->step = {known.same->step_seconds_min() / factor,
                   known.same->step_seconds(),
                   known.same->step_seconds_max() * factor};
  } else if (known.nearest != nullptr) {
    speed->step_basis = PriceBasis::SCALED;
    speed->step = Within(known.nearest->step_seconds() * StepFlops(work) /
                             StepFlops(known.nearest->work()),
                         ScaledFactor(known));
  } else if (known.probe != nullptr) {
    speed->step_basis = PriceBasis::PROBE;
    speed->step = Within(known.probe->step_seconds(), kProbeFactor);
  } else {
    speed->step_basis = PriceBasis::GUESS;
    speed->step = Within(StepFlops(work) / ModelThroughput(work), kGuessFactor);
  }
}

// After SetStepSpeed.
void SetPassSpeed(const TrainingWork& work, const Known& known, Speed* speed) {
  const auto flops = static_cast<double>(work.forward_flops());
  if (known.same != nullptr && known.same->evaluations() > 0) {
    speed->pass_basis = PriceBasis::MEASURED;
    speed->pass = Within(known.same->eval_pass_seconds(),
                         MeasuredFactor(known.same->evaluations()));
  } else if (known.nearest != nullptr && known.nearest->evaluations() > 0) {
    speed->pass_basis = PriceBasis::SCALED;
    speed->pass =
        Within(known.nearest->eval_pass_seconds() * flops /
                   static_cast<double>(known.nearest->work().forward_flops()),
               ScaledFactor(known));
  } else {
    // Evaluations are about as fast as steps, operation by operation.
    speed->pass_basis = std::max(speed->step_basis, PriceBasis::SCALED);
    speed->pass = speed->step * (flops / StepFlops(work));
  }
}

void SetOther(const ModelCost& cost, const Known& known, bool train,
              Speed* speed) {
  const Throughput* const same = known.same;
  if (!train && same != nullptr && same->has_evaluation_other_seconds()) {
    speed->other = Within(same->evaluation_other_seconds(),
                          MeasuredFactor(same->evaluations()));
  } else if (same != nullptr && same->runs() > 0) {
    speed->other = Within(same->other_seconds(), MeasuredFactor(same->runs()));
  } else if (known.nearest != nullptr) {
    speed->other = Within(known.nearest->other_seconds(), ScaledFactor(known));
  } else {
    speed->other =
        Within(kStartSeconds +
                   kSecondsPerParameter * static_cast<double>(cost.parameters),
               kGuessFactor);
  }
}

// What an attempt of the job does; of a done one what all its attempts did.
TrainingPart PartOf(const Job& job) {
  TrainingPart part;
  part.train = job.state == JobState::kDone || !job.result.has_id();
  if (!part.train) {
    part.eval_splits = job.unevaluated;
    return part;
  }
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    part.eval_splits.push_back(evaluation.split());
  }
  return part;
}

void PriceMemory(const RunSpec& run, const ModelCost& cost,
                 const TrainingPart& part, const Throughput* same,
                 JobPrice* price) {
  if (part.train && same != nullptr && same->peak_memory_bytes() > 0) {
    price->memory_bytes = same->peak_memory_bytes();
    price->device_memory_bytes = same->peak_device_memory_bytes();
    price->memory_basis = PriceBasis::MEASURED;
    // Measured before runs recorded it.
    if (price->gpus == 0 || price->device_memory_bytes > 0) return;
  }
  const MemoryNeed need = MemoryOfRank(run, cost, part);
  price->memory_bytes = std::max(price->memory_bytes, need.host);
  price->device_memory_bytes = need.device;
  price->memory_basis = PriceBasis::GUESS;
}

JobPrice PriceTraining(const Job& job, const TrainingPart& part,
                       absl::Span<const Throughput> throughputs,
                       const Machine& machine, const ModelCost& cost) {
  const RunSpec& run = job.launch.train().run();
  const TrainingWork work = WorkOf(run, cost, machine);
  const Known known = Find(work, throughputs);
  Speed speed;
  SetStepSpeed(work, known, &speed);
  SetPassSpeed(work, known, &speed);
  SetOther(cost, known, part.train, &speed);
  const double steps = part.train ? static_cast<double>(StepsOf(run)) : 0;
  double passes = 0;
  for (const std::string& split : part.eval_splits) {
    passes += static_cast<double>(SizeOfSplit(run.data(), split).items) *
              EvaluationPasses(run.evaluation());
  }
  JobPrice price;
  price.seconds = speed.step * steps;
  price.seconds += speed.pass * passes;
  price.seconds += speed.other;
  price.basis = std::max(steps > 0 ? speed.step_basis : PriceBasis::MEASURED,
                         passes > 0 ? speed.pass_basis : PriceBasis::MEASURED);
  price.flops = steps * StepFlops(work) +
                passes * static_cast<double>(cost.forward_flops);
  price.processors = job.processors();
  price.gpus = run.training().device() == TrainingSpec::CUDA ? work.ranks() : 0;
  PriceMemory(run, cost, part, known.same, &price);
  price.disk_bytes = DiskOfTraining(run, cost, part);
  return price;
}

JobPrice PriceInput(const Job& job) {
  JobPrice price;
  if (job.launch.has_synthesis()) {
    const SynthesisSpec& spec = job.launch.synthesis();
    const double images =
        spec.train_images() + spec.val_images() + spec.test_images();
    const double side = spec.image_size();
    price.seconds = Within(
        images * std::max(kLeastSecondsPerScene,
                          kSecondsPerScene * side * side / (800.0 * 800.0)),
        kGuessFactor);
    price.disk_bytes =
        kBytesOfJobFiles +
        static_cast<int64_t>(images *
                             (side * side * kBytesPerPixel + kBytesOfScene));
  } else {
    price.seconds =
        Within(kSecondsPerPiece * job.launch.tokenizer().spec().vocab_size(),
               kGuessFactor);
    price.disk_bytes = kBytesOfJobFiles +
                       job.launch.tokenizer().spec().vocab_size() * int64_t{20};
  }
  price.processors = job.processors();
  return price;
}

// By index of the job, whether the training is in its price. Of the runs that
// share one it is that of the first in the order in which a budget pays, so
// that one that pays for any of them pays for the training. What is not wanted
// shares with nothing that is.
std::vector<bool> TrainingPayers(const Plan& plan) {
  std::vector<bool> payers(plan.jobs.size());
  std::set<std::string> paid;
  for (const bool wanted : {true, false}) {
    for (const Cell* cell : CellsInOrder(plan.expansion)) {
      for (const int run : cell->runs) {
        const int index = plan.first_run + run;
        const Job& job = plan.jobs[index];
        if (job.wanted != wanted || !PartOf(job).train) continue;
        const std::string& place = job.dir.empty() ? job.id : job.dir;
        payers[index] = payers[index] || paid.insert(place).second;
      }
    }
  }
  return payers;
}

}  // namespace

Pricer::Pricer(const Plan& plan, absl::Span<const Throughput> throughputs,
               const Machine& machine)
    : machine_(machine), throughputs_(throughputs.begin(), throughputs.end()) {
  AddThroughputsOfPlan(plan);
}

const ModelCost& Pricer::CostOf(const RunSpec& run) {
  std::string key = run.model().SerializeAsString();
  key += static_cast<char>(run.tokenizer().max_tokens());
  key += static_cast<char>(run.training().precision());
  key += static_cast<char>(run.training().activations());
  const auto [known, is_new] = costs_.try_emplace(std::move(key));
  if (is_new) {
    known->second = CostOfImage(run);
  }
  return known->second;
}

// What finished jobs of the plan measured, where no record has it.
void Pricer::AddThroughputsOfPlan(const Plan& plan) {
  const auto recorded = std::ssize(throughputs_);
  for (const Job& job : plan.jobs) {
    if (job.state != JobState::kDone || !job.launch.has_train()) {
      continue;
    }
    const RunSpec& run = job.launch.train().run();
    const std::optional<Throughput> throughput =
        ThroughputOfResult(WorkOf(run, CostOf(run), machine_),
                           EvaluationPasses(run.evaluation()), job.result);
    if (!throughput.has_value()) {
      continue;
    }
    const auto other =
        std::ranges::find_if(throughputs_, [&](const Throughput& known) {
          return !known.probe() && SameWork(known.work(), throughput->work());
        });
    if (other == throughputs_.end()) {
      throughputs_.push_back(*throughput);
    } else if (other - throughputs_.begin() >= recorded) {
      AddThroughput(*throughput, &*other);
    }
  }
}

JobPrice Pricer::PriceOf(const Job& job) {
  return job.launch.has_train() ? PriceOf(job, PartOf(job)) : PriceInput(job);
}

JobPrice Pricer::PriceOf(const Job& job, const TrainingPart& part) {
  return PriceTraining(job, part, throughputs_, machine_,
                       CostOf(job.launch.train().run()));
}

std::vector<JobPrice> PriceJobs(const Plan& plan,
                                absl::Span<const Throughput> throughputs,
                                const Machine& machine) {
  Pricer pricer(plan, throughputs, machine);
  std::vector<JobPrice> prices;
  prices.reserve(plan.jobs.size());
  const std::vector<bool> payers = TrainingPayers(plan);
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    const Job& job = plan.jobs[i];
    if (job.kind != Job::Kind::kRun) {
      prices.push_back(pricer.PriceOf(job));
      continue;
    }
    TrainingPart part = PartOf(job);
    part.train = part.train && payers[i];
    prices.push_back(pricer.PriceOf(job, part));
  }
  return prices;
}

void RecordForecasts(absl::Span<const JobPrice> prices, Plan* plan) {
  for (size_t i = 0; i < prices.size(); ++i) {
    const JobPrice& price = prices[i];
    Forecast& forecast = *plan->jobs[i].launch.mutable_forecast();
    forecast.set_seconds(price.seconds.value);
    forecast.set_seconds_low(price.seconds.low);
    forecast.set_seconds_high(price.seconds.high);
    forecast.set_basis(price.basis);
    forecast.set_processors(price.processors);
    forecast.set_gpus(price.gpus);
    forecast.set_memory_bytes(price.memory_bytes);
    forecast.set_device_memory_bytes(price.device_memory_bytes);
    forecast.set_memory_basis(price.memory_bytes > 0 ? price.memory_basis
                                                     : PriceBasis::UNSPECIFIED);
    forecast.set_disk_bytes(price.disk_bytes);
  }
}

absl::string_view UnitName(HourUnit unit) {
  // In the order of HourUnit.
  constexpr absl::string_view kNames[] = {"cpu-h", "gpu-h", "node-h"};
  return kNames[static_cast<size_t>(unit)];
}

Estimate HoursOf(const JobPrice& price, HourUnit unit) {
  const double count = unit == HourUnit::kCpu   ? price.processors
                       : unit == HourUnit::kGpu ? price.gpus
                                                : 1;
  return price.seconds * (count / 3600);
}

HourUnit UnitOf(const Plan& plan) {
  return std::ranges::any_of(
             plan.Runs(),
             [](const Job& run) {
               return run.launch.train().run().training().device() ==
                      TrainingSpec::CUDA;
             })
             ? HourUnit::kGpu
             : HourUnit::kCpu;
}

Estimate WallSeconds(const Plan& plan, absl::Span<const JobPrice> prices,
                     const Machine& machine) {
  Estimate work;
  // Until each job has ended, if nothing else ran. Needs come before jobs.
  std::vector<Estimate> ends(plan.jobs.size());
  Estimate longest;
  const auto raise = [](Estimate* to, const Estimate& by) {
    to->low = std::max(to->low, by.low);
    to->value = std::max(to->value, by.value);
    to->high = std::max(to->high, by.high);
  };
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    if (!plan.jobs[i].wanted) {
      continue;
    }
    for (const int needed : plan.jobs[i].needs) {
      raise(&ends[i], ends[needed]);
    }
    ends[i] += prices[i].seconds;
    raise(&longest, ends[i]);
    work += prices[i].seconds *
            std::min(1.0, static_cast<double>(prices[i].processors) /
                              machine.processors);
  }
  raise(&work, longest);
  return work;
}

}  // namespace transect
