#include "launch/worker/train_job.h"

#include <torch/torch.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "experiments/training/training_spec.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/checkpoints.h"
#include "launch/training/disk_reserve.h"
#include "launch/training/trainer.h"
#include "launch/worker/load_model.h"
#include "launch/worker/rank_run.h"
#include "launch/worker/result_file.h"
#include "launch/worker/train_plan.h"
#include "launch/worker/verify_inputs.h"
#include "model/base/runtime.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

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

// The job of evaluating what `plan` trains, in the attempt of the same number.
LaunchPlan PlanOf(const LaunchPlan& plan, const EvaluateJob& evaluation) {
  LaunchPlan job;
  job.set_id(evaluation.id());
  job.set_code(plan.code());
  job.set_attempt(plan.attempt());
  job.set_ranks(plan.ranks());
  if (plan.has_staging_dir()) job.set_staging_dir(plan.staging_dir());
  job.set_job_dir(
      EvaluationDir(plan.job_dir(), evaluation.split(), evaluation.id()));
  job.set_attempt_dir(AttemptDir(job.job_dir(), plan.attempt()));
  // Says what it computes on.
  *job.mutable_train()->mutable_run()->mutable_training() =
      plan.train().run().training();
  return job;
}

// Whether an attempt before this one has done the job.
absl::StatusOr<bool> IsDone(const LaunchPlan& job) {
  const ResultCheck check = CheckResult(job.job_dir(), job.id(), job.code());
  if (check.state == ResultCheck::kCorrupt) {
    return MarkExitCode(absl::DataLossError(check.problem), ExitCode::DATA);
  }
  return check.state == ResultCheck::kValid;
}

// Makes room for a new training, and holds the disk that its weights will need.
absl::StatusOr<DiskReserve> Prepare(const LaunchPlan& plan,
                                    const SegmentationModel& model) {
  // For the header of the weights, the result and the notes.
  constexpr int64_t kOtherBytes = int64_t{1} << 20;
  TRANSECT_RETURN_IF_ERROR(RemoveOutput(plan, kWeightsFile));
  ForgetTrained(plan);
  int64_t bytes = kOtherBytes;
  for (const auto& [name, tensor] :
       StateTensors(model, SavesTrainableOnly(plan.train().run().model()))) {
    bytes += static_cast<int64_t>(tensor.nbytes());
  }
  absl::StatusOr<DiskReserve> reserve =
      DiskReserve::Hold(plan.job_dir(), bytes);
  if (!reserve.ok()) {
    return MarkExitCode(reserve.status(), ExitCode::INPUT_OUTPUT);
  }
  return reserve;
}

// Saves the weights, which nothing but this process has. A disk that is full or
// away for a moment gets a second, a third and a fourth chance, as far as the
// other ranks wait.
absl::Status KeepWeights(const LaunchPlan& plan,
                         const SegmentationModel& model) {
  constexpr absl::Duration kPauses[] = {absl::Seconds(1), absl::Seconds(10),
                                        absl::Seconds(60)};
  const auto save = [&] {
    return SaveTensors(
        OutputPath(plan, kWeightsFile),
        StateTensors(model, SavesTrainableOnly(plan.train().run().model())));
  };
  const absl::Duration others_wait =
      absl::Seconds(plan.train().run().training().collective_timeout_seconds());
  const absl::Time start = absl::Now();
  absl::Status saved = save();
  for (const absl::Duration pause : kPauses) {
    if (saved.ok()) break;
    // Half of it is for saving.
    if (plan.ranks() > 1 && absl::Now() + pause - start > others_wait / 2) {
      break;
    }
    std::cerr << saved.message() << "; trying again in "
              << absl::FormatDuration(pause) << std::endl;
    absl::SleepFor(pause);
    saved = save();
  }
  TRANSECT_RETURN_IF_ERROR(
      MarkExitCode(std::move(saved), ExitCode::INPUT_OUTPUT));
  return Publish(plan, kWeightsFile);
}

