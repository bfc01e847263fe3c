#include "launch/plan/price.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/spec.h"
#include "experiments/training/training_spec.h"
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
// Start of ranks, opening of data, writing of outputs.
constexpr double kOtherSeconds = 5;

// How far a price may be off, as a factor either way.
constexpr double kModelFactor = 4;
constexpr double kProbeFactor = 1.3;
constexpr double kMeasuredFactor = 1.1;
constexpr double kMeasuredOnceFactor = 1.2;
constexpr double kScaledFactor = 1.3;

// Sentences of the published data sets: nothing is opened for a plan. A jsonl
// is taken for RRSIS-D's.
struct SplitSizes {
  int64_t train, val, test;
};
constexpr SplitSizes kRrsisd = {12181, 1740, 3481};
constexpr SplitSizes kRefSegRs = {2172, 431, 1817};
constexpr SplitSizes kRisBench = {26300, 10013, 16159};

// Bytes of a pixel of a JPEG at quality 90, of a record of the metric log for
// an item and for a step, of a picture of samples, of a scene's annotation.
constexpr double kBytesPerPixel = 0.25;
constexpr int64_t kBytesPerItem = 80;
constexpr int64_t kBytesPerStep = 60;
constexpr int64_t kBytesOfSamples = 200'000;
constexpr int64_t kBytesOfScene = 2'000;

// Seconds of an 800 px image, and at the least, of painting a scene on one
// processor.
constexpr double kSecondsPerScene = 0.05;
constexpr double kLeastSecondsPerScene = 5e-4;
constexpr double kTokenizerSeconds = 2;

Estimate Within(double value, double factor) {
  return {value / factor, value, value * factor};
}

const SplitSizes& SizesOf(const FoundDataset& found) {
  return found.format() == FoundDataset::REFSEGRS   ? kRefSegRs
         : found.format() == FoundDataset::RISBENCH ? kRisBench
                                                    : kRrsisd;
}

int64_t EvalItems(const DataSpec& data) {
  const SplitSizes& found = SizesOf(data.found());
  int64_t items = 0;
  for (const std::string& split : data.eval_splits()) {
    items += data.has_synthesis() ? SynthesisImages(data.synthesis(), split)
             : split == "train"   ? found.train
             : split == "val"     ? found.val
                                  : found.test;
  }
  return items;
}

