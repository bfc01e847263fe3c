/// \file
/// How many processors and how much memory this process, and so all that it
/// starts, may use: what the machine has, less what is denied by the
/// processors' affinity (cpusets and taskset are in it) and by control groups.
///
/// Control groups of both versions are read, those above that of the process
/// too as far as they are mounted here: cpu.max, memory.max and memory.high of
/// version 2; cpu.cfs_quota_us and memory.limit_in_bytes of version 1.
#ifndef TRANSECT_LAUNCH_INPUTS_LIMITS_H_
#define TRANSECT_LAUNCH_INPUTS_LIMITS_H_

#include <cstdint>
#include <string>

namespace transect {

struct Limits {
  /// Processors, at least 1: a quota counts with its whole processors.
  int processors = 1;
  /// Whether a quota of a control group is what limits them.
  bool quota = false;
  /// Bytes that all processes below the tightest limit may have together; 0
  /// where it is not known.
  int64_t memory_bytes = 0;
  /// Bytes of them that can be had now: free, or a cache that can be dropped.
  int64_t free_memory_bytes = 0;
  /// Whether a control group is what limits the memory.
  bool memory_group = false;
};

/// Reads them now, within a millisecond. `root` is put before /proc and /sys,
/// and `affinity` replaces the number of processors that the process may run
/// on: for tests. Never fails; what cannot be read limits nothing.
Limits ReadLimits(const std::string& root = "", int affinity = 0);

/// How many processes the kernel has killed because memory ran out: in this
/// process's control group where that is counted, else on this machine; -1 if
/// unknown. Only grows.
int64_t OutOfMemoryKills(const std::string& root = "");

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_LIMITS_H_
