/// \file
/// From a resolved `ModelSpec` to a network: the one visible switch over
/// `ModelSpec.model`.
///
/// input: ModelSpec (resolved and validated, model/spec.h) and a seed; output:
/// a `SegmentationModel` whose parameters are drawn and whose `requires_grad`
/// flags are set. Weights from files are loaded afterwards
/// (model/checkpoint/tensor_file.h).
#ifndef TRANSECT_MODEL_BUILD_MODEL_H_
#define TRANSECT_MODEL_BUILD_MODEL_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "model/base/segmentation_model.h"
#include "model/model.pb.h"

namespace transect {

/// Builds the network in training mode.
///
/// Frozen parameters are in `options.compute`, trained ones and buffers in
/// fp32, all on `options.device`; each is drawn there, so that memory never
/// holds a second copy of the network (one tensor in fp32 at most).
///
/// \param spec resolved by `ResolveModelSpec`; see model/spec.h.
/// \param seed key of the initial parameters and of dropout. A parameter's
///   values depend on (seed, its name, its shape) alone: neither on threads nor
///   on what else is built.
/// \returns INVALID_ARGUMENT if the spec names no network, else what building
///   it failed with (model/base/torch_status.h).
absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildModel(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options);

/// The same on the CPU in fp32.
absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildModel(
    const ModelSpec& spec, uint64_t seed, ShardSum* shards = nullptr);

}  // namespace transect

#endif  // TRANSECT_MODEL_BUILD_MODEL_H_
