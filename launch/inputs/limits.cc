#include "launch/inputs/limits.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace transect {
namespace {

// Files of the kernel say nothing about their size, so they are read to their
// end; "" for none.
std::string Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> Lines(const std::string& path) {
  return absl::StrSplit(Read(path), '\n', absl::SkipEmpty());
}

std::optional<int64_t> Number(absl::string_view text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? std::optional(number) : std::nullopt;
}

std::optional<int64_t> NumberIn(const std::string& path) {
  return Number(Read(path));
}

// The number behind `name` in a file of lines "NAME NUMBER" or "NAME: NUMBER
// kB".
std::optional<int64_t> NumberAt(const std::string& path,
                                absl::string_view name) {
  for (const std::string& line : Lines(path)) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t:"), absl::SkipEmpty());
    if (words.size() < 2 || words[0] != name) continue;
    const std::optional<int64_t> number = Number(words[1]);
    if (!number.has_value()) return number;
    return words.size() > 2 && words[2] == "kB" ? *number * 1024 : *number;
  }
  return std::nullopt;
}

// A group of this process and those above it, innermost first, as directories.
struct Groups {
  std::vector<std::string> directories;
  bool version2 = false;
};

// Where a hierarchy is mounted, and which group of it the mount shows at its
// top.
struct Mount {
  std::string point;
  std::string top;
  bool version2 = false;
  // Of version 1.
  std::vector<std::string> controllers;
};

std::vector<Mount> Mounts(const std::string& root) {
  std::vector<Mount> mounts;
  for (const std::string& line :
       Lines(absl::StrCat(root, "/proc/self/mountinfo"))) {
    // ID PARENT DEVICE TOP POINT OPTIONS... - TYPE SOURCE SUPER_OPTIONS
    const std::vector<std::string> halves = absl::StrSplit(line, " - ");
    if (halves.size() != 2) continue;
    const std::vector<std::string> words = absl::StrSplit(halves[0], ' ');
    const std::vector<std::string> type = absl::StrSplit(halves[1], ' ');
    if (words.size() < 5 || type.size() < 3 ||
        !absl::StartsWith(type[0], "cgroup")) {
      continue;
    }
    Mount& mount = mounts.emplace_back();
    mount.point = absl::StrCat(root, words[4]);
    mount.top = words[3];
    mount.version2 = type[0] == "cgroup2";
    mount.controllers = absl::StrSplit(type[2], ',');
  }
  return mounts;
}

// Of the hierarchy that has the controller, version 1 first: where both are
// mounted a controller belongs to one of them, and version 2 then shows none of
// its files.
std::vector<Groups> GroupsOf(const std::string& root,
                             const std::string& controller) {
  std::vector<Groups> all;
  const std::vector<Mount> mounts = Mounts(root);
  for (const std::string& line :
       Lines(absl::StrCat(root, "/proc/self/cgroup"))) {
    // NUMBER:CONTROLLERS:PATH; version 2 has no controllers.
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const bool version2 = parts[1].empty();
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    if (!version2 &&
        std::ranges::find(controllers, controller) == controllers.end()) {
      continue;
    }
    for (const Mount& mount : mounts) {
      if (mount.version2 != version2 ||
          (!version2 && std::ranges::find(mount.controllers, controller) ==
                            mount.controllers.end())) {
        continue;
      }
      Groups& groups = all.emplace_back();
      groups.version2 = version2;
      // A container may see another path than its mount shows.
      std::string below = parts[2] == "/" ? "" : parts[2];
      if (mount.top != "/") {
        const bool is_below =
            below == mount.top ||
            absl::StartsWith(below, absl::StrCat(mount.top, "/"));
        below = is_below ? below.substr(mount.top.size()) : "";
      }
      while (true) {
        groups.directories.push_back(absl::StrCat(mount.point, below));
        if (below.empty()) break;
        below.resize(below.rfind('/'));
      }
      break;
    }
  }
  return all;
}

