#include "launch/execute/progress.h"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "data/io/terminal_text.h"
#include "launch/execute/execution.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

constexpr int kBarCells = 20;

// Bars of single jobs; more would not fit on a terminal.
constexpr int kMostBars = 16;

// How long a cleared screen may take before the program is suspended.
constexpr std::chrono::milliseconds kSuspendPatience{200};

// Whether this program may draw on its terminal: a shell's bg leaves it running
// under the next prompt.
bool IsForeground(int descriptor) {
  const pid_t group = tcgetpgrp(descriptor);
  return group < 0 || group == getpgrp();
}

std::string Bar(double fraction) {
  const int full = static_cast<int>(
      std::floor(std::clamp(fraction, 0.0, 1.0) * kBarCells + 1e-9));
  std::string bar;
  for (int i = 0; i < kBarCells; ++i) {
    absl::StrAppend(&bar, i < full ? "█" : "░");
  }
  return bar;
}

std::string Safe(absl::string_view text) {
  constexpr size_t kLongestLine = 16'000;
  return TerminalSafe(text, {.longest_line = kLongestLine});
}

std::string StepTimeText(double seconds) {
  return seconds < 1 ? absl::StrFormat("%.0f ms/step", seconds * 1e3)
                     : absl::StrFormat("%.1f s/step", seconds);
}

}  // namespace

void JobProgress::Poll() {
  // A log that cannot be read shows no progress; the job is judged by its
  // result.
  for (MetricLogTail& tail : tails_) {
    const absl::StatusOr<std::vector<MetricRecord>> records = tail.Poll();
    if (!records.ok()) continue;
    for (const MetricRecord& record : *records) {
      Add(record);
    }
  }
}

void JobProgress::Add(const MetricRecord& record) {
  if (record.has_train_step()) {
    const TrainStep& step = record.train_step();
    what_ = "step";
    done_ = step.step();
    total_ = step.steps();
    loss_ = step.loss();
    step_seconds_ = step.step_seconds();
  } else if (record.has_progress()) {
    what_ = record.progress().what();
    done_ = record.progress().done();
    total_ = record.progress().total();
  }
}

double JobProgress::fraction() const {
  return total_ > 0 ? static_cast<double>(done_) / static_cast<double>(total_)
                    : 0;
}

std::string JobProgress::Text() const {
  if (what_.empty()) {
    return "starting";
  }
  std::string text = absl::StrCat(what_, " ", done_, "/", total_);
  if (what_ == "step") {
    absl::StrAppendFormat(&text, "  loss %.4g", loss_);
    if (step_seconds_ > 0) {
      absl::StrAppend(
          &text, "  ", StepTimeText(step_seconds_), "  ",
          DurationText(static_cast<double>(total_ - done_) * step_seconds_),
          " left");
    }
  }
  return text;
}

std::vector<std::string> MetricLogsOf(const Job& job,
                                      absl::string_view attempt_dir) {
  std::vector<std::string> paths = {RankMetricsPath(attempt_dir, 0)};
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    const std::string dir =
        EvaluationDir(job.dir, evaluation.split(), evaluation.id());
    paths.push_back(
        RankMetricsPath(AttemptDir(dir, AttemptNumber(attempt_dir)), 0));
  }
  return paths;
}

ProgressView::ProgressView(const Plan& plan, std::string repeat_command,
                           const ProgressStyle& style, ScreenWriter* screen)
    : plan_(plan),
      repeat_command_(std::move(repeat_command)),
      style_(style),
      screen_(*screen),
      start_(std::chrono::steady_clock::now()),
      wanted_(
          static_cast<int>(std::ranges::count_if(plan.jobs, &Job::wanted))) {}

void ProgressView::Write(absl::string_view text) { screen_.Write(Safe(text)); }

void ProgressView::Draw(absl::string_view sequences) {
  screen_.Write(sequences);
}

void ProgressView::ClearBars() {
  if (drawn_lines_ > 0) {
    Draw(absl::StrCat("\x1b[", drawn_lines_, "A\x1b[J"));
    drawn_lines_ = 0;
  }
}

void ProgressView::Finish() { ClearBars(); }

void ProgressView::Line(TerminalStyle style, absl::string_view word, int job,
                        absl::string_view detail) {
  ClearBars();
  const Job& about = plan_.jobs[job];
  const int digits = static_cast<int>(absl::StrCat(wanted_).size());
  Draw(absl::StrFormat(
      "[%*d/%d] %s %s\n", digits, ended_, wanted_,
      Styled(PadRight(word, 9), style, style_.color),
      Safe(absl::StrCat(ShownId(about.id), "  ", OneLine(about.name),
                        detail.empty() ? "" : "  ", detail))));
}

void ProgressView::OnStart(int job, absl::string_view attempt_dir) {
  Running& running = running_[job];
  running = Running();
  running.progress =
      std::make_unique<JobProgress>(MetricLogsOf(plan_.jobs[job], attempt_dir));
  Line(TerminalStyle::kYellow, "start", job, "");
}

