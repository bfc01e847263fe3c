// Peak memory and speed of loading weights, on a file that it generates.
//
//   bazel run //tests/benchmarks/model:load_benchmark -- --megabytes=2000
//
// Each way of loading runs in a process of its own, so that peaks do not mix:
// into new tensors, into a network in fp32 from fp32 and from bf16, and, for
// comparison, from a mapping of the file. "peak" is the growth of the resident
// size from before the load (VmHWM, tensors of the network included), "beyond"
// what of it the loaded tensors do not explain, in percent of the file. The
// file lies in --dir, which needs room for it, and is removed. The page cache
// is warm: it has just been written.

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <torch/torch.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/checkpoint/tensor_file.h"
#include "model/checkpoint/tensor_set.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr int64_t kMegabyte = 1000 * 1000;
// Elements of a tensor: a layer of SigLIP so400m has about 5 million.
constexpr int64_t kElements = 5'000'000;

// A field of /proc/self/status in bytes.
int64_t Status(absl::string_view field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, absl::StrCat(field, ":"))) continue;
    for (const absl::string_view word : absl::StrSplit(line, ' ')) {
      int64_t kilobytes = 0;
      if (absl::SimpleAtoi(word, &kilobytes)) return 1024 * kilobytes;
    }
  }
  return 0;
}

std::string Name(int64_t i) { return absl::StrCat("layers.", i, ".weight"); }

void WriteModel(const std::string& path, int64_t tensors, at::ScalarType type) {
  TensorMap model;
  for (int64_t i = 0; i < tensors; ++i) {
    model[Name(i)] = torch::full({kElements}, 0.5 + i, at::dtype(type));
  }
  TRANSECT_CHECK_OK(SaveTensors(path, model));
}

// A module with these tensors, all of their memory touched.
std::shared_ptr<torch::nn::Module> MakeModel(int64_t tensors) {
  auto model = std::make_shared<torch::nn::Module>();
  auto layers = std::make_shared<torch::nn::Module>();
  for (int64_t i = 0; i < tensors; ++i) {
    auto layer = std::make_shared<torch::nn::Module>();
    layer->register_parameter("weight", torch::ones({kElements}), false);
    layers->register_module(std::to_string(i), layer);
  }
  model->register_module("layers", layers);
  return model;
}

// Runs `load`, which returns the bytes of tensors that it made or filled, in a
// child process and prints what it took.
void Measure(const char* what, const std::string& path, int64_t file_bytes,
             const std::function<int64_t(const std::string&)>& load) {
  fflush(stdout);
  const pid_t child = fork();
  TRANSECT_CHECK(child >= 0);
  if (child == 0) {
    at::set_num_threads(1);
    // Sets VmHWM back to VmRSS.
    std::ofstream("/proc/self/clear_refs") << "5";
    const int64_t before = Status("VmRSS");
    const auto start = std::chrono::steady_clock::now();
    const int64_t loaded = load(path);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    const int64_t peak = Status("VmHWM") - before;
    printf("%-28s %8.0f %8.0f %8.0f %+8.1f %% %7.2f s %6.2f GB/s\n", what,
           static_cast<double>(file_bytes) / kMegabyte,
           static_cast<double>(loaded) / kMegabyte,
           static_cast<double>(peak) / kMegabyte,
           100.0 * static_cast<double>(peak - loaded) /
               static_cast<double>(file_bytes),
           seconds, static_cast<double>(file_bytes) / 1e9 / seconds);
    fflush(stdout);
    _exit(0);
  }
  int status = 0;
  TRANSECT_CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int64_t IntoNewTensors(const std::string& path) {
  const absl::StatusOr<TensorMap> tensors = LoadTensors(path);
  TRANSECT_CHECK_OK(tensors.status());
  int64_t bytes = 0;
  for (const auto& [name, tensor] : *tensors) bytes += tensor.nbytes();
  return bytes;
}

// The network is made inside of the measurement: what counts is the peak of the
// whole.
int64_t IntoModel(const std::string& path) {
  const absl::StatusOr<TensorSet> set = TensorSet::OpenFile(path);
  TRANSECT_CHECK_OK(set.status());
  const int64_t tensors = static_cast<int64_t>(set->tensors().size());
  const auto model = MakeModel(tensors);
  TRANSECT_CHECK_OK(CopyTensors(*model, set->tensors()));
  TRANSECT_CHECK(
      model->named_parameters()[Name(tensors - 1)][0].item<float>() ==
      0.5f + static_cast<float>(tensors - 1));
  return tensors * kElements * 4;
}

int64_t FromMapping(const std::string& path) {
  const absl::StatusOr<TensorSet> set = TensorSet::OpenFile(path);
  TRANSECT_CHECK_OK(set.status());
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const off_t size = lseek(fd, 0, SEEK_END);
  void* const map = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  TRANSECT_CHECK(map != MAP_FAILED);
  TensorMap tensors;
  int64_t bytes = 0;
  for (const auto& [name, place] : set->tensors()) {
    at::Tensor tensor = torch::empty(place.info->shape);
    // The data are the end of the file.
    const uint64_t data_size = set->tensors().rbegin()->second.info->end;
    memcpy(tensor.data_ptr(),
           static_cast<const char*>(map) + size - data_size + place.info->begin,
           tensor.nbytes());
    bytes += tensor.nbytes();
    tensors[name] = tensor;
  }
  return bytes;
}

int Main(int argc, char** argv) {
  int64_t megabytes = 200;
  const char* temporary = getenv("TEST_TMPDIR");
  std::string dir = temporary != nullptr ? temporary : "/tmp";
  CLI::App app("Peak memory and speed of loading weights.");
  app.add_option("--megabytes", megabytes, "Size of the fp32 file.")
      ->check(CLI::Range(int64_t{20}, int64_t{100'000}));
  app.add_option("--dir", dir, "Directory for the files.");
  CLI11_PARSE(app, argc, argv);
  const int64_t tensors = megabytes * kMegabyte / (4 * kElements);
  const std::string path =
      absl::StrCat(dir, "/load_benchmark.", getpid(), ".safetensors");
  printf("%-28s %8s %8s %8s %10s\n", "MB", "file", "tensors", "peak", "beyond");
  const auto with_file = [&](at::ScalarType type,
                             const std::function<void(int64_t)>& run) {
    // In a process of its own, whose memory goes with it.
    const pid_t child = fork();
    TRANSECT_CHECK(child >= 0);
    if (child == 0) {
      at::set_num_threads(1);
      WriteModel(path, tensors, type);
      _exit(0);
    }
    int status = 0;
    TRANSECT_CHECK(waitpid(child, &status, 0) == child && status == 0);
    run(tensors * kElements * static_cast<int64_t>(at::elementSize(type)));
    unlink(path.c_str());
  };
  with_file(at::kFloat, [&](int64_t bytes) {
    Measure("fp32, new tensors", path, bytes, IntoNewTensors);
    Measure("fp32 into an fp32 network", path, bytes, IntoModel);
    Measure("fp32 from a mapping", path, bytes, FromMapping);
  });
  with_file(at::kBFloat16, [&](int64_t bytes) {
    Measure("bf16 into an fp32 network", path, bytes, IntoModel);
  });
  return 0;
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) { return transect::Main(argc, argv); }
