#include "launch/worker/open_run.h"

#include <torch/torch.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/experiment.pb.h"
#include "launch/training/exit_codes.h"
#include "launch/training/train_plan.h"
#include "launch/worker/load_model.h"
#include "model/base/runtime.h"
#include "model/build_model.h"
#include "model/checkpoint/tensor_file.h"
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

}  // namespace

// REPRODUCIBLE. Denormal numbers stay: flushing them is a state of each thread,
// so results could depend on which thread computed what.
void ConfigureNumerics(const TrainingSpec& training) {
  ComputeReproducibly(training.threads_per_rank());
  // LibTorch takes this number once in a process.
  if (at::get_num_interop_threads() != 1) at::set_num_interop_threads(1);
}

absl::StatusOr<at::Device> OpenDevice(const TrainingSpec& training, int rank) {
  if (training.device() != TrainingSpec::CUDA) {
    return at::Device(at::kCPU);
  }
  absl::StatusOr<at::Device> gpu = OpenGpu(rank);
  if (gpu.ok()) {
    return gpu;
  }
  return absl::Status(
      gpu.status().code(),
      absl::StrCat("training.device is CUDA: ", gpu.status().message()));
}

absl::StatusOr<DatasetIndex> OpenSplit(const TrainJob& job,
                                       absl::string_view split) {
  absl::StatusOr<DatasetIndex> data =
      DatasetIndex::Open(job.data_root(), job.run().data(), split);
  return data.ok() ? std::move(data)
                   : MarkExitCode(data.status(), ExitCode::DATA);
}

absl::StatusOr<std::unique_ptr<Tokenizer>> OpenTokenizer(const TrainJob& job) {
  absl::StatusOr<std::unique_ptr<Tokenizer>> tokenizer =
      Tokenizer::Load(job.tokenizer_path());
  if (!tokenizer.ok()) {
    return MarkExitCode(tokenizer.status(), ExitCode::DATA);
  }
  TRANSECT_RETURN_IF_ERROR(
      CheckVocabulary(job.run().model(), (*tokenizer)->vocab_size()));
  (*tokenizer)->set_over_limit(job.run().tokenizer().over_limit());
  return tokenizer;
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> OpenModel(
    const TrainJob& job, at::Device device, CollectiveSum* statistics) {
  const TrainingSpec& training = job.run().training();
  BuildOptions options;
  if (statistics != nullptr && statistics->ranks() > 1) {
    options.ranks = statistics;
  }
  options.compute = ComputeType(training);
  options.device = device;
  options.checkpoint_activations =
      training.activations() == TrainingSpec::RECOMPUTE;
  return BuildInitialModel(job, options);
}

absl::StatusOr<std::shared_ptr<SegmentationModel>> OpenTrainedModel(
    const RunFiles& files, at::Device device) {
  TRANSECT_ASSIGN_OR_RETURN(
      std::shared_ptr<SegmentationModel> model,
      OpenModel(files.job(), device, /*statistics=*/nullptr));
  if (files.has_trained_weights_path()) {
    TRANSECT_RETURN_IF_ERROR(
        LoadState(*model, files.trained_weights_path(),
                  SavesTrainableOnly(files.job().run().model())));
  }
  model->eval();
  return model;
}

}  // namespace transect