// Processors of the tightest quota; none without one.
std::optional<double> Quota(const std::string& root) {
  std::optional<double> least;
  for (const Groups& groups : GroupsOf(root, "cpu")) {
    for (const std::string& directory : groups.directories) {
      std::optional<int64_t> quota;
      std::optional<int64_t> period;
      if (groups.version2) {
        const std::string text = Read(absl::StrCat(directory, "/cpu.max"));
        const std::vector<std::string> words =
            absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
        if (words.size() == 2) {
          quota = Number(words[0]);
          period = Number(words[1]);
        }
      } else {
        quota = NumberIn(absl::StrCat(directory, "/cpu.cfs_quota_us"));
        period = NumberIn(absl::StrCat(directory, "/cpu.cfs_period_us"));
      }
      if (quota.value_or(0) <= 0 || period.value_or(0) <= 0) continue;
      const double processors =
          static_cast<double>(*quota) / static_cast<double>(*period);
      least = std::min(least.value_or(processors), processors);
    }
  }
  return least;
}

// Narrows `limits` to the memory of a group, if that has a limit; `machine` is
// the memory of the machine.
void LimitMemory(const std::string& directory, bool version2, int64_t machine,
                 Limits* limits) {
  const auto at = [&](absl::string_view name) {
    return absl::StrCat(directory, "/", name);
  };
  std::optional<int64_t> limit =
      NumberIn(at(version2 ? "memory.max" : "memory.limit_in_bytes"));
  if (version2) {
    // Above memory.high the kernel takes memory away from the group.
    const std::optional<int64_t> high = NumberIn(at("memory.high"));
    if (high.has_value()) limit = std::min(limit.value_or(*high), *high);
  }
  // Version 1 has a huge number for no limit.
  if (!limit.has_value() || *limit >= machine) return;
  const int64_t used =
      NumberIn(at(version2 ? "memory.current" : "memory.usage_in_bytes"))
          .value_or(0);
  const int64_t cache =
      NumberAt(at("memory.stat"),
               version2 ? "inactive_file" : "total_inactive_file")
          .value_or(0);
  const int64_t left =
      std::max<int64_t>(0, *limit - std::max<int64_t>(0, used - cache));
  limits->memory_bytes = std::min(limits->memory_bytes, *limit);
  limits->free_memory_bytes = std::min(limits->free_memory_bytes, left);
  limits->memory_group = true;
}

int Affinity() {
  // More processors than the fixed set has room for make the call fail.
  for (int size = CPU_SETSIZE; size <= 1 << 20; size *= 2) {
    cpu_set_t* const set = CPU_ALLOC(size);
    if (set == nullptr) break;
    const size_t bytes = CPU_ALLOC_SIZE(size);
    const bool known = sched_getaffinity(0, bytes, set) == 0;
    const int count = known ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (known) return std::max(1, count);
  }
  return 1;
}

}  // namespace

Limits ReadLimits(const std::string& root, int affinity) {
  Limits limits;
  limits.processors = affinity > 0 ? affinity : Affinity();
  if (const std::optional<double> quota = Quota(root);
      quota.has_value() && *quota < limits.processors) {
    limits.processors = std::max(1, static_cast<int>(*quota));
    limits.quota = true;
  }
  const std::string memory = absl::StrCat(root, "/proc/meminfo");
  const int64_t machine = NumberAt(memory, "MemTotal").value_or(0);
  limits.memory_bytes = machine;
  limits.free_memory_bytes =
      NumberAt(memory, "MemAvailable").value_or(limits.memory_bytes);
  for (const Groups& groups : GroupsOf(root, "memory")) {
    for (const std::string& directory : groups.directories) {
      LimitMemory(directory, groups.version2, machine, &limits);
    }
  }
  return limits;
}

int64_t OutOfMemoryKills(const std::string& root) {
  for (const Groups& groups : GroupsOf(root, "memory")) {
    if (groups.directories.empty()) continue;
    // The innermost group: each counts the kills of its own processes.
    const std::string& directory = groups.directories.front();
    const std::optional<int64_t> kills = NumberAt(
        absl::StrCat(directory, groups.version2 ? "/memory.events"
                                                : "/memory.oom_control"),
        "oom_kill");
    if (kills.has_value()) return *kills;
  }
  return NumberAt(absl::StrCat(root, "/proc/vmstat"), "oom_kill").value_or(-1);
}

}  // namespace transect
