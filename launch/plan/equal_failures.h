// Attempts of a job that failed one after the other with the same cause: then
// it is likely to fail so again, and is given up until someone looks.
#ifndef TRANSECT_LAUNCH_PLAN_EQUAL_FAILURES_H_
#define TRANSECT_LAUNCH_PLAN_EQUAL_FAILURES_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

// With so many, a job is not started again by itself.
inline constexpr int kMostEqualFailures = 3;

// The cause without what differs from one attempt to the next: which rank it
// was, numbers of attempts and processes, addresses, ports, names of temporary
// files, free bytes.
std::string ComparableCause(absl::string_view cause);

// Whether an attempt ended for a reason that may be gone the next time, so that
// it says nothing about its job: it was interrupted, lost its peers, ended with
// TRY_AGAIN or CHECKPOINTED, or was ended by a signal from outside or for
// memory that was short.
bool SaysNothing(const Outcome& outcome);

// Whether an attempt that was told this, and ran out of memory, is worth
// another one that recomputes activations: less memory, a third more time, the
// same bits.
bool MayRecompute(const LaunchPlan& launch);

// Whether an attempt in the directory ran out of memory.
bool RanOutOfMemory(absl::string_view job_dir);

// The last attempts that failed alike.
struct EqualFailures {
  int times = 0;
  // They failed at the spec, and so will the next one.
  bool of_spec = false;
  // Of the last of them, as it stands in its outcome.
  std::string cause;
};

// How many of the last attempts in `job_dir` failed as the last of them did, by
// ComparableCause. Attempts that say nothing about the job (SaysNothing), lost
// their machine or ran out of memory that the next one needs less of
// (MayRecompute) do not count, and those before and after them are
// neighbors. An attempt of another code part, or one that `is_failure` says was
// none of the job, ends the row.
EqualFailures CountEqualFailures(
    absl::string_view job_dir, absl::string_view code,
    const std::function<bool(int attempt, const Outcome& outcome)>& is_failure);

// "failed: CAUSE", or "failed 3 times alike: CAUSE" of one that is given up.
std::string FailureText(int equal_failures, absl::string_view cause);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_EQUAL_FAILURES_H_
