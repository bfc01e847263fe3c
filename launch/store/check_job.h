/// \file
/// Whether a job is done: its own result, and of a run the results of what it
/// evaluates.
#ifndef TRANSECT_LAUNCH_STORE_CHECK_JOB_H_
#define TRANSECT_LAUNCH_STORE_CHECK_JOB_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

/// What `plan` evaluates at the end; nothing if it is no training.
std::vector<EvaluateJob> EvaluationsOf(const LaunchPlan& plan);

/// CheckResult of the job `id` in `job_dir`, then of `evaluations`, which lie
/// in it. The result is the job's own; seconds, evaluated items and cut
/// sentences are sums over the job and its evaluations, the memory is the
/// largest. An empty `code` accepts any one code for all. Where the trained
/// weights are gone, a job is done only if all of `evaluations`, at least one,
/// are: else it is kCorrupt.
ResultCheck CheckJob(absl::string_view job_dir, absl::string_view id,
                     absl::string_view code,
                     absl::Span<const EvaluateJob> evaluations);

/// The same for what `plan` starts, in its directory.
ResultCheck CheckJob(const LaunchPlan& plan);

/// What one attempt of a job did, summed as in CheckJob: without steps where an
/// earlier attempt trained, without items where another evaluated.
Result ResultOfAttempt(absl::string_view job_dir,
                       absl::Span<const EvaluateJob> evaluations, int attempt);

/// The attempts whose results those of the job and its evaluations are,
/// ascending, each once.
std::vector<int> AttemptsThatCount(absl::string_view job_dir,
                                   absl::Span<const EvaluateJob> evaluations);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_CHECK_JOB_H_
