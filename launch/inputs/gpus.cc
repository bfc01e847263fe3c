#include "launch/inputs/gpus.h"

#include <stdlib.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "launch/store/machine.h"

namespace transect {
namespace {

constexpr char kVisible[] = "CUDA_VISIBLE_DEVICES";
constexpr char kOrder[] = "CUDA_DEVICE_ORDER";

// Whether numbers follow the order of the driver. CUDA's own order puts the
// fastest first, which says nothing where all are equal.
bool NumbersAreKnown(const std::vector<DriverGpu>& driver, bool by_bus) {
  return by_bus || std::ranges::all_of(driver, [&](const DriverGpu& gpu) {
           return gpu.model == driver.front().model;
         });
}

// The UUID of what an entry names; "" if unknown.
std::string UuidOf(absl::string_view name, const std::vector<DriverGpu>& driver,
                   bool by_bus) {
  int number = 0;
  if (absl::SimpleAtoi(name, &number)) {
    return number >= 0 && number < std::ssize(driver) &&
                   NumbersAreKnown(driver, by_bus)
               ? driver[number].uuid
               : "";
  }
  std::string uuid;
  for (const DriverGpu& gpu : driver) {
    if (!name.empty() && absl::StartsWith(gpu.uuid, name)) {
      // The beginning of several names none.
      if (!uuid.empty()) return "";
      uuid = gpu.uuid;
    }
  }
  return uuid;
}

Gpu MakeGpu(absl::string_view name, const std::vector<DriverGpu>& driver,
            bool by_bus) {
  Gpu gpu;
  gpu.name = std::string(name);
  const std::string uuid = UuidOf(name, driver, by_bus);
  gpu.key = uuid.empty() ? gpu.name : uuid;
  return gpu;
}

// The entries of CUDA_VISIBLE_DEVICES that CUDA would take, if these GPUs are
// what there is.
std::vector<Gpu> Visible(absl::string_view list, const std::vector<Gpu>& all,
                         const std::vector<DriverGpu>& driver, bool by_bus) {
  std::vector<Gpu> visible;
  for (absl::string_view entry : absl::StrSplit(list, ',')) {
    entry = absl::StripAsciiWhitespace(entry);
    const Gpu gpu = MakeGpu(entry, driver, by_bus);
    int number = 0;
    const bool known =
        absl::SimpleAtoi(entry, &number)
            ? number >= 0 && (driver.empty() || number < std::ssize(driver))
            : gpu.IsMig() || gpu.key != gpu.name ||
                  std::ranges::find(all, gpu.key, &Gpu::key) != all.end();
    const bool again =
        std::ranges::find(visible, gpu.key, &Gpu::key) != visible.end();
    if (!known || again) break;
    visible.push_back(gpu);
  }
  return visible;
}

}  // namespace

bool Gpu::IsMig() const { return absl::StartsWith(name, "MIG-"); }

Gpus ChooseGpus(const Site& site, const std::vector<DriverGpu>& driver,
                const std::optional<std::string>& visible, bool by_bus) {
  Gpus chosen;
  for (const std::string& name : site.gpu()) {
    chosen.gpus.push_back(MakeGpu(name, driver, by_bus));
  }
  const bool of_site = !chosen.gpus.empty();
  chosen.origin =
      of_site ? absl::StrCat("the site file names ", chosen.gpus.size())
      : driver.empty() ? "the driver shows none and the site file names none"
                       : absl::StrCat("the driver shows ", driver.size());
  if (!of_site) {
    for (size_t i = 0; i < driver.size(); ++i) {
      // A UUID means the same under every order.
      const std::string& uuid = driver[i].uuid;
      const std::string name = uuid.empty() ? absl::StrCat(i) : uuid;
      chosen.gpus.push_back({name, name});
    }
  }
  if (!visible.has_value() || (!of_site && driver.empty())) return chosen;
  std::vector<Gpu> left;
  for (Gpu& gpu : Visible(*visible, chosen.gpus, driver, by_bus)) {
    // A part is not among what the driver shows.
    if ((gpu.IsMig() && !of_site) ||
        std::ranges::find(chosen.gpus, gpu.key, &Gpu::key) !=
            chosen.gpus.end() ||
        (!of_site && gpu.key == gpu.name)) {
      left.push_back(std::move(gpu));
    }
  }
  chosen.gpus = std::move(left);
  absl::StrAppend(&chosen.origin, ", ", kVisible, "=", *visible, " leaves ",
                  chosen.gpus.size());
  return chosen;
}

Gpus FindGpus(const Site& site) {
  const char* const visible = getenv(kVisible);
  const char* const order = getenv(kOrder);
  return ChooseGpus(
      site, DriverGpus(),
      visible == nullptr ? std::nullopt : std::optional<std::string>(visible),
      order != nullptr && absl::string_view(order) == "PCI_BUS_ID");
}

}  // namespace transect
