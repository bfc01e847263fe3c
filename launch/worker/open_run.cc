#include "launch/worker/open_run.h"

#include <torch/torch.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/result.pb.h"
#include "launch/worker/train_plan.h"
#include "model/base/runtime.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

// REPRODUCIBLE. Denormals are not flushed: flushing is a state of each thread,
// so results could depend on which thread computed what.
void ConfigureNumerics(const TrainingSpec& training) {
  if (training.numerics() == TrainingSpec::FAST) {
    ComputeFast(training.threads_per_rank());
  } else {
    ComputeReproducibly(training.threads_per_rank());
  }
  // LibTorch takes this number once in a process.
  if (at::get_num_interop_threads() != 1) at::set_num_interop_threads(1);
}

absl::StatusOr<at::Device> OpenDevice(const TrainingSpec& training,
                                      int rank_on_machine) {
  if (training.device() != TrainingSpec::CUDA) {
    return at::Device(at::kCPU);
  }
  absl::StatusOr<at::Device> gpu = OpenGpu(rank_on_machine);
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

}  // namespace transect
