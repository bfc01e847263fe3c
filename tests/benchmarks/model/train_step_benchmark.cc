// Time and memory of training steps of RSRefSeg at any of its sizes, from
// tensors in memory to changed weights. Weights are random, images are noise;
// neither changes what a step costs. Decoding of images is not in it.
//
//   bazel run //tests/benchmarks/model:train_step_benchmark --
//       --variant=l --precision=bf16 --device=cpu --batch=1
//
// Prints seconds per phase, images per second (the first step, which allocates,
// left out where there is another), how many times as long as the floor that
// is, all of a step's arithmetic at the rate of matrix products that this
// process reaches, and the peaks of memory beside what the closed forms of
// model/cost.h say. Then
//   --operators=N  one more step by operator, the N longest;
//   --numerics=both  what the deterministic kernels of REPRODUCIBLE cost
//     against those of FAST, by steps that take turns.
// --task=evaluate measures forward passes of an evaluation, with merged
// adapters, instead. --json=FILE writes the numbers. Fails if a loss is not
// finite.

#include <sys/resource.h>
#include <torch/torch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/training/training.pb.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "model/base/runtime.h"
#include "model/base/segmentation_model.h"
#include "model/build_model.h"
#include "model/cost.h"
#include "model/lora/merge.h"
#include "model/loss.h"
#include "model/model.pb.h"
#include "model/spec.h"
#include "tests/benchmarks/model/operator_times.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string variant = "tiny";
  std::string preset = "paper";
  std::string tuning = "adapters";
  std::string precision = "fp32";
  std::string device = "cpu";
  std::string activations = "keep";
  std::string numerics = "reproducible";
  int batch = 1;
  int steps = 2;
  int threads = 0;
  int text_tokens = 16;
  std::string task = "train";
  int operators = 0;
  std::string json;

  bool trains() const { return task == "train"; }
};

double Seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

double GiB(int64_t bytes) {
  return static_cast<double>(bytes) / static_cast<double>(int64_t{1} << 30);
}

int64_t PeakRss() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

// Resident now, of the process.
int64_t Rss() {
  std::ifstream status("/proc/self/statm");
  int64_t pages = 0, resident = 0;
  status >> pages >> resident;
  return resident * 4096;
}

ModelSpec Spec(const Options& options) {
  static const auto* const kVariants =
      new std::map<std::string, RsRefSegSpec::Variant>{
          {"tiny", RsRefSegSpec::TINY},
          {"b", RsRefSegSpec::B},
          {"l", RsRefSegSpec::L}};
  ModelSpec spec;
  RsRefSegSpec* const model = spec.mutable_rsrefseg();
  model->set_variant(kVariants->at(options.variant));
  model->set_preset(options.preset == "paper" ? RsRefSegSpec::PAPER
                                              : RsRefSegSpec::RELEASED_CODE);
  if (options.tuning == "all") model->set_tuning(RsRefSegSpec::ALL);
  ResolveModelSpec(&spec);
  return spec;
}

at::ScalarType Type(const Options& options) {
  return options.precision == "bf16"   ? at::kBFloat16
         : options.precision == "fp16" ? at::kHalf
                                       : at::kFloat;
}

ModelInput RandomInput(const ModelSpec& spec, const Options& options,
                       at::Device device) {
  const RsRefSegSpec& model = spec.rsrefseg();
  const int64_t side = model.sam().image_size();
  ModelInput input;
  input.image = torch::rand({options.batch, 3, side, side}).to(device);
  input.token_ids =
      torch::randint(3, model.siglip().vocab_size(),
                     {options.batch, options.text_tokens}, at::kLong);
  input.token_ids.select(1, options.text_tokens - 1).fill_(1);
  input.token_counts =
      torch::full({options.batch}, options.text_tokens, at::kLong);
  for (int64_t i = 0; i < options.batch; ++i) input.sample_ids.push_back(i);
  return input;
}

// What the steps are measured on.
struct Workload {
  at::Device device = at::kCPU;
  std::shared_ptr<SegmentationModel> model;
  std::unique_ptr<AdamWOptimizer> optimizer;
  ModelInput input;
  at::Tensor mask;
  LossWeights loss;
  // Resident when everything is built.
  int64_t built_bytes = 0;
};

