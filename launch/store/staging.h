/// \file
/// Where an attempt writes outputs before they count, and how it is kept from
/// publishing once another attempt has begun.
///
/// Ranks write outputs into the staging directory of their attempt and publish
/// each by a rename into the job directory, the result last
/// (launch/worker/result_file.h). Who begins a new attempt takes the staging
/// directories of earlier ones away first: a rank that was stopped for hours
/// finds its own gone, and can neither replace outputs nor add a result. So a
/// result and the files that it lists are always of one attempt, also where
/// locks exclude nobody.
#ifndef TRANSECT_LAUNCH_STORE_STAGING_H_
#define TRANSECT_LAUNCH_STORE_STAGING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"

namespace transect {

/// Makes the staging directory of the attempt `attempt` of `job_dir` after
/// taking away those of all earlier attempts and the temporary files that dead
/// writers left in the job directory and its attempts. The caller holds the
/// lease and has made the attempt (MakeNextAttempt).
absl::Status BeginStaging(absl::string_view job_dir, int attempt);

/// Removes the temporary files that writers who are dead for a day or more left
/// in the directories that all jobs share: reports, throughput, digests.
void RemoveLeftovers(const Store& store);

/// Removes the staging directory of an attempt that ended, with what was not
/// published. What cannot be removed goes when the next attempt begins.
void EndStaging(absl::string_view attempt_dir);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_STAGING_H_
