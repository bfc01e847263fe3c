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
  work.set_threads_per_rank(training.threads_per_rank());
  work.set_global_batch(training.global_batch());
  work.set_activations(training.activations());
  work.set_train_flops(cost.train_flops);
  work.set_forward_flops(cost.forward_flops);
  return work;
}

std::optional<Throughput> ThroughputOfResult(const TrainingWork& work,
                                             const Result& result) {
  if (result.steps() < 2 || !(result.step_seconds() > 0)) {
    return std::nullopt;
  }
  Throughput throughput;
  *throughput.mutable_work() = work;
  throughput.set_runs(1);
  throughput.set_step_seconds(result.step_seconds());
  throughput.set_step_seconds_min(result.step_seconds());
  throughput.set_step_seconds_max(result.step_seconds());
  if (result.eval_items() > 0 && result.eval_seconds() > 0) {
    throughput.set_eval_item_seconds(result.eval_seconds() /
                                     static_cast<double>(result.eval_items()));
  }
  throughput.set_other_seconds(std::max(
      0.0, result.seconds() - result.eval_seconds() -
               static_cast<double>(result.steps()) * result.step_seconds()));
  throughput.set_peak_memory_bytes(result.peak_memory_bytes());
  return throughput;
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
    if (throughput.ok() && throughput->step_seconds() > 0 &&
        throughput->work().train_flops() > 0) {
      throughputs.push_back(*std::move(throughput));
    }
  }
  return throughputs;
}

absl::Status RecordThroughput(const Store& store,
                              const Throughput& throughput) {
  const std::string path = store.ThroughputPath(KeyOf(throughput.work()));
  const absl::StatusOr<Throughput> known = ReadTextproto<Throughput>(path);
  Throughput merged = throughput;
  if (known.ok()) {
    if (throughput.probe()) {
      return absl::OkStatus();
    }
    if (!known->probe()) {
      const int count = known->runs();
      merged.set_runs(count + throughput.runs());
      merged.set_step_seconds(
          Mean(known->step_seconds(), count, throughput.step_seconds()));
      merged.set_step_seconds_min(
          std::min(known->step_seconds_min(), throughput.step_seconds()));
      merged.set_step_seconds_max(
          std::max(known->step_seconds_max(), throughput.step_seconds()));
      if (known->has_eval_item_seconds()) {
        merged.set_eval_item_seconds(throughput.has_eval_item_seconds()
                                         ? Mean(known->eval_item_seconds(),
                                                count,
                                                throughput.eval_item_seconds())
                                         : known->eval_item_seconds());
      }
      merged.set_other_seconds(
          Mean(known->other_seconds(), count, throughput.other_seconds()));
      merged.set_peak_memory_bytes(
          std::max(known->peak_memory_bytes(), throughput.peak_memory_bytes()));
    }
  }
  TRANSECT_RETURN_IF_ERROR(MakeDirs(store.ThroughputDir()));
  return WriteTextprotoAtomic(path, merged);
}

}  // namespace transect
