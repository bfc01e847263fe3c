/// \file
/// What `transect predict` gives a network: made of an image and a sentence, or
/// read from a file of tensors (docs/dump.md).
#ifndef TRANSECT_LAUNCH_WORKER_PREDICTION_INPUT_H_
#define TRANSECT_LAUNCH_WORKER_PREDICTION_INPUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/image/decode.h"
#include "data/loader/read_sample.h"
#include "model/base/segmentation_model.h"
#include "model/checkpoint/tensor_file.h"
#include "model/model.pb.h"

namespace transect {

/// All tensors are on the CPU.
struct PredictionInput {
  ModelInput input;
  /// For an OracleModel only; else its boxes are undefined.
  GroundTruth truth;
};

/// A batch of one: `image`, resized as in evaluation to what `format` says, and
/// the tokens of a sentence, end token included.
PredictionInput MakePredictionInput(const Image& image,
                                    const std::vector<int64_t>& tokens,
                                    const InputFormat& format);

/// Reads the batch in the safetensors file `path`. Tensors of stages and the
/// mask are ignored, so that what `--dump` wrote can be read back.
/// INVALID_ARGUMENT names the file and a tensor that is missing, unknown, of a
/// wrong shape, or not for this `model`.
absl::StatusOr<PredictionInput> ReadPredictionInput(const std::string& path,
                                                    const ModelSpec& model,
                                                    const InputFormat& format);

/// The tensors of `input` under the names that ReadPredictionInput reads.
TensorMap NamedTensors(const PredictionInput& input);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_PREDICTION_INPUT_H_
