#include "experiments/resolve.h"

#include <algorithm>
#include <vector>

#include "data/io/defaults.h"
#include "data/spec.h"
#include "experiments/trained_parts.h"
#include "experiments/training_spec.h"
#include "model/spec.h"

namespace transect {
namespace {

// Parts that the source of `weights` has.
std::vector<WeightsSpec::Part> AllParts(const WeightsSpec& weights) {
  if (!weights.has_found()) {
    return {WeightsSpec::SIGLIP, WeightsSpec::SAM, WeightsSpec::PROMPTER};
  }
  std::vector<WeightsSpec::Part> parts;
  if (weights.found().has_siglip_role()) parts.push_back(WeightsSpec::SIGLIP);
  if (weights.found().has_sam_role()) parts.push_back(WeightsSpec::SAM);
  return parts;
}

void ResolveWeights(const ModelSpec& model, WeightsSpec* weights) {
  if (weights->has_random()) {
    weights->clear_parts();
  } else if (weights->parts().empty()) {
    for (const WeightsSpec::Part part : AllParts(*weights)) {
      weights->add_parts(part);
    }
  }
  std::sort(weights->mutable_parts()->begin(), weights->mutable_parts()->end());

  FoundAdapters* const adapters = weights->mutable_adapters();
  if (!adapters->has_role() && adapters->parts().empty()) {
    weights->clear_adapters();
    return;
  }
  if (adapters->parts().empty()) {
    for (const FoundAdapters::Part part : TrainedParts(model)) {
      adapters->add_parts(part);
    }
  }
  std::sort(adapters->mutable_parts()->begin(),
            adapters->mutable_parts()->end());
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
