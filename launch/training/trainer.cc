#include "launch/training/trainer.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
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
#include "launch/store/result.pb.h"
#include "launch/training/adamw_optimizer.h"
#include "launch/training/batches.h"
#include "launch/training/exit_codes.h"
#include "launch/training/forward.h"
#include "launch/training/loss_scale.h"
#include "launch/training/lr_schedule.h"
#include "launch/training/replicas.h"
#include "launch/training/train_task.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"
#include "model/base/torch_status.h"
#include "model/loss.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Starts reading this rank's share of each batch.
absl::StatusOr<std::unique_ptr<Loader>> StartTrainLoader(
    const TrainTask& task, const DatasetIndex& data, int64_t steps) {
  const TrainingSpec& training = task.run->training();
  absl::StatusOr<Sampler> sampler = Sampler::Create(
      static_cast<int64_t>(data.samples().size()), training.global_batch(),
      task.run->seed(), task.run->data().last_batch());
  if (!sampler.ok()) {
    return MarkExitCode(sampler.status(), ExitCode::DATA);
  }
  const int rank = task.collective->rank();
  const int ranks = task.collective->ranks();
  return StartLoader(
      task,
      [&data, rank, ranks,
       sampler = *std::move(sampler)](int64_t step) mutable {
        std::vector<const Sample*> samples;
        for (const int64_t index : sampler.Step(step, rank, ranks)) {
          samples.push_back(&data.samples()[index]);
        }
        return samples;
      },
      /*begin=*/0, steps);
}

// Adds `scale` times the gradient of this rank's part of the objective to the
// gradients of the trained tensors and returns that part, not scaled: its share
// of the mean over the global batch.
absl::StatusOr<at::Tensor> ForwardBackward(const TrainTask& task,
                                           const Batch& batch, int64_t step,
                                           double scale) {
  const LossSpec& spec = task.run->training().loss();
  absl::StatusOr<at::Tensor> loss =
      TorchToStatus(absl::StrCat("training step ", step + 1), [&] {
        const ModelOutput output =
            ForwardBatch(*task.model, batch, task.device, step);
        const at::Tensor part =
            SegmentationLoss(output, batch.mask.to(task.device).to(at::kFloat),
                             {spec.bce_weight(), spec.activation_weight()},
                             CountedPixels(batch, task.device)) /
            task.collective->ranks();
        (scale == 1 ? part : part * scale).backward();
        return part.detach();
      });
  TRANSECT_RETURN_IF_ERROR(task.batch_statistics->failure());
  if (!loss.ok()) {
    return MarkComputation(loss.status());
  }
  return loss;
}

// Why the step is not to be taken, because half precision overflowed at a scale
// that can still fall; "" to take it. All ranks see the same sums, so they
// decide alike.
absl::StatusOr<std::string> CheckFinite(int64_t step, double loss,
                                        const at::Tensor& gradients,
                                        const std::optional<LossScale>& scale) {
  std::string problem;
  if (!std::isfinite(loss)) {
    problem = absl::StrCat("the loss is ", loss);
  } else if (!at::isfinite(gradients).all().item<bool>()) {
    problem = "the gradients overflowed";
  }
  if (problem.empty() || (scale.has_value() && scale->CanFall())) {
    return problem;
  }
  return NonFiniteError(absl::StrCat(
      "in step ", step + 1, " ", problem,
      scale.has_value() ? absl::StrCat(" and the loss scale ", scale->scale(),
                                       " is at its minimum")
                        : ""));
}

// The forward pass moves the statistics of norms; a step that is not taken
// puts them back, else one overflow would stay in them.
class SavedBuffers {
 public:
  explicit SavedBuffers(const torch::nn::Module& model)
      : buffers_(model.buffers()) {
    for (const at::Tensor& buffer : buffers_) copies_.push_back(buffer.clone());
  }

  void Save() { Copy(buffers_, copies_); }
  void PutBack() { Copy(copies_, buffers_); }

 private:
  static void Copy(const std::vector<at::Tensor>& from,
                   const std::vector<at::Tensor>& to) {
    const torch::NoGradGuard no_grad;
    for (size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
  }

  std::vector<at::Tensor> buffers_, copies_;
};

bool ComparesReplicas(const TrainingSpec& training, int64_t done,
                      int64_t steps) {
  const int64_t every = training.compare_replicas_every();
  return done == steps || (every > 0 && done % every == 0);
}

// Times the steps and logs them on rank 0.
class StepLog {
 public:
  StepLog(const TrainTask& task, int64_t steps)
      : task_(task), steps_(steps), last_record_(Clock::now()) {}

