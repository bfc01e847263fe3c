// Small real job directories and workers for the tests of launch/.
#ifndef TRANSECT_TESTS_LAUNCH_TESTING_JOB_DIRS_H_
#define TRANSECT_TESTS_LAUNCH_TESTING_JOB_DIRS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "launch/store/job.pb.h"

namespace transect {

// A new empty directory of its own below the test's temporary one. Made with
// mkdtemp, so that tests that run at once do not meet.
std::string NewDir();

// Writes `text` to `path`, making its directories; aborts the test where it
// cannot.
void Put(const std::string& path, absl::string_view text);

// A worker of /bin/sh. It understands the worker's command line and runs `body`
// with the variables launch, rank, id and attempt (its directory) set, in the
// job's directory, and with a function `result` that writes the file `out` of 3
// bytes and a valid result.textproto. Returns its path.
std::string ScriptWorker(absl::string_view body);

// Writes a finished job by hand: `out` and result.textproto.
void PutResult(const std::string& job_dir, absl::string_view id,
               absl::string_view code);

// The same of a job with all that it evaluates.
void PutDone(const std::string& job_dir, const LaunchPlan& launch,
             absl::string_view code);

// Whether `condition` becomes true within ten seconds; asks every 10 ms.
template <typename Condition>
bool Eventually(Condition condition);

// Sleeps for 10 ms and counts down from ten seconds.
bool KeepWaiting(int* rounds);

template <typename Condition>
bool Eventually(Condition condition) {
  for (int rounds = 0; KeepWaiting(&rounds);) {
    if (condition()) {
      return true;
    }
  }
  return condition();
}

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_TESTING_JOB_DIRS_H_
