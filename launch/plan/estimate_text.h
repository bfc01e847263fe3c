/// \file
/// Estimates for people.
#ifndef TRANSECT_LAUNCH_PLAN_ESTIMATE_TEXT_H_
#define TRANSECT_LAUNCH_PLAN_ESTIMATE_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace transect {

/// A number of hours: "0.00004", "0.03", "3.30", "12.5", "120"; "0" for 0.
std::string NumberText(double value);

/// The count; "–" for 0.
std::string DashIfZero(int count);

/// "3.3 ± 0.4", or "3.3 (0.8 to 13)" where the interval is wide; "–" for 0.
/// Without an interval whose ends are written like the value.
std::string EstimateText(double low, double value, double high);

/// The same of a time: "about 12 min", "about 12 min (9 min to 15 min)";
/// `where` comes before the interval.
std::string AboutText(double low, double value, double high,
                      const std::string& where);

/// "3.2 GB of disk, 1.1 GB of it the worker and its libraries, and at most 0.5
/// GB of checkpoints for each run that trains"; what is 0 is left out.
std::string DiskText(int64_t bytes, int64_t bundle_bytes,
                     int64_t checkpoint_bytes);

/// What the hours of `jobs` jobs rest on: values of PriceBasis, each once, and
/// how many of the jobs are guesses; `assumed` says whether sizes of data are.
std::string BasisText(const std::vector<int>& basis_values, int guesses,
                      int jobs, bool assumed);

/// "at least 1.3 GB of memory a rank (guess)"; `device_bytes` are 0 on CPUs.
std::string MemoryText(int64_t bytes_of_rank, int64_t device_bytes, bool guess);

/// "2 processors, 8 GPUs and 22 GB of memory"; what is 0 is left out.
std::string ResourcesText(int processors, int gpus, int64_t memory_bytes);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_ESTIMATE_TEXT_H_
