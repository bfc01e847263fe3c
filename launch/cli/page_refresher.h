/// \file
/// Keeps the report page of a sweep up to date while its runs run.
#ifndef TRANSECT_LAUNCH_CLI_PAGE_REFRESHER_H_
#define TRANSECT_LAUNCH_CLI_PAGE_REFRESHER_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "launch/execute/execution.h"

namespace transect {

/// From one page to the next, and from the start to the first.
inline constexpr std::chrono::seconds kPageEvery{60};
inline constexpr std::chrono::seconds kFirstPageAfter{5};

/// Passes every event on to `next`, and at most once in kPageEvery starts
/// `command`, which writes the page, as a process of its own with low priority:
/// it is not waited for, a page that cannot be made is told once and stops
/// nothing, and one that is still being made when the execution ends is given
/// up. `next` must outlive the refresher.
class PageRefresher : public ExecutionObserver {
 public:
  /// `command` is the program, as an absolute path, with its arguments.
  PageRefresher(std::vector<std::string> command, ExecutionObserver* next);
  /// Ends the process that makes a page.
  ~PageRefresher() override;
  PageRefresher(const PageRefresher&) = delete;
  PageRefresher& operator=(const PageRefresher&) = delete;

  void OnStart(int job, absl::string_view attempt_dir) override;
  void OnElsewhere(int job, absl::string_view holder) override;
  void OnWait(int job, absl::string_view why) override;
  void OnAgain(int job, absl::string_view why) override;
  void OnEnd(int job, const JobEnd& end) override;
  void OnInterrupt(int signal_number) override;
  void OnSuspend() override;
  void OnTick(SteadyTime now) override;

 private:
  void Start();
  void Reap();
  void TellOnce(absl::string_view what);

  const std::vector<std::string> command_;
  ExecutionObserver& next_;
  // Of the process that makes a page; 0 for none.
  pid_t pid_ = 0;
  SteadyTime due_ = SteadyTime::min();
  bool told_ = false;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_PAGE_REFRESHER_H_
