#include "launch/worker/train_job.h"

#include <sys/resource.h>
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/index/dataset_index.h"
#include "experiments/experiment.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/exit_codes.h"
#include "launch/training/trainer.h"
#include "launch/worker/load_model.h"
#include "launch/worker/rank_run.h"
#include "launch/worker/result_file.h"
#include "launch/worker/train_plan.h"
#include "launch/worker/verify_inputs.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Largest resident size of this process so far.
int64_t PeakMemoryBytes() {
  rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{1024} * usage.ru_maxrss
                                             : 0;
}

void CountParameters(const SegmentationModel& model, Result* result) {
  int64_t all = 0;
  int64_t trainable = 0;
  for (const at::Tensor& parameter : model.parameters()) {
    all += parameter.numel();
    trainable += parameter.requires_grad() ? parameter.numel() : 0;
  }
  result->set_parameters(all);
  result->set_trainable_parameters(trainable);
}

}  // namespace

absl::Status RunTrainJob(const LaunchPlan& plan, int rank) {
  TRANSECT_RETURN_IF_ERROR(CheckTrainPlan(plan));
  const RunSpec& run = plan.train().run();
  Result result = StartResult(plan);
  TRANSECT_RETURN_IF_ERROR(VerifyInputs(plan, rank, &result));
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankRun> opened,
                            RankRun::Open(plan, rank));
  TRANSECT_ASSIGN_OR_RETURN(const DatasetIndex train_data,
                            opened->OpenSplit(run.data().train_split()));
  std::vector<DatasetIndex> eval_data;
  if (plan.train().evaluate()) {
    for (const std::string& split : run.data().eval_splits()) {
      TRANSECT_ASSIGN_OR_RETURN(eval_data.emplace_back(),
                                opened->OpenSplit(split));
    }
  }
  TRANSECT_RETURN_IF_ERROR(opened->OpenInitialModel());

  TRANSECT_ASSIGN_OR_RETURN(const TrainSummary trained,
                            Train(opened->task(), train_data));
  const SegmentationModel& model = opened->model();
  if (rank == 0) {
    TRANSECT_RETURN_IF_ERROR(MarkExitCode(
        SaveTensors(absl::StrCat(plan.job_dir(), "/", kWeightsFile),
                    StateTensors(model, SavesTrainableOnly(run.model()))),
        ExitCode::INPUT_OUTPUT));
  }
  TRANSECT_RETURN_IF_ERROR(opened->EvaluateAndCloseLog(eval_data));
  if (rank != 0) {
    return absl::OkStatus();
  }
  result.set_steps(trained.steps);
  result.set_step_seconds(trained.step_seconds);
  result.set_peak_memory_bytes(PeakMemoryBytes());
  CountParameters(model, &result);
  TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, kWeightsFile, &result));
  return opened->Finish(std::move(result));
}

}  // namespace transect
