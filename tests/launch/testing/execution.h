/// \file
/// Plans for tests of the executor, and what it tells.
#ifndef TRANSECT_TESTS_LAUNCH_TESTING_EXECUTION_H_
#define TRANSECT_TESTS_LAUNCH_TESTING_EXECUTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "launch/execute/local_executor.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {

/// Code part of the runs below.
inline constexpr char kRunCode[] = "fedcba9876543210fedcba9876543210";

/// Adds a wanted run of one rank; ids are "00...", "11...", ... by index.
Job& AddWantedRun(const Store& store, Plan* plan);

/// Writes down what the executor tells.
class Recorder : public ExecutionObserver {
 public:
  Recorder();

  void OnStart(int job, absl::string_view) override;
  void OnElsewhere(int job, absl::string_view) override;
  void OnWait(int, absl::string_view why) override;
  void OnAgain(int job, absl::string_view why) override;
  void OnEnd(int job, const JobEnd&) override;
  void OnInterrupt(int) override;
  void OnSuspend() override;
  void OnTick(SteadyTime) override {}

  /// "start 0", "elsewhere 1", "again 0", "end 0", "interrupt", "suspend".
  std::vector<std::string> events;
  /// Why jobs started again, and why they wait.
  std::vector<std::string> reasons;
  std::vector<std::string> waits;
  /// Made when a job starts again, and when one is in flight elsewhere.
  std::string again_file;
  std::string elsewhere_file;
};

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_TESTING_EXECUTION_H_
