#include "launch/training/trainer.h"

#include <ATen/record_function.h>
#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/batch/batch.h"
#include "data/index/dataset_index.h"
#include "data/loader/loader.h"
#include "data/loader/sampler.h"
#include "experiments/training/train_length.h"
#include "launch/collective/tree_sum.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/optimizer/loss_scale.h"
#include "launch/optimizer/lr_schedule.h"
#include "launch/rank/batches.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/train_task.h"
#include "launch/store/result.pb.h"
#include "launch/training/checkpoint_keeper.h"
#include "launch/training/gradient_sum.h"
#include "launch/training/replicas.h"
#include "launch/training/step_gradient.h"
#include "launch/training/step_log.h"
#include "launch/training/step_profile.h"
#include "launch/training/stop_signals.h"
#include "launch/training/training_state.h"
#include "launch/training/validation.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Starts reading this rank's shards of each step, one batch each.
absl::StatusOr<std::unique_ptr<Loader>> StartTrainLoader(
    const TrainTask& task, const DatasetIndex& data, int64_t begin,
    int64_t end) {
  const TrainingSpec& training = task.run->training();
  absl::StatusOr<Sampler> sampler = Sampler::Create(
      static_cast<int64_t>(data.samples().size()), training.global_batch(),
      task.run->seed(), task.run->data().last_batch());
  if (!sampler.ok()) {
    return MarkExitCode(sampler.status(), ExitCode::DATA);
  }
  const int shards = training.logical_shards();
  const int mine = shards / task.collective->ranks();
  const int first = task.collective->rank() * mine;
  return StartLoader(
      task,
      [&data, shards, mine, first,
       sampler = *std::move(sampler)](int64_t batch) mutable {
        std::vector<const Sample*> samples;
        const int shard = first + static_cast<int>(batch % mine);
        for (const int64_t index : sampler.Step(batch / mine, shard, shards)) {
          samples.push_back(&data.samples()[index]);
        }
        return samples;
      },
      begin * mine, end * mine);
}

// Why the step is not to be taken, because half precision overflowed at a scale
// that can still fall; "" to take it. All ranks see the same sums, so they
// decide alike.
absl::StatusOr<std::string> CheckFinite(int64_t step, double loss,
                                        double gradient_norm,
                                        const LossScale* scale) {
  std::string problem;
  if (!std::isfinite(loss)) {
    problem = absl::StrCat("the loss is ", loss);
  } else if (!std::isfinite(gradient_norm)) {
    problem = "the gradients overflowed";
  }
  if (problem.empty() || (scale != nullptr && scale->CanFall())) {
    return problem;
  }
  return NonFiniteError(absl::StrCat(
      "in step ", step + 1, " ", problem,
      scale != nullptr ? absl::StrCat(" and the loss scale ", scale->scale(),
                                      " is at its minimum")
                       : ""));
}

