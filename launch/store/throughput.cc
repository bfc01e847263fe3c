#include "launch/store/throughput.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "model/cost.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Digits of a digest that name a file; there are as many files as kinds of
// work.
constexpr size_t kKeyDigits = 16;

// Value of the first line `NAME : VALUE` of a file of the kernel's.
std::string KernelValue(const std::string& path, absl::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(':');
    if (colon != std::string::npos &&
        absl::StripAsciiWhitespace(line.substr(0, colon)) == name) {
      return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    }
  }
  return "";
}

std::string FirstGpu() {
  std::error_code error;
  std::vector<std::string> folders;
  for (std::filesystem::directory_iterator
           entry("/proc/driver/nvidia/gpus", error),
       end;
       !error && entry != end; entry.increment(error)) {
    folders.push_back(entry->path().string());
  }
  return folders.empty()
             ? ""
             : KernelValue(*std::min_element(folders.begin(), folders.end()) +
                               "/information",
                           "Model");
}

std::string KeyOf(const RateWork& work) {
  return Sha256(PrintTextproto(work)).substr(0, kKeyDigits);
}

double Mean(double mean, int count, double value) {
  return mean + (value - mean) / (count + 1);
}

}  // namespace

Machine ThisMachine() {
  Machine machine;
  machine.processor = KernelValue("/proc/cpuinfo", "model name");
  machine.gpu = FirstGpu();
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
  options.recompute = run.training().activations() == TrainingSpec::RECOMPUTE;
  return EstimateCost(run.model(), options);
}

RateWork WorkOf(const RunSpec& run, const ModelCost& cost,
                const Machine& machine) {
  const TrainingSpec& training = run.training();
  RateWork work;
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

std::optional<Rate> RateOfResult(const RateWork& work, const Result& result) {
  if (result.steps() < 2 || !(result.step_seconds() > 0)) {
    return std::nullopt;
  }
  Rate rate;
  *rate.mutable_work() = work;
  rate.set_runs(1);
  rate.set_step_seconds(result.step_seconds());
  rate.set_step_seconds_min(result.step_seconds());
  rate.set_step_seconds_max(result.step_seconds());
  if (result.eval_items() > 0 && result.eval_seconds() > 0) {
    rate.set_eval_item_seconds(result.eval_seconds() /
                               static_cast<double>(result.eval_items()));
  }
  rate.set_other_seconds(std::max(
      0.0, result.seconds() - result.eval_seconds() -
               static_cast<double>(result.steps()) * result.step_seconds()));
  rate.set_peak_memory_bytes(result.peak_memory_bytes());
  return rate;
}

bool SameWork(const RateWork& a, const RateWork& b) {
  return PrintTextproto(a) == PrintTextproto(b);
}

std::vector<Rate> ReadRates(const Store& store) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(store.RatesDir(), error), end;
       !error && entry != end; entry.increment(error)) {
    if (absl::EndsWith(entry->path().string(), ".textproto")) {
      paths.push_back(entry->path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Rate> rates;
  for (const std::string& path : paths) {
    absl::StatusOr<Rate> rate = ReadTextproto<Rate>(path);
    if (rate.ok() && rate->step_seconds() > 0 &&
        rate->work().train_flops() > 0) {
      rates.push_back(*std::move(rate));
    }
  }
  return rates;
}

absl::Status RecordRate(const Store& store, const Rate& rate) {
  const std::string path =
      absl::StrCat(store.RatesDir(), "/", KeyOf(rate.work()), ".textproto");
  const absl::StatusOr<Rate> known = ReadTextproto<Rate>(path);
  Rate merged = rate;
  if (known.ok()) {
    if (rate.probe()) {
      return absl::OkStatus();
    }
    if (!known->probe()) {
      const int count = known->runs();
      merged.set_runs(count + rate.runs());
      merged.set_step_seconds(
          Mean(known->step_seconds(), count, rate.step_seconds()));
      merged.set_step_seconds_min(
          std::min(known->step_seconds_min(), rate.step_seconds()));
      merged.set_step_seconds_max(
          std::max(known->step_seconds_max(), rate.step_seconds()));
      if (known->has_eval_item_seconds()) {
        merged.set_eval_item_seconds(rate.has_eval_item_seconds()
                                         ? Mean(known->eval_item_seconds(),
                                                count, rate.eval_item_seconds())
                                         : known->eval_item_seconds());
      }
      merged.set_other_seconds(
          Mean(known->other_seconds(), count, rate.other_seconds()));
      merged.set_peak_memory_bytes(
          std::max(known->peak_memory_bytes(), rate.peak_memory_bytes()));
    }
  }
  TRANSECT_RETURN_IF_ERROR(MakeDirs(store.RatesDir()));
  return WriteTextprotoAtomic(path, merged);
}

}  // namespace transect