absl::StatusOr<Workload> Build(const ModelSpec& spec, const Options& options) {
  Workload work;
  if (options.device == "cuda") {
    TRANSECT_ASSIGN_OR_RETURN(work.device, OpenGpu(0));
  }
  BuildOptions build;
  build.compute = Type(options);
  build.device = work.device;
  build.checkpoint_activations = options.activations == "recompute";
  TRANSECT_ASSIGN_OR_RETURN(work.model, BuildModel(spec, /*seed=*/1, build));
  work.model->train();
  std::vector<at::Tensor> trained;
  for (const auto& [name, tensor] : TrainedTensors(*work.model)) {
    trained.push_back(tensor);
  }
  work.optimizer = std::make_unique<AdamWOptimizer>(trained, AdamWSpec());
  work.input = RandomInput(spec, options, work.device);
  const int64_t side = spec.rsrefseg().sam().image_size();
  work.mask = (torch::rand({options.batch, 1, side, side}) > 0.9)
                  .to(at::kFloat)
                  .to(work.device);
  work.loss = {1.0, options.tuning == "all" ? 1.0 : 0.0};
  Synchronise(work.device);
  work.built_bytes = Rss();
  return work;
}

// What a run of the benchmark found, by name: written as JSON.
std::vector<std::pair<std::string, double>>& Numbers() {
  static auto* const numbers =
      new std::vector<std::pair<std::string, double>>();
  return *numbers;
}

// FLOP/s of products of matrices of 2048 x 2048, the best of some.
double ProductRate(at::ScalarType type, at::Device device) {
  constexpr int64_t kSide = 2048;
  const at::Tensor a = torch::rand({kSide, kSide}).to(device, type);
  double best = 0;
  for (int i = 0; i < 6; ++i) {
    Synchronise(device);
    const Clock::time_point begin = Clock::now();
    const at::Tensor product = a.mm(a);
    Synchronise(device);
    best = std::max(best,
                    2.0 * kSide * kSide * kSide / Seconds(begin, Clock::now()));
  }
  return best;
}

struct Measured {
  double seconds = 0;  // of the steps that count
  int steps = 0;
  int64_t kept_bytes = 0;  // most that was resident after forward
};

// One step; false if the loss or a gradient is not finite.
bool Step(Workload& work, int step, bool counts, Measured* measured) {
  work.input.step = step;
  const Clock::time_point begin = Clock::now();
  work.optimizer->HoldGradients();
  const at::Tensor loss =
      SegmentationLoss(work.model->Forward(work.input), work.mask, work.loss);
  Synchronise(work.device);
  const Clock::time_point computed = Clock::now();
  measured->kept_bytes =
      std::max(measured->kept_bytes, Rss() - work.built_bytes);
  loss.backward();
  Synchronise(work.device);
  const Clock::time_point differentiated = Clock::now();
  work.optimizer->Step(1e-4);
  Synchronise(work.device);
  const Clock::time_point done = Clock::now();
  const double value = loss.item<double>();
  std::printf(
      "step %-3d    %8.3f s   forward %.3f, backward %.3f, optimizer %.4f; "
      "loss %.5f\n",
      step + 1, Seconds(begin, done), Seconds(begin, computed),
      Seconds(computed, differentiated), Seconds(differentiated, done), value);
  if (counts) {
    measured->seconds += Seconds(begin, done);
    ++measured->steps;
  }
  return std::isfinite(value) &&
         at::isfinite(work.optimizer->gradients()).all().item<bool>();
}

// One forward pass of an evaluation.
bool Evaluate(Workload& work, int step, bool counts, Measured* measured) {
  const torch::NoGradGuard no_grad;
  const Clock::time_point begin = Clock::now();
  const at::Tensor logits = work.model->Forward(work.input).mask_logits;
  Synchronise(work.device);
  const double seconds = Seconds(begin, Clock::now());
  std::printf("pass %-3d    %8.3f s\n", step + 1, seconds);
  if (counts) {
    measured->seconds += seconds;
    ++measured->steps;
  }
  return at::isfinite(logits).all().item<bool>();
}

bool Once(const Options& options, Workload& work, int step, bool counts,
          Measured* measured) {
  return options.trains() ? Step(work, step, counts, measured)
                          : Evaluate(work, step, counts, measured);
}

