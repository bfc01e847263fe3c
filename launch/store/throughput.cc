#include "launch/store/throughput.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/store/machine.h"
#include "model/cost.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Digits of a digest that name a file; there are as many files as kinds of
// work.
constexpr size_t kKeyDigits = 16;

std::string KeyOf(const TrainingWork& work) {
  return Sha256(PrintTextproto(work)).substr(0, kKeyDigits);
}

double Mean(double mean, int count, double value) {
  return mean + (value - mean) / (count + 1);
}

// Operations of the second time that a rank with several logical shards encodes
// an image and its sentence: towers of SigLIP that learn, before a prompter
// with batch statistics (model/base/segmentation_model.h).
int64_t SecondEncodingFlops(const RunSpec& run, const ModelCost& cost) {
  const auto learns = [](const AdapterTower& tower) {
    return absl::StartsWith(tower.field, "siglip.") && tower.lora->rank() > 0;
  };
  if (run.training().logical_shards() <= run.training().ranks() ||
      !HasPart(run.model(), "prompter") ||
      (!TrainsEverything(run.model()) &&
       std::ranges::none_of(AdapterTowers(run.model()), learns))) {
    return 0;
  }
  int64_t flops = 0;
  for (const CostPart& part : cost.parts) {
    if (absl::StartsWith(part.name, "siglip.")) flops += part.forward_flops;
  }
  return flops;
}

}  // namespace

Machine ThisMachine() {
  Machine machine;
  machine.processor = ProcessorModel();
  const std::vector<std::string> gpus = GpuModels();
  machine.gpu = gpus.empty() ? "" : gpus.front();
  machine.processors =
      std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return machine;
}

ModelCost CostOfImage(const RunSpec& run) {
  CostOptions options;
  options.text_tokens =
      std::min<int64_t>(options.text_tokens, run.tokenizer().max_tokens());
  options.element_bytes =
      run.training().precision() == TrainingSpec::FP32 ? 4 : 2;
  options.checkpoint_activations =
      run.training().activations() == TrainingSpec::RECOMPUTE;
  return EstimateCost(run.model(), options);
}

TrainingWork WorkOf(const RunSpec& run, const ModelCost& cost,
                    const Machine& machine) {
  const TrainingSpec& training = run.training();
  TrainingWork work;
  work.set_executor(machine.executor);
  work.set_processor(training.device() == TrainingSpec::CUDA
                         ? machine.gpu
                         : machine.processor);
  work.set_device(training.device());
  work.set_precision(training.precision());
  work.set_numerics(training.numerics());
  work.set_ranks(training.ranks());
  if (training.logical_shards() > training.ranks()) {
    work.set_logical_shards(training.logical_shards());
  }
  work.set_threads_per_rank(training.threads_per_rank());
  work.set_global_batch(training.global_batch());
  work.set_activations(training.activations());
  work.set_train_flops(cost.train_flops + SecondEncodingFlops(run, cost));
  work.set_forward_flops(cost.forward_flops);
  return work;
}

std::optional<Throughput> ThroughputOfResult(const TrainingWork& work,
                                             int passes, const Result& result) {
  const bool trained = result.steps() >= 2 && result.step_seconds() > 0;
  const bool evaluated = result.eval_items() > 0 && result.eval_seconds() > 0;
  if (!trained && !evaluated) {
    return std::nullopt;
  }
  Throughput throughput;
  *throughput.mutable_work() = work;
  const double rest = std::max(
      0.0, result.seconds() - result.eval_seconds() -
               result.validation_seconds() -
               static_cast<double>(result.steps()) * result.step_seconds());
  if (trained) {
    throughput.set_runs(1);
    throughput.set_step_seconds(result.step_seconds());
    throughput.set_step_seconds_min(result.step_seconds());
    throughput.set_step_seconds_max(result.step_seconds());
    throughput.set_other_seconds(rest);
    throughput.set_peak_memory_bytes(result.peak_memory_bytes());
    throughput.set_peak_device_memory_bytes(result.peak_device_memory_bytes());
  } else if (result.steps() == 0) {
    throughput.set_evaluation_other_seconds(rest);
  }
  if (evaluated) {
    throughput.set_evaluations(1);
    throughput.set_eval_pass_seconds(
        result.eval_seconds() /
        (static_cast<double>(result.eval_items()) * passes));
  }
  return throughput;
}

void AddThroughput(const Throughput& one, Throughput* mean) {
  if (one.runs() > 0) {
    const int count = mean->runs();
    mean->set_step_seconds(
        Mean(mean->step_seconds(), count, one.step_seconds()));
    mean->set_step_seconds_min(
        count == 0 ? one.step_seconds()
                   : std::min(mean->step_seconds_min(), one.step_seconds()));
    mean->set_step_seconds_max(
        std::max(mean->step_seconds_max(), one.step_seconds()));
    mean->set_other_seconds(
        Mean(mean->other_seconds(), count, one.other_seconds()));
  }
  if (one.evaluations() > 0) {
    const int count = mean->evaluations();
    mean->set_eval_pass_seconds(
        Mean(mean->eval_pass_seconds(), count, one.eval_pass_seconds()));
    if (one.has_evaluation_other_seconds()) {
      mean->set_evaluation_other_seconds(
          mean->has_evaluation_other_seconds()
              ? Mean(mean->evaluation_other_seconds(), count,
                     one.evaluation_other_seconds())
              : one.evaluation_other_seconds());
    }
  }
  mean->set_runs(mean->runs() + one.runs());
  mean->set_evaluations(mean->evaluations() + one.evaluations());
  mean->set_peak_memory_bytes(
      std::max(mean->peak_memory_bytes(), one.peak_memory_bytes()));
  mean->set_peak_device_memory_bytes(std::max(mean->peak_device_memory_bytes(),
                                              one.peak_device_memory_bytes()));
}

bool SameWork(const TrainingWork& a, const TrainingWork& b) {
  return PrintTextproto(a) == PrintTextproto(b);
}

std::vector<Throughput> ReadThroughputs(const Store& store) {
  std::vector<Throughput> throughputs;
  for (const std::string& name : ListDirectory(store.ThroughputDir())
                                     .value_or(std::vector<std::string>())) {
    if (!absl::EndsWith(name, ".textproto")) continue;
    absl::StatusOr<Throughput> throughput = ReadTextproto<Throughput>(
        absl::StrCat(store.ThroughputDir(), "/", name));
    if (throughput.ok() && throughput->work().train_flops() > 0 &&
        (throughput->step_seconds() > 0 ||
         throughput->eval_pass_seconds() > 0)) {
      throughputs.push_back(*std::move(throughput));
    }
  }
  return throughputs;
}

absl::Status RecordThroughput(const Store& store,
                              const Throughput& throughput) {
  const std::string path = store.ThroughputPath(KeyOf(throughput.work()));
  const absl::StatusOr<Throughput> known = ReadTextproto<Throughput>(path);
  if (known.ok() && throughput.probe()) {
    return absl::OkStatus();
  }
  Throughput merged = throughput;
  if (known.ok() && !known->probe()) {
    merged = *known;
    AddThroughput(throughput, &merged);
  }
  TRANSECT_RETURN_IF_ERROR(MakeDirs(store.ThroughputDir()));
  return WriteTextprotoAtomic(path, merged);
}

}  // namespace transect
