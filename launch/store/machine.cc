#include "launch/store/machine.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"

namespace transect {
namespace {

constexpr char kProcessors[] = "/proc/cpuinfo";
constexpr char kGpus[] = "/proc/driver/nvidia/gpus";
constexpr char kDriver[] = "/proc/driver/nvidia/version";
constexpr char kLibm[] = "libm.so.6";

// Digits of libm's digest that people see.
constexpr size_t kDigits = 8;

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

// "580.95.05" of "NVRM version: NVIDIA UNIX ... Kernel Module  580.95.05 ...",
// the first word that begins with a digit and has a dot.
std::string DriverVersion() {
  for (const absl::string_view word : absl::StrSplit(
           KernelValue(kDriver, "NVRM version"), ' ', absl::SkipEmpty())) {
    if (absl::ascii_isdigit(word[0]) && absl::StrContains(word, ".")) {
      return std::string(word);
    }
  }
  return "";
}

// Path of the libm that this process has loaded; "" if it has none.
std::string LibmPath() {
  void* const libm = dlopen(kLibm, RTLD_LAZY | RTLD_NOLOAD);
  if (libm == nullptr) return "";
  const link_map* map = nullptr;
  const bool found = dlinfo(libm, RTLD_DI_LINKMAP, &map) == 0;
  const std::string path = found ? map->l_name : "";
  dlclose(libm);
  return path;
}

}  // namespace

std::string ProcessorModel() { return KernelValue(kProcessors, "model name"); }

std::vector<DriverGpu> DriverGpus(const std::string& root) {
  std::vector<DriverGpu> gpus;
  const std::string all = absl::StrCat(root, kGpus);
  std::vector<std::string> places =
      ListDirectory(all).value_or(std::vector<std::string>());
  std::ranges::sort(places);
  for (const std::string& place : places) {
    const std::string file = absl::StrCat(all, "/", place, "/information");
    DriverGpu gpu = {KernelValue(file, "Model"), KernelValue(file, "GPU UUID")};
    if (gpu.model.empty()) continue;
    const std::string node =
        absl::StrCat(root, "/dev/nvidia", KernelValue(file, "Device Minor"));
    // A batch system may deny the device. One that is not there yet is made at
    // its first use.
    if (FileExists(node) && access(node.c_str(), R_OK | W_OK) != 0) continue;
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

std::vector<std::string> GpuModels() {
  std::vector<std::string> models;
  for (const DriverGpu& gpu : DriverGpus()) models.push_back(gpu.model);
  return models;
}

std::vector<std::string> KernelInstructions(absl::string_view flags) {
  std::vector<std::string> instructions;
  for (const absl::string_view flag :
       absl::StrSplit(flags, ' ', absl::SkipEmpty())) {
    if (flag == "fma" || absl::StartsWith(flag, "avx") ||
        absl::StartsWith(flag, "amx")) {
      instructions.emplace_back(flag);
    }
  }
  std::ranges::sort(instructions);
  return instructions;
}

MachineIdentity DescribeMachine(bool gpus) {
  MachineIdentity machine;
  machine.set_processor(ProcessorModel());
  for (const std::string& instruction :
       KernelInstructions(KernelValue(kProcessors, "flags"))) {
    machine.add_instructions(instruction);
  }
  if (gpus) {
    std::vector<std::string> models = GpuModels();
    std::ranges::sort(models);
    const auto rest = std::ranges::unique(models);
    models.erase(rest.begin(), rest.end());
    machine.mutable_gpu()->Assign(models.begin(), models.end());
    if (!models.empty()) machine.set_driver(DriverVersion());
  }
  machine.set_glibc(gnu_get_libc_version());
  if (absl::StatusOr<std::string> libm = Sha256OfFile(LibmPath()); libm.ok()) {
    machine.set_libm_sha256(*libm);
  }
  machine.set_processors(static_cast<int>(std::thread::hardware_concurrency()));
  if (utsname names; uname(&names) == 0) machine.set_kernel(names.release);
#if defined(__clang__)
  machine.set_compiler(__VERSION__);
#else
  machine.set_compiler(absl::StrCat("GCC ", __VERSION__));
#endif
  return machine;
}

std::string MachineKind(const MachineIdentity& machine) {
  if (!machine.has_processor()) return "";
  std::string kind = absl::StrCat(
      machine.processor(), " (", machine.kernels(),
      machine.kernels().empty() ? "" : "; ",
      absl::StrJoin(machine.instructions(), " "), "), glibc ", machine.glibc(),
      " (libm ", machine.libm_sha256().substr(0, kDigits), ")");
  if (machine.gpu_size() > 0) {
    absl::StrAppend(&kind, ", ", absl::StrJoin(machine.gpu(), " and "),
                    " (driver ", machine.driver(), ")");
  }
  return kind;
}

}  // namespace transect
