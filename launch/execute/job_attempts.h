/// \file
/// Attempts of a plan's job: what the next one is told, and what those that
/// others made came to.
#ifndef TRANSECT_LAUNCH_EXECUTE_JOB_ATTEMPTS_H_
#define TRANSECT_LAUNCH_EXECUTE_JOB_ATTEMPTS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/execute/attempt.h"
#include "launch/execute/execution.h"
#include "launch/plan/plan.h"

namespace transect {

/// Number of the newest attempt of `job`; 0 without any.
int LastAttempt(const Job& job);

/// How another launcher ended the job after its attempt `before`: done or
/// failed, or corrupt. Nothing if it did not, or what it left says nothing
/// about the job. True for good only while the caller holds the lease. `code`
/// is the plan's.
std::optional<JobEnd> EndedElsewhere(absl::string_view code, const Job& job,
                                     int before);

/// What an attempt of job `index` is told, without worker, store, GPUs and who
/// starts it.
absl::StatusOr<AttemptSpec> DescribeAttempt(const Plan& plan, int index);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_JOB_ATTEMPTS_H_
