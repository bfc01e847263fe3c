/// \file
/// What the worker is told of the found inputs of a job, so that it can tell
/// whether they changed since they were hashed.
#ifndef TRANSECT_LAUNCH_PLAN_FOUND_CONTENTS_H_
#define TRANSECT_LAUNCH_PLAN_FOUND_CONTENTS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "launch/plan/jobs.h"
#include "launch/store/job.pb.h"

namespace transect {

/// Fills `train->found` with the contents, among those that were `found` when
/// the plan was made, that the identities in `inputs` rest on. kInternal if
/// there is none for one of them.
absl::Status AddFoundContents(absl::Span<const FoundInput> found,
                              const JobInputs& inputs, TrainJob* train);
/// The same for the corpus of a tokenizer.
absl::Status AddFoundContents(absl::Span<const FoundInput> found,
                              const JobInputs& inputs, TokenizerJob* tokenizer);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_FOUND_CONTENTS_H_
