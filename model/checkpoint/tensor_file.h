/// \file
/// Tensors to and from safetensors files, and files into networks.
///
/// The byte format is model/checkpoint/safetensors.h (no torch); this is its
/// torch side. It deliberately knows nothing of optimizer state.
#ifndef TRANSECT_MODEL_CHECKPOINT_TENSOR_FILE_H_
#define TRANSECT_MODEL_CHECKPOINT_TENSOR_FILE_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/checkpoint/tensor_set.h"

namespace transect {

/// Tensors by name, in the order of the file's header.
using TensorMap = std::map<std::string, at::Tensor>;

/// Writes a safetensors file atomically: it is there completely or not at all.
/// Tensors may lie on any device and have any strides; equal tensors give equal
/// bytes. `metadata` goes into the header.
absl::Status SaveTensors(
    const std::string& path, const TensorMap& tensors,
    const std::map<std::string, std::string>& metadata = {});

/// Reads a whole safetensors file into CPU tensors of the file's types.
/// NOT_FOUND if there is none, DATA_LOSS (naming the rule) if it is broken.
absl::StatusOr<TensorMap> LoadTensors(const std::string& path);

/// Writes `tensors` to the existing directory as a set that Transformers loads:
/// one file or shards with an index (model/checkpoint/tensor_set.h). Tensors on
/// the CPU that are contiguous are not copied.
absl::Status SaveTensorSet(const std::string& directory,
                           const TensorMap& tensors);

/// Reads these tensors into CPU tensors of the files' types.
absl::StatusOr<TensorMap> ReadTensors(const StoredTensors& stored);

/// Trainable parameters and all buffers of `model`, or with `trainable_only`
/// false all parameters and buffers. The tensors share memory with the model.
TensorMap StateTensors(const torch::nn::Module& model, bool trainable_only);

/// Copies into `model` its parts whose tensors begin with one of `prefixes`
/// ("siglip.", "sam.", "prompter."); no prefix means all of the model.
///
/// A part that the model does not have at all (the prompter without sparse
/// prompts) is skipped. Adapters (`….lora_A.weight`, `….lora_B.weight`) of the
/// model stay as they are: a file of initial weights has none. Tensors that the
/// model does not build (SigLIP's vision pooling head) and `position_ids` are
/// skipped, and so is SAM's second name of the positional matrix. float16 and
/// bfloat16 files are converted.
///
/// \returns one INVALID_ARGUMENT that lists every missing, extra and mis-shaped
///   tensor; the model is then unchanged.
absl::Status LoadParts(torch::nn::Module& model, const std::string& path,
                       absl::Span<const std::string> prefixes);

/// Copies tensors that were checked, by the model's names
/// (model/checkpoint/hugging_face.h, adapters.h); the rest of the model stays
/// as it is. A tensor of the model's type is read straight into its place,
/// another is converted in pieces, so that beside the model there is next to no
/// memory. INVALID_ARGUMENT for a name or shape that the model does not have;
/// the model is then unchanged. After DATA_LOSS (a file that became shorter) it
/// is not.
absl::Status CopyTensors(torch::nn::Module& model, const StoredTensors& stored);

/// Copies a file written from `StateTensors(model, trainable_only)` back. The
/// file may hold other tensors of the model as well, but must hold these.
/// \returns as `LoadParts`.
absl::Status LoadState(torch::nn::Module& model, const std::string& path,
                       bool trainable_only);

}  // namespace transect

#endif  // TRANSECT_MODEL_CHECKPOINT_TENSOR_FILE_H_
