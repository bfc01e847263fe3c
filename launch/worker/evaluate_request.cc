#include "launch/worker/evaluate_request.h"

#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/rank_run.h"
#include "launch/worker/verify_inputs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> EvaluateRun(const EvaluateRequest& request) {
  LaunchPlan plan;
  plan.set_id(request.id());
  plan.set_code(request.files().code());
  plan.set_attempt(1);
  plan.set_job_dir(request.job_dir());
  plan.set_attempt_dir(AttemptDir(request.job_dir(), 1));
  plan.set_ranks(1);
  *plan.mutable_train() = request.files().job();

  Result verified;
  verified.set_made_alone(true);
  if (request.has_store()) {
    plan.set_store(request.store());
    TRANSECT_RETURN_IF_ERROR(VerifyInputs(plan, /*rank=*/0, &verified));
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankRun> opened,
                            RankRun::Open(plan, /*rank=*/0));
  TRANSECT_ASSIGN_OR_RETURN(const OpenedSplit split,
                            opened->OpenSplit(request.split()));
  for (const std::string& note : split.notes.texts) {
    std::cerr << "NOTE " << note << std::endl;
  }
  TRANSECT_RETURN_IF_ERROR(
      opened->OpenTrainedModel(request.files().trained_weights_path()));
  std::cerr << "evaluating " << split.data.samples().size()
            << " items of split " << request.split() << std::endl;
  TRANSECT_RETURN_IF_ERROR(opened->Evaluate(plan, split, verified));
  return ExitCode::OK;
}

}  // namespace transect