// Trains, and writes the result of the run, which `result` begins. The weights
// come first, and what fails after them does not keep the run from being
// trained. `validated` is null where there are no validations.
absl::Status TrainRun(const LaunchPlan& plan, int rank,
                      const OpenedSplit& split, const OpenedSplit* validated,
                      RankRun* opened, Result result) {
  const SegmentationModel& model = opened->model();
  DiskReserve reserve;
  if (rank == 0) {
    TRANSECT_ASSIGN_OR_RETURN(reserve, Prepare(plan, model));
  }
  TRANSECT_RETURN_IF_ERROR(opened->StartLog(plan, split.notes));
  TRANSECT_ASSIGN_OR_RETURN(
      const TrainSummary trained,
      Train(opened->task(), split.data,
            validated != nullptr ? &validated->data : nullptr));
  if (rank == 0) {
    result.set_steps(trained.steps);
    if (trained.best_step > 0) result.set_weights_step(trained.best_step);
    if (trained.ended_early) result.set_stopped_early(true);
    result.set_step_seconds(trained.step_seconds);
    if (trained.validation_seconds > 0) {
      result.set_validation_seconds(trained.validation_seconds);
    }
    result.set_peak_device_memory_bytes(
        PeakDeviceMemory(opened->task().device).reserved);
    result.set_truncated_sentences(split.notes.truncated_sentences);
    CountParameters(model, &result);
    reserve.Release();
    NoteTrained(plan, opened->start(), result);
    TRANSECT_RETURN_IF_ERROR(KeepWeights(plan, model));
  }
  absl::Status closed = opened->CloseLog();
  if (rank != 0) return closed;
  TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, kWeightsFile, &result));
  // Logs that are not whole are not listed.
  if (closed.ok()) {
    TRANSECT_RETURN_IF_ERROR(AddMetricLogs(plan, &result));
  }
  TRANSECT_RETURN_IF_ERROR(WriteResult(plan, opened->start(), &result));
  RemoveCheckpoints(plan);
  return closed;
}

}  // namespace

absl::Status RunTrainJob(const LaunchPlan& plan, int rank) {
  TRANSECT_RETURN_IF_ERROR(CheckTrainPlan(plan));
  TRANSECT_ASSIGN_OR_RETURN(bool is_trained, IsDone(plan));
  const std::optional<Result> noted =
      is_trained ? std::nullopt : FindTrained(plan);
  if (!is_trained && !noted.has_value()) {
    // Rank 0 may have finished it in between.
    TRANSECT_ASSIGN_OR_RETURN(is_trained, IsDone(plan));
  }
  is_trained = is_trained || noted.has_value();
  Result result = StartResult(plan);
  TRANSECT_RETURN_IF_ERROR(VerifyInputs(plan, rank, &result));
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<RankRun> opened,
                            RankRun::Open(plan, rank));
  // All splits are opened first: what is wrong with one of them shows before
  // hours of training.
  const RunSpec& run = plan.train().run();
  OpenedSplit train_split, validated;
  const bool validates = !is_trained && Validates(run.training());
  if (!is_trained) {
    TRANSECT_ASSIGN_OR_RETURN(train_split,
                              opened->OpenSplit(run.data().train_split()));
  }
  if (validates) {
    TRANSECT_ASSIGN_OR_RETURN(
        validated, opened->OpenSplit(run.training().validation().split()));
  }
  std::vector<std::pair<LaunchPlan, OpenedSplit>> evaluations;
  for (const EvaluateJob& evaluation : plan.train().evaluation()) {
    LaunchPlan job = PlanOf(plan, evaluation);
    TRANSECT_ASSIGN_OR_RETURN(const bool is_evaluated, IsDone(job));
    if (is_evaluated) continue;
    TRANSECT_ASSIGN_OR_RETURN(OpenedSplit split,
                              opened->OpenSplit(evaluation.split()));
    evaluations.emplace_back(std::move(job), std::move(split));
  }
  if (noted.has_value() && rank == 0) {
    TRANSECT_RETURN_IF_ERROR(FinishTrained(plan, *noted));
  }
  if (is_trained) {
    TRANSECT_RETURN_IF_ERROR(opened->OpenTrainedModel(
        absl::StrCat(plan.job_dir(), "/", kWeightsFile)));
  } else {
    TRANSECT_RETURN_IF_ERROR(opened->OpenInitialModel());
    TRANSECT_RETURN_IF_ERROR(TrainRun(plan, rank, train_split,
                                      validates ? &validated : nullptr,
                                      opened.get(), result));
  }
  for (const auto& [job, split] : evaluations) {
    TRANSECT_RETURN_IF_ERROR(opened->Evaluate(job, split, result));
  }
  return absl::OkStatus();
}

}  // namespace transect
