/// \file
/// `transect predict` one input at a time: the network's answer, the pictures
/// drawn of it and the tensors of its stages.
#ifndef TRANSECT_LAUNCH_WORKER_PREDICTOR_H_
#define TRANSECT_LAUNCH_WORKER_PREDICTOR_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/image/decode.h"
#include "data/image/read_image.h"
#include "data/loader/read_sample.h"
#include "launch/requests/predictions.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/worker/prediction_input.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// The pictures of a prediction.
enum class PictureKind { kMask, kOverlay, kActivation };
inline constexpr PictureKind kPictureKinds[] = {
    PictureKind::kMask, PictureKind::kOverlay, PictureKind::kActivation};

/// Files of a prediction whose names begin with `stem`.
std::string PicturePath(const std::string& directory, const std::string& stem,
                        PictureKind kind);
std::string DumpPath(const std::string& directory, const std::string& stem);

/// Collects a `PredictionList` (launch/requests/predictions.proto). Writes into
/// the directories that the request names, each file at once or not at all.
class Predictor {
 public:
  /// `request` outlives this object; `model` is on `device`, in evaluation
  /// mode.
  Predictor(const PredictRequest& request,
            std::shared_ptr<SegmentationModel> model, at::Device device);

  /// One image with one sentence, whose tokens include the end token. The names
  /// of its files begin with `stem`.
  absl::Status PredictFile(const std::string& path, const std::string& text,
                           const std::vector<int64_t>& tokens,
                           const ConvertedImage& image,
                           const std::string& stem);

  /// A batch, as it is: one prediction for each of its rows.
  absl::Status PredictTensors(const PredictionInput& in,
                              const std::string& stem);

  const PredictionList& list() const { return list_; }

 private:
  struct Answer {
    ModelOutput output;
    /// Stages by name, where they are to be dumped.
    std::map<std::string, at::Tensor> stages;
  };

  absl::StatusOr<Answer> Run(const PredictionInput& in,
                             const std::string& what) const;
  /// Fills `prediction` from `row` of the answer and writes its pictures.
  absl::Status Draw(const Answer& answer, int64_t row, const Image& image,
                    const std::string& stem, Prediction* prediction) const;
  absl::StatusOr<std::string> Dump(const PredictionInput& in,
                                   const Answer& answer,
                                   const std::string& stem) const;

  const PredictRequest& request_;
  const std::shared_ptr<SegmentationModel> model_;
  const at::Device device_;
  const InputFormat format_;
  const std::optional<TrainingImageSize> trained_on_;
  PredictionList list_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_PREDICTOR_H_
