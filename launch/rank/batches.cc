#include "launch/rank/batches.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "data/batch/batch.h"
#include "data/data.pb.h"
#include "data/loader/loader.h"
#include "experiments/training/training.pb.h"
#include "launch/rank/exit_codes.h"
#include "model/parts.h"

namespace transect {

InputFormat InputFormatOf(const RunSpec& run) {
  const SiglipSpec* siglip = SiglipOf(run.model());
  InputFormat input;
  input.image_size = static_cast<int>(InputImageSize(run.model()));
  if (siglip != nullptr &&
      run.data().siglip_resize() == DataSpec::BICUBIC_FROM_ORIGINAL) {
    input.siglip_image_size = siglip->image_size();
  }
  return input;
}

absl::StatusOr<std::unique_ptr<Loader>> StartLoader(const TrainTask& task,
                                                    BatchSamples samples,
                                                    int64_t begin,
                                                    int64_t end) {
  const TrainingSpec& training = task.run->training();
  LoaderOptions options;
  options.threads = training.loader_threads();
  options.prefetch_batches = training.prefetch_batches();
  return Loader::Start(std::move(samples), begin, end, InputFormatOf(*task.run),
                       options);
}

absl::StatusOr<Batch> NextBatch(const TrainTask& task, Loader* loader) {
  absl::StatusOr<PixelBatch> pixels = loader->Next();
  if (!pixels.ok()) {
    return MarkSample(pixels.status());
  }
  absl::StatusOr<Batch> batch = MakeBatch(*std::move(pixels), *task.tokenizer,
                                          task.run->tokenizer().max_tokens());
  if (!batch.ok()) {
    return MarkSample(batch.status());
  }
  return batch;
}

}  // namespace transect
