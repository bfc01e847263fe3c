#include "launch/training/trainer.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
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
#include "data/batch/batch.h"
#include "data/index/dataset_index.h"
#include "data/loader/loader.h"
#include "data/loader/sampler.h"
#include "experiments/training/train_length.h"
#include "launch/store/result.pb.h"
#include "launch/training/batches.h"
#include "launch/training/checkpoints.h"
#include "launch/training/exit_codes.h"
#include "launch/training/lr_schedule.h"
#include "launch/training/replicas.h"
#include "launch/training/step_gradient.h"
#include "launch/training/stop_signals.h"
#include "launch/training/train_task.h"
#include "launch/training/training_state.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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

// Times the steps and logs them on rank 0.
class StepLog {
 public:
  // `begin` steps were done before.
  StepLog(const TrainTask& task, int64_t begin, int64_t steps)
      : task_(task),
        begin_(begin),
        steps_(steps),
        last_record_(Clock::now()),
        last_recorded_(begin) {}

  absl::Status Done(int64_t done, double loss, double lr) {
    const TrainingSpec& training = task_.run->training();
    if (done == begin_ + 1) {
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
    return Append(record);
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
    return Append(record);
  }

  // Whether a record could not be written.
  bool failed() const { return failed_; }

  // Of all steps of this attempt but the first.
  double MeanStepSeconds() const {
    const int64_t timed = steps_ - begin_ - 1;
    return timed < 1 ? 0
                     : SecondsSince(first_done_) / static_cast<double>(timed);
  }

 private:
  absl::Status Append(const MetricRecord& record) {
    absl::Status status = task_.log->Append(record);
    failed_ = failed_ || !status.ok();
    return status;
  }

  const TrainTask& task_;
  const int64_t begin_;
  const int64_t steps_;
  bool failed_ = false;
  Clock::time_point first_done_;
  Clock::time_point last_record_;
  int64_t last_recorded_;
};

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

// Takes the training up where an earlier attempt left it, and keeps what this
// one reaches.
class Keeper {
 public:
  Keeper(const TrainTask& task, int64_t steps)
      : task_(task),
        spec_(task.run->training().checkpoint()),
        steps_(steps),
        writes_(task.plan != nullptr && task.collective->rank() == 0) {}

  // All ranks call it before the first step.
  absl::Status Resume(TrainingState* state) {
    if (task_.plan == nullptr) return absl::OkStatus();
    if (writes_) {
      TRANSECT_RETURN_IF_ERROR(LoadNewest(state));
      TRANSECT_ASSIGN_OR_RETURN(
          writer_, CheckpointWriter::Start(*task_.plan, spec_.keep()));
    }
    last_steps_ = state->steps();
    last_time_ = Clock::now();
    return state->ShareRank0(*task_.collective);
  }

  // After a step that is not the last.
  absl::Status AfterStep(const TrainingState& state) {
    const bool due = (spec_.every_steps() > 0 &&
                      state.steps() - last_steps_ >= spec_.every_steps()) ||
                     (spec_.every_minutes() > 0 &&
                      SecondsSince(last_time_) >= 60 * spec_.every_minutes());
    return due ? Write(state) : absl::OkStatus();
  }

  // A signal came: what rank 0 has is written when this returns. Always an
  // error, CHECKPOINTED if all is well.
  absl::Status Stop(const TrainingState& state) {
    if (writes_) {
      TRANSECT_RETURN_IF_ERROR(Write(state));
      TRANSECT_RETURN_IF_ERROR(writer_->Finish());
    }
    return MarkExitCode(
        absl::CancelledError(absl::StrCat(
            "a signal asked for it after step ", state.steps(), " of ", steps_,
            "; the next attempt goes on from there")),
        ExitCode::CHECKPOINTED);
  }

 private:
  absl::Status LoadNewest(TrainingState* state) {
    std::vector<std::string> skipped;
    const std::optional<FoundCheckpoint> found = LoadNewestCheckpoint(
        *task_.plan, steps_,
        [&](const SavedState& saved) { return state->Load(saved); }, &skipped);
    for (const std::string& problem : skipped) {
      TRANSECT_RETURN_IF_ERROR(
          Tell(absl::StrCat("a checkpoint is passed over: ", problem)));
    }
    if (!found.has_value()) return absl::OkStatus();
    return Tell(absl::StrCat("goes on after step ", found->steps, " of ",
                             steps_, " from a checkpoint of attempt ",
                             found->attempt));
  }

  // A checkpoint that cannot be written does not end the training: those
  // before it are there, and the disk may come back.
  absl::Status Write(const TrainingState& state) {
    if (!writes_) return absl::OkStatus();
    last_steps_ = state.steps();
    last_time_ = Clock::now();
    const absl::Status before = writer_->Write(state.steps(), state.Save());
    if (before.ok()) return absl::OkStatus();
    return Tell(
        absl::StrCat("a checkpoint was not written: ", before.message()));
  }

  absl::Status Tell(const std::string& text) {
    std::cerr << text << std::endl;
    MetricRecord record;
    record.mutable_event()->set_text(text);
    return task_.log->Append(record);
  }

  const TrainTask& task_;
  const CheckpointSpec& spec_;
  const int64_t steps_;
  const bool writes_;
  std::unique_ptr<CheckpointWriter> writer_;
  int64_t last_steps_ = 0;
  Clock::time_point last_time_;
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
  TrainingState state(task.model, training);
  StepGradient gradient(task, &state.optimizer());
  Keeper keeper(task, length->steps);
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