void ProgressView::OnElsewhere(int job, absl::string_view holder) {
  Line(TerminalStyle::kYellow, "elsewhere", job,
       holder.empty() ? "in flight elsewhere"
                      : absl::StrCat("in flight elsewhere: ", holder));
}

void ProgressView::OnWait(int job, absl::string_view why) {
  Line(TerminalStyle::kYellow, "waits", job, why);
}

void ProgressView::OnAgain(int job, absl::string_view why) {
  running_.erase(job);
  Line(TerminalStyle::kYellow, "again", job, why);
}

void ProgressView::OnEnd(int job, const JobEnd& end) {
  running_.erase(job);
  if (end.kind != JobEnd::kInterrupted) ++ended_;
  const Job& about = plan_.jobs[job];
  switch (end.kind) {
    case JobEnd::kDone:
      Line(TerminalStyle::kGreen, "done", job, DurationText(end.seconds));
      return;
    case JobEnd::kDoneElse:
      Line(TerminalStyle::kGreen, "done", job, "elsewhere");
      return;
    case JobEnd::kInterrupted:
      Line(TerminalStyle::kGray, "stopped", job,
           interrupted_ ? "" : absl::string_view(end.cause));
      return;
    case JobEnd::kBlocked:
      ++failed_;
      Line(TerminalStyle::kRed, "BLOCKED", job, end.cause);
      return;
    default:
      ++failed_;
      Line(TerminalStyle::kRed, "FAILED", job, "");
  }
  // The cause stands last, where eyes and terminals end.
  if (!end.log.empty()) {
    Write(absl::StrCat("    log    ", end.log, "\n    again  ", repeat_command_,
                       about.kind == Job::Kind::kRun
                           ? absl::StrCat(" ", ShownId(about.id))
                           : "",
                       "\n"));
  }
  Write(absl::StrCat("    cause  ", end.cause, "\n"));
}

void ProgressView::OnInterrupt(int signal_number) {
  interrupted_ = true;
  ClearBars();
  Write(absl::StrCat(strsignal(signal_number), ": stopping ", running_.size(),
                     " running (once more to kill them at once)\n"));
}

void ProgressView::OnSuspend() {
  ClearBars();
  screen_.Flush(kSuspendPatience);
}

void ProgressView::PrintTenths(int job, SteadyTime now, Running* running) {
  if (running->printed_at == SteadyTime()) running->printed_at = now;
  const JobProgress& progress = *running->progress;
  if (progress.what() != running->printed_what) {
    running->printed_what = progress.what();
    running->printed_tenth = 0;
  }
  const int tenth = static_cast<int>(progress.fraction() * 10 + 1e-9);
  if (tenth > running->printed_tenth &&
      now - running->printed_at >= kLineEvery && screen_.Idle()) {
    running->printed_tenth = tenth;
    running->printed_at = now;
    Line(TerminalStyle::kYellow, absl::StrCat(tenth * 10, " %"), job,
         progress.Text());
  }
}

void ProgressView::OnTick(SteadyTime now) {
  for (auto& [job, running] : running_) {
    running.progress->Poll();
    if (!style_.bars) {
      PrintTenths(job, now, &running);
    }
  }
  if (style_.bars && screen_.Idle() && IsForeground(screen_.descriptor())) {
    DrawBars(now);
  }
}

void ProgressView::DrawBars(SteadyTime now) {
  std::string text;
  if (drawn_lines_ > 0) {
    absl::StrAppend(&text, "\x1b[", drawn_lines_, "A");
  }
  double parts = ended_;
  int lines = 0;
  const auto add = [&](TerminalStyle style, absl::string_view line) {
    // One column stays free: a full line would wrap on some terminals.
    absl::StrAppend(&text,
                    Styled(CutToWidth(TerminalSafe(OneLine(line)),
                                      std::max(1, style_.width - 1)),
                           style, style_.color),
                    "\x1b[K\n");
    ++lines;
  };
  for (const auto& [job, running] : running_) {
    const JobProgress& progress = *running.progress;
    parts += progress.fraction();
    if (lines == kMostBars) {
      continue;
    }
    add(TerminalStyle::kYellow,
        absl::StrCat("  ", Bar(progress.fraction()), "  ", plan_.jobs[job].name,
                     "  ", progress.Text()));
  }
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  add(TerminalStyle::kPlain,
      absl::StrCat("  ", Bar(wanted_ == 0 ? 1 : parts / wanted_), "  ",
                   ended_ - failed_, " done · ", running_.size(), " running · ",
                   wanted_ - ended_ - static_cast<int>(running_.size()),
                   " waiting",
                   failed_ > 0 ? absl::StrCat(" · ", failed_, " FAILED") : "",
                   "   elapsed ", DurationText(elapsed)));
  // Lines of an earlier, longer drawing.
  absl::StrAppend(&text, "\x1b[J");
  Draw(text);
  drawn_lines_ = lines;
}

}  // namespace transect
