#include "launch/worker/load_model.h"

#include <torch/torch.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/experiment.pb.h"
#include "experiments/training/training.pb.h"
#include "launch/inputs/found_weights.h"
#include "launch/store/job.pb.h"
#include "launch/worker/train_plan.h"
#include "model/build_model.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_file.h"
#include "model/model.pb.h"
#include "model/parts.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

at::ScalarType ComputeType(const TrainingSpec& training) {
  switch (training.precision()) {
    case TrainingSpec::BF16:
      return at::kBFloat16;
    case TrainingSpec::FP16:
      return at::kHalf;
    default:
      return at::kFloat;
  }
}

absl::Status LoadHuggingFace(const std::string& directory,
                             const ModelSpec& spec, HuggingFaceModel part,
                             SegmentationModel* model) {
  TRANSECT_ASSIGN_OR_RETURN(const HuggingFaceWeights weights,
                            OpenHuggingFace(directory, spec, part));
  return CopyTensors(*model, weights.tensors);
}

}  // namespace

BuildOptions BuildOptionsOf(const TrainingSpec& training, at::Device device) {
  BuildOptions options;
  options.compute = ComputeType(training);
  options.device = device;
  options.checkpoint_activations =
      training.activations() == TrainingSpec::RECOMPUTE;
  return options;
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildInitialModel(
    const TrainJob& job, const BuildOptions& options) {
  const RunSpec& run = job.run();
  const InitialWeights& places = job.initial_weights();
  TRANSECT_RETURN_IF_ERROR(CheckInitialWeights(run.weights(), places));
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<SegmentationModel> model,
                            BuildModel(run.model(), run.seed(), options));
  if (places.has_trained()) {
    TRANSECT_RETURN_IF_ERROR(
        LoadParts(*model, places.trained(), WeightPrefixes(run.weights())));
  }
  if (places.has_siglip()) {
    TRANSECT_RETURN_IF_ERROR(LoadHuggingFace(
        places.siglip(), run.model(), HuggingFaceModel::kSiglip, model.get()));
  }
  if (places.has_sam()) {
    TRANSECT_RETURN_IF_ERROR(LoadHuggingFace(
        places.sam(), run.model(), HuggingFaceModel::kSam, model.get()));
  }
  if (places.has_adapters()) {
    TRANSECT_ASSIGN_OR_RETURN(const AdapterWeights weights,
                              OpenAdapters(places.adapters(), run.model(),
                                           PartsOf(run.weights().adapters())));
    TRANSECT_RETURN_IF_ERROR(CopyTensors(*model, weights.tensors));
  }
  return model;
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildTrainedModel(
    const TrainJob& job, const std::string& trained_weights,
    const BuildOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(std::shared_ptr<SegmentationModel> model,
                            BuildInitialModel(job, options));
  if (!trained_weights.empty()) {
    TRANSECT_RETURN_IF_ERROR(LoadState(*model, trained_weights,
                                       SavesTrainableOnly(job.run().model())));
  }
  model->eval();
  return model;
}

bool SavesTrainableOnly(const ModelSpec& model) {
  return !TrainsEverything(model);
}

}  // namespace transect