// One more step, by operator.
bool PrintOperators(const Options& options, Workload& work) {
  Measured unused;
  OperatorTimes times;
  const bool finite = Once(options, work, options.steps, false, &unused);
  const std::vector<OperatorTime> operators = times.Finish();
  double seconds = 0;
  int64_t calls = 0;
  std::map<std::string, double> groups;
  for (const OperatorTime& time : operators) {
    seconds += time.seconds;
    calls += time.calls;
    groups[OperatorGroup(time.name)] += time.seconds;
  }
  std::printf("operators   %8.3f s in %lld calls:", seconds,
              static_cast<long long>(calls));
  for (const auto& [group, of_group] : groups) {
    std::printf(" %s %.1f %%", group.c_str(), 100 * of_group / seconds);
    Numbers().emplace_back("share of " + group, of_group / seconds);
  }
  std::printf("\n");
  Numbers().emplace_back("operator calls", calls);
  const size_t shown =
      std::min(operators.size(), static_cast<size_t>(options.operators));
  for (size_t i = 0; i < shown; ++i) {
    std::printf("  %-40s %7lld %9.4f s %5.1f %%\n", operators[i].name.c_str(),
                static_cast<long long>(operators[i].calls),
                operators[i].seconds, 100 * operators[i].seconds / seconds);
  }
  return finite;
}

// Speed and memory beside what the closed forms say.
void PrintSummary(const ModelSpec& spec, const Options& options,
                  const Workload& work, const Measured& measured) {
  const double images_per_second =
      options.batch * measured.steps / measured.seconds;
  std::printf("rate        %8.4f images/s\n", images_per_second);
  CostOptions cost_options;
  cost_options.text_tokens = options.text_tokens;
  cost_options.element_bytes =
      static_cast<int64_t>(at::elementSize(Type(options)));
  cost_options.checkpoint_activations = options.activations == "recompute";
  const ModelCost cost = EstimateCost(spec, cost_options);
  const double tera_flops =
      static_cast<double>(options.trains() ? cost.train_flops
                                           : cost.forward_flops) /
      1e12;
  std::printf("arithmetic  %8.2f TFLOP/s of %.3f TFLOP per image\n",
              tera_flops * images_per_second, tera_flops);
  const double rate = ProductRate(Type(options), work.device) / 1e12;
  const double over_floor = rate / (tera_flops * images_per_second);
  std::printf("floor       %8.2f times as long, at %.3f TFLOP/s of products\n",
              over_floor, rate);
  Numbers().emplace_back("images/s", images_per_second);
  Numbers().emplace_back("TFLOP/s", tera_flops * images_per_second);
  Numbers().emplace_back("TFLOP/s of products", rate);
  Numbers().emplace_back("times the floor", over_floor);
  Numbers().emplace_back("peak GiB", GiB(PeakRss()));
  std::printf("activations %8.2f GiB by the closed form",
              GiB(cost.activation_bytes * options.batch));
  if (work.device.is_cpu())
    std::printf(", %.2f GiB more resident after forward",
                GiB(measured.kept_bytes));
  std::printf("\nmemory      %8.2f GiB peak of the process", GiB(PeakRss()));
  if (work.device.is_cuda()) {
    const DeviceMemory memory = PeakDeviceMemory(work.device);
    std::printf(", %.2f GiB allocated and %.2f GiB reserved on the GPU",
                GiB(memory.allocated), GiB(memory.reserved));
  }
  std::printf("\n");
}

// Steps in both modes by turns, after one of each that does not count.
bool CompareModes(const Options& options, Workload& work) {
  Measured reproducible, fast;
  const int threads = at::get_num_threads();
  bool finite = true;
  for (int step = 0; step <= options.steps && finite; ++step) {
    ComputeReproducibly(threads);
    finite = Step(work, step, step > 0, &reproducible);
    ComputeFast(threads);
    finite = finite && Step(work, step, step > 0, &fast);
  }
  if (finite) {
    std::printf(
        "numerics    %8.4f s a step in REPRODUCIBLE, %.4f s in FAST: %.3f "
        "times the time\n",
        reproducible.seconds / reproducible.steps, fast.seconds / fast.steps,
        reproducible.seconds / reproducible.steps /
            (fast.seconds / fast.steps));
  }
  return finite;
}

