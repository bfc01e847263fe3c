/// \file
/// `transect export`: what a run trained, in the formats of other tools.
#ifndef TRANSECT_LAUNCH_WORKER_EXPORT_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_EXPORT_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Makes the directories that the request names; each appears complete or not
/// at all, and its path is printed.
///
/// Each says where it comes from (launch/requests/export_origin_file.h).
///
/// peft: as WriteAdapters (model/checkpoint/adapters.h).
///
/// merged: siglip/ and sam/ with config.json and safetensors in fp32, adapters
/// merged into the weights, as Transformers loads SiglipModel and SamModel; and
/// rest.safetensors.
///
/// All of them hold the network that was evaluated. Of a run in half precision
/// every weight has the value that evaluation computed with: rounded to the
/// compute type, but for batch normalization (model/layers/computed_values.h).
/// A merged one is W + B A * alpha / rank of rounded W, A and B, kept in fp32,
/// because rounding the sum can lose what the adapter adds. So config.json says
/// float32, and a network that computes these files in fp32 differs from the
/// evaluation in the rounding of activations alone. Computed in the run's own
/// precision, all weights but the merged ones are those of the evaluation.
///
/// SigLIP's vision pooling head, which the network does not
/// build, is copied from the published directory that the run started from;
/// where there was none, config.json says that the model has no such head.
absl::StatusOr<ExitCode::Code> ExportWeights(const ExportRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_EXPORT_REQUEST_H_
