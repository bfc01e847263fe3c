#include "launch/plan/price.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
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
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "launch/plan/footprint.h"
#include "launch/plan/speed.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/job.pb.h"
#include "model/cost.h"

namespace transect {
namespace {

// Bytes of a pixel of a JPEG at quality 90, of a scene's annotation.
constexpr double kBytesPerPixel = 0.25;
constexpr int64_t kBytesOfScene = 2'000;

// Seconds of an 800 px image, and at the least, of painting a scene on one
// processor.
constexpr double kSecondsPerScene = 0.05;
constexpr double kLeastSecondsPerScene = 5e-4;
// Fewer scenes are not worth another thread.
constexpr double kScenesPerThread = 32;
// Of training a tokenizer, for each of its pieces.
constexpr double kSecondsPerPiece = 2e-4;

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

// Processors of the ranks, and of the threads that read ahead for them while
// they make steps or, without steps, evaluate.
int ProcessorsOf(const Job& job, const TrainingPart& part, const Speed& speed,
                 const DataSizes& sizes) {
  const RunSpec& run = job.launch.train().run();
  const double reading =
      part.train ? LoaderProcessors(run, run.training().global_batch(),
                                    speed.step.value, sizes)
                 : LoaderProcessors(run, 1, speed.pass.value, sizes);
  return job.processors() + static_cast<int>(std::lround(reading));
}

// Validations of a training of `steps` steps, at most: it may end early.
double ValidationsOf(const RunSpec& run, int64_t steps,
                     const DataSizes& sizes) {
  const TrainingSpec& training = run.training();
  const int64_t items =
      SizeOfSplit(run.data(), run.data().train_split(), sizes).items;
  const auto length =
      LengthOf(training, run.data().last_batch(), std::max<int64_t>(1, items));
  if (!Validates(training) || !length.ok() || steps < 1) return 0;
  const bool by_steps = training.validation().every_steps() > 0;
  const auto units =
      static_cast<double>(by_steps ? steps : length->epochs.Of(steps - 1) + 1);
  const auto every =
      static_cast<double>(by_steps ? training.validation().every_steps()
                                   : training.validation().every_epochs());
  return std::ceil(units / every);
}

// Steps of the training and passes of the evaluations; `assumed` becomes
// whether a size that they rest on is.
struct Amounts {
  Estimate steps;
  Estimate passes;
  bool assumed = false;
};

Amounts AmountsOf(const RunSpec& run, const TrainingPart& part,
                  const DataSizes& sizes) {
  Amounts amounts;
  const auto add = [&](double value, bool assumed, Estimate* to) {
    *to += assumed ? Estimate{0, value, kGuessFactor * value}
                   : Estimate{value, value, value};
    amounts.assumed = amounts.assumed || assumed;
  };
  if (part.train) {
    const bool assumed =
        run.training().has_epochs() &&
        SizeOfSplit(run.data(), run.data().train_split(), sizes).assumed;
    const int64_t steps = StepsOf(run, sizes);
    add(static_cast<double>(steps), assumed, &amounts.steps);
    if (const double validations = ValidationsOf(run, steps, sizes);
        validations > 0) {
      const SplitSize size =
          SizeOfSplit(run.data(), run.training().validation().split(), sizes);
      const SplitSize train =
          SizeOfSplit(run.data(), run.data().train_split(), sizes);
      const int64_t items =
          size.items +
          std::min<int64_t>(run.training().validation().train_items(),
                            train.items);
      add(validations * static_cast<double>(items), assumed || size.assumed,
          &amounts.passes);
    }
  }
  for (const std::string& split : part.eval_splits) {
    const SplitSize size = SizeOfSplit(run.data(), split, sizes);
    add(static_cast<double>(size.items) * EvaluationPasses(run.evaluation()),
        size.assumed, &amounts.passes);
  }
  return amounts;
}

JobPrice PriceTraining(const Job& job, const TrainingPart& part,
                       absl::Span<const Throughput> throughputs,
                       const Machine& machine, const DataSizes& sizes,
                       const ModelCost& cost) {
  const RunSpec& run = job.launch.train().run();
  const TrainingWork work = WorkOf(run, cost, machine);
  const Speed speed = SpeedOf(work, cost, part.train, throughputs);
  const Amounts amounts = AmountsOf(run, part, sizes);
  const double steps = amounts.steps.value;
  const double passes = amounts.passes.value;
  JobPrice price;
  price.seconds = speed.step * amounts.steps;
  price.seconds += speed.pass * amounts.passes;
  price.seconds += speed.other;
  price.basis = std::max(steps > 0 ? speed.step_basis : PriceBasis::MEASURED,
                         passes > 0 ? speed.pass_basis : PriceBasis::MEASURED);
  if (amounts.assumed) price.basis = PriceBasis::GUESS;
  price.flops = steps * StepFlops(work) +
                passes * static_cast<double>(cost.forward_flops);
  price.processors = ProcessorsOf(job, part, speed, sizes);
  price.gpus = run.training().device() == TrainingSpec::CUDA ? work.ranks() : 0;
  PriceMemory(run, cost, part, speed.same, &price);
  price.disk_bytes = DiskOfTraining(run, cost, part, sizes);
  price.checkpoint_bytes =
      CheckpointBytes(run, cost, steps, (speed.step * amounts.steps).value);
  return price;
}

JobPrice PriceInput(const Job& job, const Machine& machine) {
  JobPrice price;
  price.processors = job.processors();
  if (job.launch.has_synthesis()) {
    const SynthesisSpec& spec = job.launch.synthesis();
    const double images =
        spec.train_images() + spec.val_images() + spec.test_images();
    const double side = spec.image_size();
    price.processors = std::clamp(static_cast<int>(images / kScenesPerThread),
                                  1, machine.processors);
    price.seconds =
        Within(images *
                   std::max(kLeastSecondsPerScene,
                            kSecondsPerScene * side * side / (800.0 * 800.0)) /
                   price.processors,
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
               const Machine& machine, const DataSizes& sizes)
    : machine_(machine),
      sizes_(sizes),
      throughputs_(throughputs.begin(), throughputs.end()) {
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
  return job.launch.has_train() ? PriceOf(job, PartOf(job))
                                : PriceInput(job, machine_);
}

JobPrice Pricer::PriceOf(const Job& job, const TrainingPart& part) {
  return PriceTraining(job, part, throughputs_, machine_, sizes_,
                       CostOf(job.launch.train().run()));
}

std::vector<JobPrice> PriceJobs(const Plan& plan,
                                absl::Span<const Throughput> throughputs,
                                const Machine& machine,
                                const DataSizes& sizes) {
  Pricer pricer(plan, throughputs, machine, sizes);
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

Forecast ToForecast(const JobPrice& price) {
  Forecast forecast;
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
  return forecast;
}

void RecordForecasts(absl::Span<const JobPrice> prices, Plan* plan) {
  for (size_t i = 0; i < prices.size(); ++i) {
    *plan->jobs[i].launch.mutable_forecast() = ToForecast(prices[i]);
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

}  // namespace transect