absl::Status NotFinite() {
  return absl::InternalError("the loss or a gradient is not finite");
}

absl::Status WriteJson(const Options& options) {
  std::ofstream out(options.json);
  out << "{\"variant\": \"" << options.variant << "\", \"precision\": \""
      << options.precision << "\", \"device\": \"" << options.device
      << "\", \"task\": \"" << options.task
      << "\", \"batch\": " << options.batch
      << ", \"threads\": " << at::get_num_threads();
  for (const auto& [name, value] : Numbers()) {
    out << ", \"" << name << "\": " << value;
  }
  out << "}\n";
  return out.flush() ? absl::OkStatus()
                     : absl::UnavailableError("cannot write " + options.json);
}

absl::Status Run(const Options& options) {
  const int threads =
      options.threads > 0 ? options.threads : at::get_num_threads();
  options.numerics == "fast" ? ComputeFast(threads)
                             : ComputeReproducibly(threads);
  at::manual_seed(1);
  const ModelSpec spec = Spec(options);
  const Clock::time_point start = Clock::now();
  TRANSECT_ASSIGN_OR_RETURN(Workload work, Build(spec, options));
  std::printf("%s %s, %s, %s on %s, batch %d, %d tokens, %d threads, %s\n",
              options.variant.c_str(), options.preset.c_str(),
              options.tuning.c_str(), options.precision.c_str(),
              options.device.c_str(), options.batch, options.text_tokens,
              at::get_num_threads(), options.activations.c_str());
  std::printf("build       %8.3f s   resident %.2f GiB, peak %.2f GiB\n",
              Seconds(start, Clock::now()), GiB(work.built_bytes),
              GiB(PeakRss()));
  std::optional<MergedAdapters> merged;
  if (!options.trains()) {
    work.model->eval();
    merged.emplace(*work.model);
  }
  Measured measured;
  for (int step = 0; step < options.steps; ++step) {
    const bool counts = step > 0 || options.steps == 1;
    if (!Once(options, work, step, counts, &measured)) return NotFinite();
  }
  PrintSummary(spec, options, work, measured);
  if (options.operators > 0 && !PrintOperators(options, work)) {
    return NotFinite();
  }
  if (options.numerics == "both" && !CompareModes(options, work)) {
    return NotFinite();
  }
  return options.json.empty() ? absl::OkStatus() : WriteJson(options);
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  transect::Options options;
  CLI::App app("Time and memory of training steps of RSRefSeg.");
  app.add_option("--variant", options.variant)
      ->check(CLI::IsMember({"tiny", "b", "l"}));
  app.add_option("--preset", options.preset)
      ->check(CLI::IsMember({"paper", "released_code"}));
  app.add_option("--tuning", options.tuning)
      ->check(CLI::IsMember({"adapters", "all"}));
  app.add_option("--precision", options.precision)
      ->check(CLI::IsMember({"fp32", "bf16", "fp16"}));
  app.add_option("--device", options.device)
      ->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option("--activations", options.activations)
      ->check(CLI::IsMember({"keep", "recompute"}));
  app.add_option("--numerics", options.numerics)
      ->check(CLI::IsMember({"reproducible", "fast", "both"}));
  app.add_option("--task", options.task)
      ->check(CLI::IsMember({"train", "evaluate"}));
  app.add_option("--operators", options.operators)->check(CLI::Range(0, 1000));
  app.add_option("--json", options.json);
  app.add_option("--batch", options.batch)->check(CLI::Range(1, 1024));
  app.add_option("--steps", options.steps)->check(CLI::Range(1, 1000000));
  app.add_option("--threads", options.threads, "0: as many as LibTorch takes")
      ->check(CLI::Range(0, 1024));
  app.add_option("--text_tokens", options.text_tokens)
      ->check(CLI::Range(2, 64));
  CLI11_PARSE(app, argc, argv);
  // Each line as soon as it is known: a step may take minutes.
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const absl::Status status = transect::Run(options);
  if (!status.ok()) std::cerr << status.message() << "\n";
  return status.ok() ? 0 : 1;
}
