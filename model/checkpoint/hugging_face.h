/// \file
/// Directories of Hugging Face weights: google/siglip-* and facebook/sam-vit-*
/// as Transformers saves them, config.json beside safetensors.
///
/// config.json decides the sizes; a spec that says others is refused. It nests
/// only what differs from the defaults of Transformers' configuration classes,
/// so those are here too. A network's tensor is "siglip." or "sam." + the
/// name there.
///
/// Skipped in a directory: SigLIP's vision pooling head, unless the network
/// builds it (siglip.include_dead_head; then it may still be absent, as nothing
/// reads it), `position_ids` of older versions, and the second name of SAM's
/// positional matrix, which may also stand alone.
///
/// Without LibTorch; tensors themselves are not read.
#ifndef TRANSECT_MODEL_CHECKPOINT_HUGGING_FACE_H_
#define TRANSECT_MODEL_CHECKPOINT_HUGGING_FACE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/checkpoint/tensor_set.h"
#include "model/model.pb.h"

namespace transect {

/// The model in a directory.
enum class HuggingFaceModel { kSiglip, kSam };

inline constexpr absl::string_view kConfigFile = "config.json";

/// Start of the names of its tensors in a network: "siglip." or "sam.".
absl::string_view HuggingFacePrefix(HuggingFaceModel model);

/// Whether the network of `spec` has such a part.
bool HasHuggingFacePart(const ModelSpec& spec, HuggingFaceModel model);

/// A directory that matches a network.
struct HuggingFaceWeights {
  /// Owns the files.
  TensorSet set;
  /// The network's names of all its tensors that are in the part.
  StoredTensors tensors;
  /// Tensors that the network does not build, by their names in the files.
  StoredTensors unused;
};

/// Opens the directory and checks it against the resolved, valid `spec`, which
/// must have the part: config.json first (InvalidArgument lists every
/// disagreement, each with the field of the spec), then names, shapes and types
/// (CheckTensors). DataLoss for a broken file.
absl::StatusOr<HuggingFaceWeights> OpenHuggingFace(const std::string& directory,
                                                   const ModelSpec& spec,
                                                   HuggingFaceModel model);

/// The config.json of the part, every size written out, `type` ("float32")
/// included. `has_pooling_head` says whether SigLIP's tensors come with the
/// vision pooling head.
std::string HuggingFaceConfigJson(const ModelSpec& spec, HuggingFaceModel model,
                                  bool has_pooling_head,
                                  absl::string_view type);

/// Whether `name`, as in the files, is skipped when it is read.
bool IsSkippedWhenRead(absl::string_view name);

/// Name on Hugging Face's hub of the weights that a variant is named after;
/// empty for the tiny one.
std::string HubName(const ModelSpec& spec, HuggingFaceModel model);

}  // namespace transect

#endif  // TRANSECT_MODEL_CHECKPOINT_HUGGING_FACE_H_
