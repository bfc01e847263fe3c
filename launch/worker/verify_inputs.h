/// \file
/// The inputs of an attempt are what the id of its job says they are. Hours may
/// lie between the plan that hashed them and the attempt, and a job that makes
/// an input may have ended weeks before.
#ifndef TRANSECT_LAUNCH_WORKER_VERIFY_INPUTS_H_
#define TRANSECT_LAUNCH_WORKER_VERIFY_INPUTS_H_

#include "absl/status/status.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Checks what a training, an evaluation or the making of a tokenizer reads,
/// and adds it to `result`, in the order of kRunInputs. To be called once in an
/// attempt, before anything is read, with `rank`; ranks other than 0 do
/// nothing.
///
/// Made inputs are read as a whole (launch/inputs/made_input.h). Found inputs
/// are examined, and what looks other than it did when it was hashed is hashed
/// again (launch/inputs/found_input.h). The plan says where their digests are
/// remembered and what they must be; a plan written by hand that does not is
/// not checked for them.
///
/// Errors are marked DATA and name the input, the first file that differs and
/// what to do.
absl::Status VerifyInputs(const LaunchPlan& plan, int rank, Result* result);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_VERIFY_INPUTS_H_
