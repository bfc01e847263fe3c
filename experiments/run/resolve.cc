#include "experiments/run/resolve.h"

#include <algorithm>
#include <vector>

#include "data/io/defaults.h"
#include "data/spec.h"
#include "experiments/run/trained_parts.h"
#include "experiments/run/weight_parts.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "model/parts.h"
#include "model/spec.h"

namespace transect {
namespace {

// Parts that both the network and the source of its weights have.
std::vector<WeightsSpec::Part> AllParts(const ModelSpec& model,
                                        const WeightsSpec& weights) {
  std::vector<WeightsSpec::Part> parts;
  for (const WeightsSpec::Part part : PartsOf(model)) {
    const bool there =
        !weights.has_found() ||
        (part == WeightsSpec::SIGLIP && weights.found().has_siglip_role()) ||
        (part == WeightsSpec::SAM && weights.found().has_sam_role());
    if (there) parts.push_back(part);
  }
  return parts;
}

void ResolveWeights(const ModelSpec& model, WeightsSpec* weights) {
  if (weights->has_random()) {
    weights->clear_parts();
  } else if (weights->parts().empty()) {
    for (const WeightsSpec::Part part : AllParts(model, *weights)) {
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

// Whether no random draw has a part in the result: nothing is trained, and
// every part of the network takes its values from files.
bool NothingIsRandom(const RunSpec& run) {
  if (!TrainsNothing(run.model()) || Trains(run.training()) ||
      run.weights().has_random() ||
      run.weights().source_case() == WeightsSpec::SOURCE_NOT_SET) {
    return false;
  }
  const auto& taken = run.weights().parts();
  return std::ranges::all_of(PartsOf(run.model()), [&](int part) {
    return std::ranges::find(taken, part) != taken.end();
  });
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
    if (SiglipOf(each->model()) == nullptr) {
      each->mutable_data()->clear_siglip_resize();
      each->mutable_data()->clear_sentences();
    }
    ResolveTokenizerSpec(each->mutable_tokenizer());
    ResolveWeights(each->model(), each->mutable_weights());
    ResolveTrainingSpec(each->mutable_training());
    if (!Trains(each->training())) {
      each->mutable_data()->clear_last_batch();
    }
    if (NothingIsRandom(*each)) {
      each->clear_seed();
    }
    if (each != run) {
      each->clear_evaluation();
      each->mutable_data()->clear_eval_splits();
    }
  }
}

}  // namespace transect
