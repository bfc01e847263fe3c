/// \file
/// Weight files and models as text that people read: what `transect describe`
/// prints. No LibTorch; no tensor is read.
///
/// Output is aligned columns, a line per tensor or part, ending in a newline.
/// It is for people: scripts read the file itself (safetensors.h) or call
/// cost.h. Equal input gives equal text.
#ifndef TRANSECT_MODEL_CHECKPOINT_DESCRIBE_H_
#define TRANSECT_MODEL_CHECKPOINT_DESCRIBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/checkpoint/tensor_set.h"
#include "model/cost.h"
#include "model/model.pb.h"

namespace transect {

/// A line with path, number of tensors and of files where there are several;
/// the metadata; a line per tensor in order of the name (dtype, shape, part); a
/// line per part that occurs (tensors, elements, bytes), in the order of
/// CostPart::name and "other" last. Bytes of names that a terminal could take
/// for commands are escaped as in C.
std::string DescribeWeights(const TensorSet& set);

/// An adapter as PEFT saves it, a directory with adapter_config.json and
/// adapter_model.safetensors: a line per key of the configuration that shapes
/// the adapter and is set (method, rank, alpha, dropout, layers), a value of
/// more than 200 bytes cut; then its tensors as DescribeWeights. NotFound where
/// a file is missing, DataLoss where one is broken.
absl::StatusOr<std::string> DescribeAdapter(const std::string& directory);

/// Of a resolved, valid spec: a line per part (tuned: all, some or none of its
/// tensors are trained; parameters; trainable ones; GFLOP per image of a
/// forward pass and of a training step, as EstimateCost counts them), their
/// sum, and the activation memory per image. A part without cost is left out.
std::string DescribeModel(const ModelSpec& spec, const CostOptions& options);

}  // namespace transect

#endif  // TRANSECT_MODEL_CHECKPOINT_DESCRIBE_H_
