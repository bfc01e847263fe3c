/// \file
/// One start of a job: its ranks from spawn to outcome.
///
/// An attempt owns the job's lease, writes the files of its directory
/// (launch/store/store.h), starts the ranks (ranks.h) and collects them. It
/// never blocks: the executor calls Poll. All calls come from one thread that
/// lives as long as the process (process.h says why).
#ifndef TRANSECT_LAUNCH_EXECUTE_ATTEMPT_H_
#define TRANSECT_LAUNCH_EXECUTE_ATTEMPT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "launch/execute/execution.h"
#include "launch/execute/ranks.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Between two looks at whether someone asked for the job to stop (CancelText,
/// launch/store/cancel.h), which is then an interruption.
inline constexpr std::chrono::seconds kCancelEvery{1};

/// From SIGTERM to SIGKILL when ranks are stopped because one failed.
inline constexpr std::chrono::seconds kStopGrace{5};

/// The same when they are interrupted: they finish their step, which may be a
/// long one, and write a checkpoint.
inline constexpr std::chrono::seconds kInterruptGrace{60};

/// After a rank reported a lost peer, how long to wait for a rank with a better
/// explanation before the others are stopped.
inline constexpr std::chrono::seconds kPeerLostGrace{2};

struct AttemptSpec {
  /// Absolute path of the worker.
  std::string worker;
  /// What the ranks read; Start fills in attempt, attempt_dir and job_dir.
  LaunchPlan plan;
  /// Directory of the job; exists.
  std::string job_dir;
  /// Compute threads of a rank.
  int threads = 1;
  /// Machines on which the ranks are, as many on each; the launch plan names
  /// the GPUs of one.
  int nodes = 1;
  /// What the job's id is the digest of; written beside the attempts once.
  std::string spec_text;
  JobInputs inputs;
  /// OutOfMemoryKills (launch/inputs/limits.h) if empty.
  std::function<int64_t()> out_of_memory_kills;
  /// StartLocalRanks (ranks.h) if empty.
  RankStarter start_ranks;
  /// Start fills in the time.
  Provenance provenance;
};

/// The end that explains a failed attempt, given the ends in order of time: the
/// first failure of a rank that was not told to stop and that reports more than
/// the loss of a peer; else the first failure of one that was not told to stop;
/// else null.
const RankEnd* RootCause(absl::Span<const RankEnd> ends);

/// One line for people about how rank `end.rank` of `ranks` ended: the worker's
/// own last message (`transect_worker: <code name>: <message>`) if its log has
/// one, else the exit code or signal in words.
std::string DescribeEnd(const RankEnd& end, int ranks,
                        absl::string_view attempt_dir);

class Attempt {
 public:
  /// Makes the attempt's directory and starts the ranks. After an error no rank
  /// is left and the lease is free.
  static absl::StatusOr<std::unique_ptr<Attempt>> Start(
      AttemptSpec spec, std::unique_ptr<Lease> lease);

  /// Kills ranks that still run.
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  /// Collects ranks that ended and stops the others after a failure. True when
  /// all ranks are gone; from then on the lease is free and outcome() is final.
  bool Poll(SteadyTime now);

  /// Stops the ranks: SIGTERM now, SIGKILL after kInterruptGrace. `why` is
  /// recorded in the outcome.
  void Interrupt(absl::string_view why, SteadyTime now);

  /// SIGKILL to all ranks.
  void Kill();

  /// Stops the ranks (SIGSTOP) and lets them go on (SIGCONT).
  void Pause();
  void Continue();

  /// How it ended. succeeded(): exit_code and signal are 0 and it was not
  /// interrupted; the job is done, with a valid result.
  const Outcome& outcome() const { return outcome_; }
  bool succeeded() const;

  /// Whether another launcher has the job now (Lease::lost).
  bool taken_over() const { return taken_over_; }

  /// What its ranks were told.
  const LaunchPlan& plan() const { return spec_.plan; }
  const std::string& directory() const { return spec_.plan.attempt_dir(); }
  /// Log of the rank that outcome() is about; of rank 0 before.
  std::string LogPath() const;

 private:
  explicit Attempt(AttemptSpec spec, std::unique_ptr<Lease> lease)
      : spec_(std::move(spec)), lease_(std::move(lease)) {}

  absl::Status WriteFiles();
  absl::Status StartRanks();
  void StopRest(SteadyTime now);
  void Finish();

  AttemptSpec spec_;
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<Ranks> ranks_;
  std::vector<RankEnd> ends_;
  bool stopping_ = false;
  bool killed_ = false;
  bool finished_ = false;
  bool taken_over_ = false;
  SteadyTime stop_time_;
  SteadyTime look_for_cancel_at_;
  SteadyTime first_failure_;
  std::string interrupted_by_;
  Outcome outcome_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_ATTEMPT_H_
