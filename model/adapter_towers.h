/// \file
/// The towers that a network adapts, and what is trained beside them: the units
/// in which adapters are exported and imported.
#ifndef TRANSECT_MODEL_ADAPTER_TOWERS_H_
#define TRANSECT_MODEL_ADAPTER_TOWERS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "model/model.pb.h"

namespace transect {

/// One tower with adapters.
struct AdapterTower {
  enum Kind { SIGLIP_VISION, SIGLIP_TEXT, SAM_VISION };

  Kind kind = SIGLIP_VISION;
  /// Start of its tensors' names in a network, "siglip.vision_model.".
  absl::string_view prefix;
  /// Name of its directory in an export, "siglip_vision".
  absl::string_view directory;
  /// Published model that it is a part of, as Transformers calls the class.
  absl::string_view hugging_face_model;
  /// Start of its tensors' names in that model, "vision_model.".
  absl::string_view hugging_face_prefix;
  /// Points into the spec.
  const LoraSpec* lora = nullptr;
};

/// The adapted towers of a resolved spec, in the order of Kind; none where
/// every parameter is trained. The spec need not be valid.
std::vector<AdapterTower> AdapterTowers(const ModelSpec& spec);

/// Whether a network of this resolved spec trains tensors that are no adapters.
/// The spec need not be valid.
bool TrainsMoreThanAdapters(const ModelSpec& spec);

}  // namespace transect

#endif  // TRANSECT_MODEL_ADAPTER_TOWERS_H_
