/// \file
/// What a network is made of and what it trains, read from its message and its
/// tensor table: no function here knows a network by name.
///
/// All take a resolved spec (spec.h), valid where that is not denied.
#ifndef TRANSECT_MODEL_PARTS_H_
#define TRANSECT_MODEL_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/base/tuning.h"
#include "model/lora/adapter_towers.h"
#include "model/model.pb.h"

namespace transect {

/// The towers of the network; null where it has none of the kind. The spec need
/// not be valid.
const SiglipSpec* SiglipOf(const ModelSpec& spec);
const SamSpec* SamOf(const ModelSpec& spec);

/// Name of the network as in a text file, "rsrefseg"; empty where none is set.
std::string NetworkName(const ModelSpec& spec);

/// Whether the network has the part `name`: "siglip", "sam", "prompter". A
/// part is a field of the network's message, and the first word of the names of
/// its tensors. The spec need not be valid.
bool HasPart(const ModelSpec& spec, absl::string_view name);

/// Side of the square images that the network takes, in pixels: SAM's, or
/// SigLIP's where there is no SAM; 0 where there is neither.
int64_t InputImageSize(const ModelSpec& spec);

/// How much the network trains; kAdapters where none is set. The spec need not
/// be valid.
Tuning TuningOf(const ModelSpec& spec);

/// Whether the network trains everything that it has (tuning ALL), so that what
/// it saves can be the initial weights of another run.
bool TrainsEverything(const ModelSpec& spec);

/// Whether the network is only evaluated: tuning NONE, or no tower has adapters
/// and nothing else is trained. False for a spec that is not valid and has
/// another tuning.
bool TrainsNothing(const ModelSpec& spec);

/// The same network with the default of its `tuning`: as it would be with
/// adapters, or frozen where it has none.
ModelSpec WithDefaultTuning(const ModelSpec& spec);

/// The adapted towers: vision and text tower of SigLIP, image encoder of SAM;
/// none where every parameter is trained. They point into `spec`, which need
/// not be valid.
std::vector<AdapterTower> AdapterTowers(const ModelSpec& spec);

/// Whether the network trains tensors that are no adapters. True for a spec
/// that is not valid, whose tensors cannot be listed.
bool TrainsMoreThanAdapters(const ModelSpec& spec);

/// The part (CostPart::name) of the tensor `name`: one of ours
/// ("siglip.vision_model..."), one of Hugging Face's SigLIP or SAM, whose names
/// lack our first word, or an adapter of PEFT. Anything with ".lora_" in its
/// name is "adapters"; what belongs to none of the parts is "other".
std::string PartOfTensor(absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_MODEL_PARTS_H_