  absl::Status Done(int64_t done, double loss, double lr) {
    const TrainingSpec& training = task_.run->training();
    if (done == 1) {
      first_done_ = Clock::now();
    }
    if (task_.collective->rank() != 0 ||
        (done % training.log_every() != 0 && done != steps_)) {
      return absl::OkStatus();
    }
    MetricRecord record;
    TrainStep* const step = record.mutable_train_step();
    step->set_step(done);
    step->set_steps(steps_);
    step->set_loss(loss);
    step->set_lr(lr);
    step->set_step_seconds(SecondsSince(last_record_) /
                           static_cast<double>(done - last_recorded_));
    last_record_ = Clock::now();
    last_recorded_ = done;
    return task_.log->Append(record);
  }

  // Logs overflows, which `problem` names, and changes of the loss scale.
  absl::Status Scaled(int64_t step, const std::string& problem, double before,
                      double after) {
    if (task_.collective->rank() != 0 || (problem.empty() && before == after)) {
      return absl::OkStatus();
    }
    MetricRecord record;
    record.mutable_event()->set_text(absl::StrCat(
        "step ", step,
        problem.empty() ? ""
                        : absl::StrCat(": ", problem, ", no weight changed"),
        "; the loss scale was ", before, " and is ", after));
    return task_.log->Append(record);
  }

  // Of all steps but the first.
  double MeanStepSeconds(int64_t steps) const {
    return steps < 2
               ? 0
               : SecondsSince(first_done_) / static_cast<double>(steps - 1);
  }

 private:
  const TrainTask& task_;
  const int64_t steps_;
  Clock::time_point first_done_;
  Clock::time_point last_record_;
  int64_t last_recorded_ = 0;
};

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
  AdamWOptimizer optimizer(TrainedTensors(*task.model), training.optimizer());
  StepLog step_log(task, length->steps);
  std::optional<LossScale> scale;
  std::optional<SavedBuffers> buffers;
  if (training.precision() == TrainingSpec::FP16) {
    scale.emplace(training.loss_scale());
    buffers.emplace(*task.model);
  }

  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Loader> loader,
                            StartTrainLoader(task, data, length->steps));

  for (int64_t step = 0; step < length->steps; ++step) {
    TRANSECT_ASSIGN_OR_RETURN(const Batch batch, NextBatch(task, loader.get()));
    absl::Status logged;

    optimizer.ZeroGradients();
    if (buffers.has_value()) buffers->Save();
    const double scaled_by = scale.has_value() ? scale->scale() : 1;
    TRANSECT_ASSIGN_OR_RETURN(const at::Tensor loss_sum,
                              ForwardBackward(task, batch, step, scaled_by));

    TRANSECT_RETURN_IF_ERROR(
        collective.AllReduceSum("sum of gradients", optimizer.gradients()));
    TRANSECT_RETURN_IF_ERROR(
        collective.AllReduceSum("sum of losses", loss_sum));
    const double loss = loss_sum.item<double>();
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string problem,
        CheckFinite(step, loss, optimizer.gradients(), scale));

    const double lr = LearningRate(training.schedule(),
                                   training.optimizer().lr(), *length, step);
    if (problem.empty()) {
      if (scaled_by != 1) optimizer.ScaleGradients(1 / scaled_by);
      optimizer.Step(lr);
    } else {
      buffers->PutBack();
    }
    if (scale.has_value()) {
      scale->Update(/*overflow=*/!problem.empty());
      logged = step_log.Scaled(step + 1, problem, scaled_by, scale->scale());
    }
    logged.Update(step_log.Done(step + 1, loss, lr));
    // After the last step the log returns its error again when it is closed;
    // the weights come first.
    if (step + 1 < length->steps) {
      TRANSECT_RETURN_IF_ERROR(logged);
    }
    if (ComparesReplicas(training, step + 1, length->steps)) {
      TRANSECT_RETURN_IF_ERROR(
          CompareReplicas(collective, *task.model, step + 1));
    }
  }

  return TrainSummary{length->steps, step_log.MeanStepSeconds(length->steps)};
}

}  // namespace transect
