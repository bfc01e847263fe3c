/// \file
/// What a run trained beside frozen towers, as files that other tools read: a
/// directory with
///
///     siglip_vision/   adapter_config.json and adapter_model.safetensors of
///     siglip_text/     PEFT, for the towers that the model adapts
///     sam_vision/
///     rest.safetensors what is trained and is no adapter
///
/// An adapter is one for the whole model of Transformers: a key is
/// "base_model.model." + the name of the layer in SiglipModel or SamModel +
/// ".lora_A.weight" or ".lora_B.weight", and `target_modules` names each layer
/// in full, so that no layer of another tower is meant by accident. On reading,
/// the adapter of a bare tower and that of the released code ("model." before
/// the layer's name in the tower) are taken as well, and so are keys as they
/// stand in a model in memory: with the adapter's name
/// (".lora_A.default.weight") and with the wrappers of torch.compile
/// ("_orig_mod.") and of data-parallel training ("module.").
///
/// In rest.safetensors a tensor has our name less its first word:
/// "mask_decoder...", "prompt_encoder..." as in SamModel,
/// "prompter_down_channel..." as in the released code. Statistics of norms
/// belong to it.
///
/// Without LibTorch.
#ifndef TRANSECT_MODEL_CHECKPOINT_ADAPTERS_H_
#define TRANSECT_MODEL_CHECKPOINT_ADAPTERS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/checkpoint/tensor_set.h"
#include "model/model.pb.h"
#include "nlohmann/json_fwd.hpp"

namespace transect {

inline constexpr absl::string_view kAdapterConfigFile = "adapter_config.json";
inline constexpr absl::string_view kAdapterFile = "adapter_model.safetensors";
inline constexpr absl::string_view kRestFile = "rest.safetensors";

inline constexpr int64_t kMaxAdapterConfigBytes = 4 << 20;

/// The text of an adapter_config.json, an object. DataLoss that begins with
/// `path` where it is none.
absl::StatusOr<nlohmann::json> ParseAdapterConfig(const std::string& text,
                                                  const std::string& path);

/// Writes the adapters and the rest of a trained network of `spec` to
/// `directory`, which exists. `trained` holds its trainable tensors and buffers
/// under the network's names; their bytes are copied. A tower without adapters
/// gets no directory. FailedPrecondition where every parameter is trained or
/// none is, else as CheckTensors and the writers.
absl::Status WriteAdapters(const ModelSpec& spec, const TensorSet& trained,
                           const std::string& directory);

/// The tensors of rest.safetensors: their names there, and those in the
/// network. Of a run that trained everything they are what the same run with
/// adapters would train beside them: AttnPrompter and the mask decoder.
std::map<std::string, std::string> RestNames(const ModelSpec& spec);

/// What of a directory is read.
struct AdapterParts {
  /// Directories of towers: "siglip_vision" and so on.
  std::vector<std::string> towers;
  /// rest.safetensors.
  bool rest = false;
};

/// Tensors that match a network.
struct AdapterWeights {
  /// Own the files.
  std::vector<std::unique_ptr<TensorSet>> sets;
  /// By the network's names.
  StoredTensors tensors;
};

/// Opens `parts` of `directory` and checks them against the resolved, valid
/// `spec`, which must have them: InvalidArgument that lists all that
/// adapter_config.json says and the network does not do (another rank or alpha,
/// DoRA, rank-stabilized scale, trained biases, an initialization that changed
/// the base weights) and every key in it that is not known here, unless it is
/// null; then tensors (CheckTensors): the adapted layers must be those of the
/// spec. NotFound for a missing file, DataLoss for a broken one. The dropout
/// may differ.
absl::StatusOr<AdapterWeights> OpenAdapters(const std::string& directory,
                                            const ModelSpec& spec,
                                            const AdapterParts& parts);

}  // namespace transect

#endif  // TRANSECT_MODEL_CHECKPOINT_ADAPTERS_H_
