#include "launch/training/trainer.h"

#include <torch/torch.h>

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
#include "launch/optimizer/lr_schedule.h"
#include "launch/rank/batches.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/train_task.h"
#include "launch/store/result.pb.h"
#include "launch/training/checkpoint_keeper.h"
#include "launch/training/replicas.h"
#include "launch/training/step_gradient.h"
#include "launch/training/step_log.h"
#include "launch/training/stop_signals.h"
#include "launch/training/training_state.h"
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
                                        const at::Tensor& gradients,
                                        const LossScale* scale) {
  std::string problem;
  if (!std::isfinite(loss)) {
    problem = absl::StrCat("the loss is ", loss);
  } else if (!at::isfinite(gradients).all().item<bool>()) {
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

bool ComparesReplicas(const TrainingSpec& training, int64_t done,
                      int64_t steps) {
  const int64_t every = training.compare_replicas_every();
  return done == steps || (every > 0 && done % every == 0);
}

// One step of the training, up to its record in the log. `stop` is whether a
// signal asked this rank to stop, and then whether one asked any rank.
absl::Status TakeStep(const TrainTask& task, const TrainLength& length,
                      Loader* loader, StepGradient* gradient,
                      TrainingState* state, StepLog* log, bool* stop) {
  const TrainingSpec& training = task.run->training();
  Collective& collective = *task.collective;
  AdamWOptimizer& optimizer = state->optimizer();
  LossScale* const scale = state->loss_scale();
  const int64_t step = state->steps();
  std::vector<Batch> shards(training.logical_shards() / collective.ranks());
  for (Batch& shard : shards) {
    TRANSECT_ASSIGN_OR_RETURN(shard, NextBatch(task, loader));
  }

  state->KeepBuffers();
  const double scaled_by = scale != nullptr ? scale->scale() : 1;
  TRANSECT_ASSIGN_OR_RETURN(const at::Tensor loss_sum,
                            gradient->Compute(shards, step, scaled_by));
  TRANSECT_RETURN_IF_ERROR(
      collective.AllReduceSum("sum of gradients", optimizer.gradients()));
  const at::Tensor sums =
      at::stack({loss_sum, at::full_like(loss_sum, *stop ? 1 : 0)});
  TRANSECT_RETURN_IF_ERROR(collective.AllReduceSum("sum of losses", sums));
  const double loss = sums[0].item<double>();
  *stop = sums[1].item<double>() > 0;
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string problem,
      CheckFinite(step, loss, optimizer.gradients(), scale));

  const double lr = LearningRate(training.schedule(), training.optimizer().lr(),
                                 length, step);
  if (problem.empty()) {
    if (scaled_by != 1) optimizer.ScaleGradients(1 / scaled_by);
    optimizer.Step(lr);
  } else {
    state->PutBuffersBack();
  }
  if (scale != nullptr) scale->Update(/*overflow=*/!problem.empty());
  state->EndStep();
  if (scale != nullptr) {
    TRANSECT_RETURN_IF_ERROR(
        log->Scaled(step + 1, problem, scaled_by, scale->scale()));
  }
  return log->Done(step + 1, loss, lr);
}

}  // namespace

absl::StatusOr<TrainSummary> Train(const TrainTask& task,
                                   const DatasetIndex& data) {
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
  TrainingState state(task.model, training);
  StepGradient gradient(task, &state.optimizer());
  CheckpointKeeper keeper(task, length->steps);
  TRANSECT_RETURN_IF_ERROR(keeper.Resume(&state));
  StepLog step_log(task, state.steps(), length->steps);
  TRANSECT_ASSIGN_OR_RETURN(
      const std::unique_ptr<Loader> loader,
      StartTrainLoader(task, data, state.steps(), length->steps));
  const StopSignals signals;
  while (state.steps() < length->steps) {
    bool stop = signals.came();
    const absl::Status logged = TakeStep(task, *length, loader.get(), &gradient,
                                         &state, &step_log, &stop);
    // After the last step the log returns its error again when it is closed;
    // the weights come first.
    if (state.steps() < length->steps || !step_log.failed()) {
      TRANSECT_RETURN_IF_ERROR(logged);
    }
    if (ComparesReplicas(training, state.steps(), length->steps)) {
      TRANSECT_RETURN_IF_ERROR(
          CompareReplicas(collective, *task.model, state.steps()));
    }
    if (state.steps() == length->steps) break;
    if (stop) return keeper.Stop(state);
    TRANSECT_RETURN_IF_ERROR(keeper.AfterStep(state));
  }

  return TrainSummary{length->steps, step_log.MeanStepSeconds()};
}

}  // namespace transect
