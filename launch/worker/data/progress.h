/// \file
/// Progress of a request about data, for the person at the terminal.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_PROGRESS_H_
#define TRANSECT_LAUNCH_WORKER_DATA_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <iostream>
#include <string>
#include <utility>

namespace transect {

/// Prints "DONE of TOTAL WHAT" to standard error at each tenth of the work.
inline std::function<void(int64_t done, int64_t total)> PrintTenths(
    std::string what) {
  return [what = std::move(what), told = int64_t{0}](int64_t done,
                                                     int64_t total) mutable {
    if (total > 0 && 10 * done / total != told) {
      told = 10 * done / total;
      std::cerr << done << " of " << total << " " << what << "\n";
    }
  };
}

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_PROGRESS_H_
