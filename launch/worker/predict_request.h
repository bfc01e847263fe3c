/// \file
/// `transect predict`: a run's network on files or on given tensors.
#ifndef TRANSECT_LAUNCH_WORKER_PREDICT_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_PREDICT_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Predicts a mask for each sentence on each image, one at a time, so that a
/// prediction does not depend on the others; or runs the given batch of tensors
/// as it is. Writes the pictures and tensors that the request names, each file
/// completely or not at all, and prints a `PredictionList`
/// (launch/requests/predictions.proto) as text or JSON.
///
/// Checks all images, sentences and directories before it opens the network.
/// ALREADY_EXISTS, and nothing is written, where a file of the same name is
/// there, unless the request says to overwrite.
/// Pixels reach the network as in evaluation: OpenCV's bilinear resize to the
/// network's square, RGB, 0 to 1. Logits are resized as in model/postprocess.h;
/// a pixel is in the mask where its logit is above 0.
///
/// Errors name the file or the sentence. A network that must be told where the
/// objects are (sam_oracle_box) takes tensors only.
absl::StatusOr<ExitCode::Code> Predict(const PredictRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_PREDICT_REQUEST_H_
