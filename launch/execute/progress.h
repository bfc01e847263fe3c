/// \file
/// What a person sees while jobs run.
///
/// On a terminal: a line for every change and below it one bar for each running
/// job (at most 16) and one for all jobs, redrawn in place while the program is
/// in the foreground. Elsewhere: a line for every change and about every tenth
/// of a job, but no more than one for a job in kLineEvery. Color repeats what a
/// word says; it never stands alone.
///
/// Nothing here waits for the terminal: while it takes nothing, bars and tenths
/// are dropped and lines about changes are kept (screen_writer.h).
#ifndef TRANSECT_LAUNCH_EXECUTE_PROGRESS_H_
#define TRANSECT_LAUNCH_EXECUTE_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/io/terminal_text.h"
#include "launch/execute/execution.h"
#include "launch/execute/screen_writer.h"
#include "launch/plan/plan.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// From one line about the same running job to the next: short jobs do not
/// flood a log.
inline constexpr std::chrono::seconds kLineEvery{10};

/// How to print.
struct ProgressStyle {
  /// Whether bars are redrawn in place.
  bool bars = false;
  /// Whether to use colors.
  bool color = false;
  /// Columns of the terminal; used with bars only.
  int width = 80;
};

/// What the metric logs of rank 0 say about a running job.
class JobProgress {
 public:
  /// The logs in the order in which they are written (MetricLogsOf).
  explicit JobProgress(const std::vector<std::string>& metrics_paths)
      : tails_(metrics_paths.begin(), metrics_paths.end()) {}

  /// Reads what is new.
  void Poll();
  /// As Poll, for one record.
  void Add(const MetricRecord& record);

  /// "step", "images", ...; empty before the first record of progress.
  const std::string& what() const { return what_; }
  int64_t done() const { return done_; }
  int64_t total() const { return total_; }
  /// Share of the present activity that is done, 0 to 1.
  double fraction() const;
  /// "step 60/300  loss 0.5121  102 ms/step  25 s left".
  std::string Text() const;

 private:
  std::vector<MetricLogTail> tails_;
  std::string what_;
  int64_t done_ = 0;
  int64_t total_ = 0;
  double loss_ = 0;
  double step_seconds_ = 0;
};

/// The metric logs of rank 0 of an attempt of `job`, in the order in which it
/// writes them: the attempt's own, then one for each evaluation.
std::vector<std::string> MetricLogsOf(const Job& job,
                                      absl::string_view attempt_dir);

class ProgressView : public ExecutionObserver {
 public:
  /// `repeat_command` is this process's command without selectors; a failed
  /// run's id is appended to it. `plan` and `screen` must outlive the view.
  ProgressView(const Plan& plan, std::string repeat_command,
               const ProgressStyle& style, ScreenWriter* screen);

  void OnStart(int job, absl::string_view attempt_dir) override;
  void OnElsewhere(int job, absl::string_view holder) override;
  void OnWait(int job, absl::string_view why) override;
  void OnAgain(int job, absl::string_view why) override;
  void OnEnd(int job, const JobEnd& end) override;
  void OnInterrupt(int signal_number) override;
  void OnSuspend() override;
  void OnTick(SteadyTime now) override;

  /// Removes the bars.
  void Finish();

 private:
  struct Running {
    std::unique_ptr<JobProgress> progress;
    std::string printed_what;
    int printed_tenth = 0;
    // When the last line about it was printed, or it was first seen.
    SteadyTime printed_at;
  };
  // A permanent line "[ 3/11] done     NAME  DETAIL".
  void Line(TerminalStyle style, absl::string_view word, int job,
            absl::string_view detail);
  void PrintTenths(int job, SteadyTime now, Running* running);
  void DrawBars(SteadyTime now);
  void ClearBars();
  // Text, safe for a terminal whoever wrote parts of it (TerminalSafe).
  void Write(absl::string_view text);
  // Text that is safe already, with sequences that style and place it.
  void Draw(absl::string_view sequences);

  const Plan& plan_;
  const std::string repeat_command_;
  const ProgressStyle style_;
  ScreenWriter& screen_;
  const SteadyTime start_;
  const int wanted_;
  // Not those that were stopped: they are to do again.
  int ended_ = 0;
  int failed_ = 0;
  // By a signal, which needs no further words.
  bool interrupted_ = false;
  std::map<int, Running> running_;
  int drawn_lines_ = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_PROGRESS_H_
