#include "launch/worker/train_plan.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/run/weight_parts.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "model/model.pb.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status NotBuilt(const std::string& field, const std::string& value) {
  return absl::UnimplementedError(absl::StrCat(
      field, " is ", value, ", which this worker does not support"));
}

}  // namespace

absl::Status CheckLaunchPlan(const LaunchPlan& plan, int rank) {
  if (plan.ranks() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("ranks is ", plan.ranks(), ", must be 1 or more"));
  }
  if (rank < 0 || rank >= plan.ranks()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--rank is ", rank, ", must be 0 to ", plan.ranks() - 1));
  }
  if (plan.job_dir().empty() ||
      !absl::StartsWith(plan.attempt_dir(),
                        absl::StrCat(plan.job_dir(), "/"))) {
    return absl::InvalidArgumentError(
        absl::StrCat("attempt_dir is '", plan.attempt_dir(),
                     "', must lie below job_dir '", plan.job_dir(), "'"));
  }
  if (plan.job_case() == LaunchPlan::JOB_NOT_SET) {
    return absl::InvalidArgumentError("the launch plan has no job");
  }
  if (!plan.has_train() && plan.ranks() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("ranks is ", plan.ranks(),
                     ", must be 1 for a job that makes an input"));
  }
  return absl::OkStatus();
}

absl::Status CheckTrainPlan(const LaunchPlan& plan) {
  const RunSpec& run = plan.train().run();
  const TrainingSpec& training = run.training();
  if (run.model().model_case() == ModelSpec::MODEL_NOT_SET) {
    return NotBuilt("model", "not set");
  }
  for (const int part : run.weights().parts()) {
    if (part == WeightsSpec::UNSPECIFIED) {
      return absl::InvalidArgumentError(
          "weights.parts has UNSPECIFIED, must be SIGLIP, SAM or PROMPTER");
    }
  }
  TRANSECT_RETURN_IF_ERROR(CheckInitialWeights(plan.train()));
  if (plan.ranks() != training.ranks()) {
    return absl::InvalidArgumentError(absl::StrCat("ranks is ", plan.ranks(),
                                                   " but training.ranks is ",
                                                   training.ranks()));
  }
  const int64_t length =
      training.has_epochs() ? training.epochs() : training.steps();
  const std::string length_text = absl::StrCat(
      "training.", training.has_epochs() ? "epochs" : "steps", " is ", length);
  if (TrainsNothing(run.model()) == Trains(training)) {
    return absl::InvalidArgumentError(
        absl::StrCat(length_text,
                     ", must be 0 steps for a model that trains nothing and 1 "
                     "or more for another"));
  }
  if (length < 0 || training.global_batch() < 1 ||
      training.logical_shards() < 1 ||
      training.global_batch() % training.logical_shards() != 0 ||
      !CanShareShards(training.logical_shards(), training.ranks())) {
    return absl::InvalidArgumentError(absl::StrCat(
        length_text, " and training.global_batch ", training.global_batch(),
        ", must be 1 or more and the batch a multiple of "
        "training.logical_shards ",
        training.logical_shards(), ", which ", training.ranks(),
        " ranks share"));
  }
  if (training.loader_threads() < 0 || training.prefetch_batches() < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("training.loader_threads is ", training.loader_threads(),
                     ", must be 0 or more, and training.prefetch_batches ",
                     training.prefetch_batches(), ", must be 1 or more"));
  }
  if (training.threads_per_rank() < 1 || training.log_every() < 1 ||
      run.evaluation().batch() < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "training.threads_per_rank is ", training.threads_per_rank(),
        ", training.log_every ", training.log_every(), ", evaluation.batch ",
        run.evaluation().batch(), "; each must be 1 or more"));
  }
  return absl::OkStatus();
}

absl::Status CheckVocabulary(const ModelSpec& model, int pieces) {
  const SiglipSpec* siglip = SiglipOf(model);
  if (siglip != nullptr && pieces > siglip->vocab_size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the tokenizer has ", pieces,
                     " pieces, but siglip.vocab_size of the model is ",
                     siglip->vocab_size()));
  }
  return absl::OkStatus();
}

absl::Status CheckInitialWeights(const TrainJob& job) {
  for (const InputInfo& input : kRunInputs) {
    if (input.kind != InputKind::kWeights) continue;
    // A spec that names no source at all never gets here.
    const auto source = SourceOf(input.name, job.run());
    const bool named = source.ok() && source->has_value();
    const std::string& place = PlaceOf(input.name, job);
    if (named == place.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the place of the ", input.noun, " is '", place,
          "', must be set exactly if the spec's weights name such a source"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> WeightPrefixes(const WeightsSpec& weights) {
  std::vector<std::string> prefixes;
  for (const int part : weights.parts()) {
    TRANSECT_CHECK(part != WeightsSpec::UNSPECIFIED) << "weights.parts";
    prefixes.push_back(TensorPrefix(static_cast<WeightsSpec::Part>(part)));
  }
  return prefixes;
}

}  // namespace transect
