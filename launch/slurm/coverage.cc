#include "launch/slurm/coverage.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/ledger/queued_job.h"
#include "launch/slurm/sweep.h"

namespace transect {

const RunsOfJob& RunsOf(const Store& store, const Plan& plan,
                        absl::string_view text, RunsByComment* known) {
  static const auto* const kNone = new RunsOfJob;
  const JobComment comment = ParseComment(text);
  const std::string key = CommentText(comment);
  if (const auto found = known->find(key); found != known->end()) {
    return found->second;
  }
  const absl::StatusOr<Sweep> sweep = ReadSweep(store, comment.sweep);
  if (!sweep.ok() || sweep->code() != plan.code || comment.group < 0 ||
      comment.group >= sweep->group_size()) {
    return *kNone;
  }
  RunsOfJob runs;
  for (const int run : sweep->group(comment.group).run()) {
    const SweepJob& job = sweep->job(run);
    if (comment.run.empty() || comment.run == job.id()) {
      runs.emplace_back(job.id(), job.last_attempt());
    }
  }
  return (*known)[key] = std::move(runs);
}

Coverage::Coverage(const Store& store, const Plan& plan,
                   const std::vector<QueuedJob>& queue, RunsByComment* known) {
  // An array has many lines, and all of them the same runs.
  struct Jobs {
    const QueuedJob* live = nullptr;
    bool cancelled = false;
  };
  std::map<std::string, Jobs> by_comment;
  for (const QueuedJob& job : queue) {
    Jobs& jobs = by_comment[job.comment];
    if (MayWork(job.phase) && jobs.live == nullptr) jobs.live = &job;
    jobs.cancelled = jobs.cancelled || job.phase == QueuePhase::kCancelled;
  }
  for (const auto& [comment, jobs] : by_comment) {
    for (const auto& [id, last_attempt] : RunsOf(store, plan, comment, known)) {
      if (jobs.live != nullptr) {
        live_.emplace(id, LiveJob{jobs.live, last_attempt});
      } else if (jobs.cancelled) {
        cancelled_.insert(id);
      }
    }
  }
}

const LiveJob* Coverage::Live(const std::string& id) const {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

}  // namespace transect
