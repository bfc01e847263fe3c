/// \file
/// The towers that a network adapts: the units in which adapters are listed in
/// the tensor table, checked, attached, merged, exported and imported.
#ifndef TRANSECT_MODEL_LORA_ADAPTER_TOWERS_H_
#define TRANSECT_MODEL_LORA_ADAPTER_TOWERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/base/spec_checker.h"
#include "model/base/tensors.h"
#include "model/lora/lora.pb.h"

namespace transect {

/// One tower with adapters, whose rank is not 0. Each tower's own library lists
/// its (SiglipAdapterTowers, SamAdapterTowers).
struct AdapterTower {
  /// Path of its LoraSpec below the network, "siglip.vision_lora".
  absl::string_view field;
  /// Start of its tensors' names in a network, "siglip.vision_model.".
  absl::string_view prefix;
  /// Name of its directory in an export, "siglip_vision"; in upper case the
  /// value of FoundAdapters.Part.
  absl::string_view directory;
  /// Hugging Face model that it is a part of, as Transformers calls the class.
  absl::string_view hugging_face_model;
  /// Start of its tensors' names in that model, "vision_model.".
  absl::string_view hugging_face_prefix;
  /// Points into the spec.
  const LoraSpec* lora = nullptr;
  /// First layer that may be adapted.
  int64_t first_layer = 0;
};

/// Writes defaults; `targets` where neither targets nor target_regex is set,
/// and alpha = rank where alpha is 0.
void ResolveLora(LoraSpec* lora, std::initializer_list<const char*> targets);

/// Appends the adapters of all layers in `tensors` that `towers` adapt, in the
/// order of the layers.
void AddAdapters(const std::vector<AdapterTower>& towers,
                 TensorBuilder* tensors);

/// Adds to `check`, whose path is the network's, what is wrong with the
/// adapters: values out of range, adapters where `trains_everything`, and, if
/// nothing was wrong since `check` counted `before` problems, targets that
/// match no layer of the network's `table`.
void CheckAdapters(const std::vector<AdapterTower>& towers,
                   bool trains_everything, size_t before,
                   const std::function<std::vector<TensorInfo>()>& table,
                   const SpecChecker& check);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_ADAPTER_TOWERS_H_
