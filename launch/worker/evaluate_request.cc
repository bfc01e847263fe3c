#include "launch/worker/evaluate_request.h"

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/rank_run.h"
#include "launch/worker/result_file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> EvaluateRun(const EvaluateRequest& request) {
  LaunchPlan plan;
  plan.set_id(request.files().id());
  plan.set_code(request.files().code());
  plan.set_attempt(1);
  plan.set_job_dir(request.job_dir());
  plan.set_attempt_dir(AttemptDir(request.job_dir(), 1));
  plan.set_ranks(1);
  *plan.mutable_train() = request.files().job();
  TRANSECT_RETURN_IF_ERROR(MakeDirs(plan.attempt_dir()));

  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankRun> opened,
                            RankRun::Open(plan, /*rank=*/0));
  std::vector<DatasetIndex> splits;
  TRANSECT_ASSIGN_OR_RETURN(splits.emplace_back(),
                            opened->OpenSplit(request.split()));
  for (const std::string& note : opened->notes()) {
    std::cerr << "NOTE " << note << std::endl;
  }
  TRANSECT_RETURN_IF_ERROR(
      opened->OpenTrainedModel(request.files().trained_weights_path()));
  std::cerr << "evaluating " << splits[0].samples().size() << " items of split "
            << request.split() << std::endl;
  TRANSECT_RETURN_IF_ERROR(opened->EvaluateAndCloseLog(splits));
  TRANSECT_RETURN_IF_ERROR(opened->Finish(StartResult(plan)));
  return ExitCode::OK;
}

}  // namespace transect
