#include "experiments/resolve.h"

#include <algorithm>

#include "data/io/defaults.h"
#include "data/spec.h"
#include "experiments/training_spec.h"
#include "experiments/weight_parts.h"
#include "model/spec.h"

namespace transect {
namespace {

void ResolveWeights(const ModelSpec& model, WeightsSpec* weights) {
  if (weights->has_random()) {
    weights->clear_parts();
    return;
  }
  if (weights->parts().empty()) {
    for (const WeightsSpec::Part part : PartsOf(model)) {
      weights->add_parts(part);
    }
  }
  std::sort(weights->mutable_parts()->begin(), weights->mutable_parts()->end());
}

RunSpec* TrainedRun(RunSpec* run) {
  if (!run->weights().has_trained()) {
    return nullptr;
  }
  return run->mutable_weights()->mutable_trained()->mutable_run();
}

}  // namespace

void ResolveRun(RunSpec* run) {
  // The tokenizer goes down before defaults are written: afterwards every run
  // has one.
  for (RunSpec *outer = run, *inner; (inner = TrainedRun(outer)) != nullptr;
       outer = inner) {
    if (!inner->has_tokenizer() && outer->has_tokenizer()) {
      *inner->mutable_tokenizer() = outer->tokenizer();
    }
  }
  // Presets of a model yield to what is set, so they come before the defaults,
  // and what they erased is erased again after.
  for (RunSpec* each = run; each != nullptr; each = TrainedRun(each)) {
    if (each->has_model()) ResolveModelSpec(each->mutable_model());
  }
  WriteDefaults(run);
  for (RunSpec* each = run; each != nullptr; each = TrainedRun(each)) {
    ResolveModelSpec(each->mutable_model());
    ResolveDataSpec(each->mutable_data());
    ResolveTokenizerSpec(each->mutable_tokenizer());
    ResolveWeights(each->model(), each->mutable_weights());
    ResolveTrainingSpec(each->mutable_training());
    if (each != run) {
      each->clear_evaluation();
      each->mutable_data()->clear_eval_splits();
    }
  }
}

}  // namespace transect
