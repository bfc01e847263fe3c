/// \file
/// What `transect predict` gives a network: made of an image and a sentence, or
/// read from a file of tensors (docs/dump.md).
#ifndef TRANSECT_LAUNCH_WORKER_PREDICTION_INPUT_H_
#define TRANSECT_LAUNCH_WORKER_PREDICTION_INPUT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/image/decode.h"
#include "data/loader/read_sample.h"
#include "launch/store/job.pb.h"
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

/// Height and width in pixels.
struct TrainingImageSize {
  int height = 0;
  int width = 0;
};

/// Size of the images that the run was trained on: by the recipe of a made data
/// set, by the cached index of a found one the size of the middle image.
/// Nothing where neither is there.
std::optional<TrainingImageSize> SizeOfTrainingImages(const TrainJob& job);

/// One sentence for an image of another size than the network was trained on,
/// so that its objects have another size too: by a factor of 1.5 and more in
/// one direction, or, where the sizes of training are not known, shrunk to less
/// than a quarter of its side for a network that sees squares of `side` pixels.
/// "" for any other image.
std::string NoteOnSize(int height, int width,
                       const std::optional<TrainingImageSize>& trained_on,
                       int side);

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