// EstimateCost, once for each distinct model.
class CostCache {
 public:
  const ModelCost& Of(const RunSpec& run) {
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

 private:
  std::map<std::string, ModelCost> costs_;
};

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

// Seconds of a step, of an evaluated item, and of the rest.
struct Speed {
  PriceBasis basis = PriceBasis::kModel;
  Estimate step;
  Estimate item;
  Estimate other;
};

// Items are evaluated about as fast as steps are made, operation by operation.
Estimate ItemFromStep(const Estimate& step, const TrainingWork& work,
                      int passes) {
  return step *
         (passes * static_cast<double>(work.forward_flops()) / StepFlops(work));
}

Speed SpeedOf(const TrainingWork& work, int passes,
              absl::Span<const Throughput> throughputs) {
  Speed speed;
  const Throughput* probe = nullptr;
  const Throughput* nearest = nullptr;
  double distance = 0;
  for (const Throughput& throughput : throughputs) {
    if (SameWork(throughput.work(), work)) {
      if (throughput.probe()) {
        probe = &throughput;
        continue;
      }
      const double factor =
          throughput.runs() > 1 ? kMeasuredFactor : kMeasuredOnceFactor;
      speed.basis = PriceBasis::kMeasured;
      speed.step = {throughput.step_seconds_min() / factor,
                    throughput.step_seconds(),
                    throughput.step_seconds_max() * factor};
      speed.item = throughput.has_eval_item_seconds()
                       ? Within(throughput.eval_item_seconds(), factor)
                       : ItemFromStep(speed.step, work, passes);
      speed.other = Within(throughput.other_seconds(), factor);
      return speed;
    }
    const double far =
        std::abs(std::log(StepFlops(work) / StepFlops(throughput.work())));
    if (!throughput.probe() && DifferInSizesOnly(throughput.work(), work) &&
        (nearest == nullptr || far < distance)) {
      nearest = &throughput;
      distance = far;
    }
  }
  if (nearest != nullptr) {
    const double factor = kScaledFactor * std::exp(0.25 * distance);
    speed.basis = PriceBasis::kScaled;
    speed.step = Within(
        nearest->step_seconds() * StepFlops(work) / StepFlops(nearest->work()),
        factor);
    speed.item =
        nearest->has_eval_item_seconds()
            ? Within(nearest->eval_item_seconds() *
                         static_cast<double>(work.forward_flops()) /
                         static_cast<double>(nearest->work().forward_flops()),
                     factor)
            : ItemFromStep(speed.step, work, passes);
    speed.other = Within(nearest->other_seconds(), factor);
    return speed;
  }
  if (probe != nullptr) {
    speed.basis = PriceBasis::kProbe;
    speed.step = Within(probe->step_seconds(), kProbeFactor);
  } else {
    speed.step = Within(StepFlops(work) / ModelThroughput(work), kModelFactor);
  }
  speed.item = ItemFromStep(speed.step, work, passes);
  speed.other = Within(kOtherSeconds, kModelFactor);
  return speed;
}

int64_t MemoryOfRank(const RunSpec& run, const ModelCost& cost) {
  const bool full = run.training().precision() == TrainingSpec::FP32;
  const int64_t frozen = cost.parameters - cost.trainable_parameters;
  // Master copy, gradient and two moments in fp32; below that a working copy.
  const int64_t per_trained = 16 + (full ? 0 : 2);
  const int64_t images =
      (run.training().global_batch() + run.training().ranks() - 1) /
      std::max(1, run.training().ranks());
  return frozen * (full ? 4 : 2) + cost.trainable_parameters * per_trained +
         images * cost.activation_bytes;
}

JobPrice PriceTraining(const Job& job, absl::Span<const Throughput> throughputs,
                       const Machine& machine, CostCache* costs) {
  const TrainJob& train = job.launch.train();
  const RunSpec& run = train.run();
  const ModelCost& cost = costs->Of(run);
  const TrainingWork work = WorkOf(run, cost, machine);
  const int64_t items = train.evaluate() ? EvalItems(run.data()) : 0;
  const int passes = EvaluationPasses(run.evaluation());
  const auto steps = static_cast<double>(run.training().steps());
  const Speed speed = SpeedOf(work, passes, throughputs);
  JobPrice price;
  price.basis = speed.basis;
  price.seconds = speed.step * steps;
  price.seconds += speed.item * static_cast<double>(items);
  price.seconds += speed.other;
  price.flops =
      steps * StepFlops(work) + static_cast<double>(items) * passes *
                                    static_cast<double>(cost.forward_flops);
  price.memory_bytes = MemoryOfRank(run, cost);
  price.processors = job.processors();
  price.gpus = run.training().device() == TrainingSpec::CUDA ? work.ranks() : 0;
  price.disk_bytes =
      4 * cost.trainable_parameters + items * kBytesPerItem +
      run.training().steps() /
          std::max<int64_t>(1, run.training().log_every()) * kBytesPerStep +
      (items > 0 && run.evaluation().samples() > 0 ? kBytesOfSamples : 0);
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
        kModelFactor);
    price.disk_bytes = static_cast<int64_t>(
        images * (side * side * kBytesPerPixel + kBytesOfScene));
  } else {
    price.seconds = Within(kTokenizerSeconds, kModelFactor);
    price.disk_bytes = job.launch.tokenizer().spec().vocab_size() * int64_t{20};
  }
  price.processors = job.processors();
  return price;
}

// What finished jobs of the plan measured, where no record has it.
void AddThroughputsOfPlan(const Plan& plan, const Machine& machine,
                          CostCache* costs,
                          std::vector<Throughput>* throughputs) {
  const auto recorded = std::ssize(*throughputs);
  for (const Job& job : plan.jobs) {
    if (job.state != JobState::kDone || !job.launch.has_train()) {
      continue;
    }
    const RunSpec& run = job.launch.train().run();
    const std::optional<Throughput> throughput =
        ThroughputOfResult(WorkOf(run, costs->Of(run), machine), job.result);
    if (!throughput.has_value()) {
      continue;
    }
    const auto other =
        std::ranges::find_if(*throughputs, [&](const Throughput& known) {
          return !known.probe() && SameWork(known.work(), throughput->work());
        });
    if (other == throughputs->end()) {
      throughputs->push_back(*throughput);
    } else if (other - throughputs->begin() >= recorded) {
      other->set_runs(other->runs() + 1);
      other->set_step_seconds_min(
          std::min(other->step_seconds_min(), throughput->step_seconds()));
      other->set_step_seconds_max(
          std::max(other->step_seconds_max(), throughput->step_seconds()));
    }
  }
}

}  // namespace

absl::string_view BasisName(PriceBasis basis) {
  // In the order of PriceBasis.
  constexpr absl::string_view kNames[] = {"measured", "scaled", "probe",
                                          "model"};
  return kNames[static_cast<size_t>(basis)];
}

std::vector<JobPrice> PriceJobs(const Plan& plan,
                                absl::Span<const Throughput> throughputs,
                                const Machine& machine) {
  CostCache costs;
  std::vector<Throughput> all(throughputs.begin(), throughputs.end());
  AddThroughputsOfPlan(plan, machine, &costs, &all);
  std::vector<JobPrice> prices;
  prices.reserve(plan.jobs.size());
  for (const Job& job : plan.jobs) {
    prices.push_back(job.launch.has_train()
                         ? PriceTraining(job, all, machine, &costs)
                         : PriceInput(job));
  }
  return prices;
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