// Reads the batches of a step; how many seconds that took.
absl::StatusOr<double> NextBatches(const TrainTask& task, Loader* loader,
                                   std::vector<Batch>* batches) {
  RECORD_USER_SCOPE("data wait");
  const auto start = std::chrono::steady_clock::now();
  for (Batch& batch : *batches) {
    TRANSECT_ASSIGN_OR_RETURN(batch, NextBatch(task, loader));
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

bool ComparesReplicas(const TrainingSpec& training, int64_t done) {
  const int64_t every = training.compare_replicas_every();
  return every > 0 && done % every == 0;
}

// Whether the ranks compare what they have called (Collective::CheckSchedule).
bool ComparesCalls(int64_t done) {
  constexpr int64_t kEverySteps = 100;
  return done == 1 || done % kEverySteps == 0;
}

OptimizerShare ShareOf(const TrainTask& task) {
  const TrainingSpec& training = task.run->training();
  OptimizerShare share;
  share.zero_stage = training.sharding() == TrainingSpec::ZERO2   ? 2
                     : training.sharding() == TrainingSpec::ZERO1 ? 1
                                                                  : 0;
  share.rank = task.collective->rank();
  share.ranks = task.collective->ranks();
  share.parts = training.logical_shards();
  return share;
}

// One step of the training, up to its record in the log. `stop` is whether a
// signal asked this rank to stop, and then whether one asked any rank; `due` in
// the same way whether a checkpoint is to be written.
absl::Status TakeStep(const TrainTask& task, const TrainLength& length,
                      Loader* loader, StepGradient* gradient, GradientSum* sum,
                      TrainingState* state, StepLog* log, bool* stop,
                      bool* due) {
  const TrainingSpec& training = task.run->training();
  Collective& collective = *task.collective;
  AdamWOptimizer& optimizer = state->optimizer();
  LossScale* const scale = state->loss_scale();
  const int64_t step = state->steps();
  std::vector<Batch> shards(training.logical_shards() / collective.ranks());
  StepOutcome outcome;
  TRANSECT_ASSIGN_OR_RETURN(outcome.data_seconds,
                            NextBatches(task, loader, &shards));

  state->KeepBuffers();
  sum->Begin();
  const double scaled_by = scale != nullptr ? scale->scale() : 1;
  TRANSECT_ASSIGN_OR_RETURN(const at::Tensor loss_sum,
                            gradient->Compute(shards, step, scaled_by));
  {
    RECORD_USER_SCOPE("sum over ranks");
    TRANSECT_RETURN_IF_ERROR(sum->Finish());
  }
  const at::Tensor sums =
      at::stack({loss_sum, TreeSum(optimizer.SquaredNorms()),
                 at::full_like(loss_sum, *stop ? 1 : 0),
                 at::full_like(loss_sum, *due ? 1 : 0)});
  TRANSECT_RETURN_IF_ERROR(collective.AllReduceSum("sum of losses", sums));
  outcome.loss = sums[0].item<double>();
  const double norm = std::sqrt(sums[1].item<double>());
  *stop = sums[2].item<double>() > 0;
  *due = sums[3].item<double>() > 0;
  TRANSECT_ASSIGN_OR_RETURN(const std::string problem,
                            CheckFinite(step, outcome.loss, norm, scale));

  outcome.lr = LearningRate(training.schedule(), training.optimizer().lr(),
                            length, step);
  if (problem.empty()) {
    RECORD_USER_SCOPE("optimizer");
    outcome.gradient_norm = norm / scaled_by;
    if (scaled_by != 1) optimizer.ScaleGradients(1 / scaled_by);
    optimizer.Step(outcome.lr);
    TRANSECT_RETURN_IF_ERROR(optimizer.ShareValues(collective));
  } else {
    state->PutBuffersBack();
  }
  if (scale != nullptr) scale->Update(/*overflow=*/!problem.empty());
  state->EndStep();
  if (scale != nullptr) {
    TRANSECT_RETURN_IF_ERROR(
        log->Scaled(step + 1, problem, scaled_by, scale->scale()));
  }
  return log->Done(outcome);
}

}  // namespace

absl::StatusOr<TrainSummary> Train(const TrainTask& task,
                                   const DatasetIndex& data,
                                   const DatasetIndex* validated) {
  const TrainingSpec& training = task.run->training();
  if (!Trains(training)) {
    return TrainSummary{};
  }
  absl::StatusOr<TrainLength> length =
      LengthOf(training, task.run->data().last_batch(),
               static_cast<int64_t>(data.samples().size()));
  if (!length.ok()) {
    return MarkExitCode(length.status(), ExitCode::DATA);
  }
  Collective& collective = *task.collective;
  task.model->train();
  TrainingState state(task.model, training, ShareOf(task));
  StepGradient gradient(task, &state.optimizer());
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<GradientSum> sum,
                            GradientSum::Create(task, &state.optimizer()));
  Validator validator(task, data, validated, *length);
  CheckpointKeeper keeper(task, length->steps);
  TRANSECT_RETURN_IF_ERROR(keeper.Resume(&state));
  StepLog step_log(task, &state, length->steps);
  TRANSECT_ASSIGN_OR_RETURN(
      const std::unique_ptr<Loader> loader,
      StartTrainLoader(task, data, state.steps(), length->steps));
  const StopSignals signals;
  StepProfile profile(task);
  TrainSummary summary;
  while (true) {
    if (validator.IsDueAfter(state.steps())) {
      const auto start = std::chrono::steady_clock::now();
      TRANSECT_ASSIGN_OR_RETURN(const bool left,
                                validator.Run(signals, &state));
      if (left) return keeper.Stop(&state);
      summary.validation_seconds +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                        start)
              .count();
      step_log.LeaveOut();
    }
    if (state.steps() == length->steps || validator.EndsEarly(state)) break;
    const StepProfile::Step traced(&profile);
    bool stop = signals.came(), due = keeper.IsDueAfter(state.steps() + 1);
    const absl::Status logged =
        TakeStep(task, *length, loader.get(), &gradient, sum.get(), &state,
                 &step_log, &stop, &due);
    // After the last step the log returns its error again when it is closed;
    // the weights come first.
    if (state.steps() < length->steps || !step_log.failed()) {
      TRANSECT_RETURN_IF_ERROR(logged);
    }
    if (state.steps() == length->steps) continue;
    if (ComparesReplicas(training, state.steps())) {
      TRANSECT_RETURN_IF_ERROR(
          CompareReplicas(collective, *task.model, state.steps()));
    }
    if (ComparesCalls(state.steps())) {
      TRANSECT_RETURN_IF_ERROR(collective.CheckSchedule("comparison of calls"));
    }
    if (stop) return keeper.Stop(&state);
    if (due) {
      TRANSECT_RETURN_IF_ERROR(keeper.Write(&state));
    }
  }

  summary.steps = state.steps();
  summary.ended_early = state.steps() < length->steps;
  if (summary.ended_early) {
    TRANSECT_RETURN_IF_ERROR(step_log.EndEarly());
  }
  if (training.validation().weights() == ValidationSpec::BEST) {
    summary.best_step = state.best()->step;
    TRANSECT_RETURN_IF_ERROR(state.TakeOnBestWeights(collective));
  }
  TRANSECT_RETURN_IF_ERROR(
      CompareReplicas(collective, *task.model, state.steps()));
  summary.step_seconds = step_log.MeanStepSeconds();
  return summary;
}

}  // namespace transect
