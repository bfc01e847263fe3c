#include "launch/training/next_batch.h"

#include <utility>

#include "launch/training/exit_codes.h"

namespace transect {

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

ModelInput MakeModelInput(const Batch& batch, c10::Device device,
                          int64_t step) {
  ModelInput input;
  input.image = PixelsToFloat(batch.pixels.to(device));
  if (batch.siglip_pixels.defined()) {
    input.siglip_image = PixelsToFloat(batch.siglip_pixels.to(device));
  }
  input.token_ids = batch.token_ids;
  input.token_counts = batch.token_counts;
  input.sample_ids = batch.sample_ids;
  input.step = step;
  return input;
}

}  // namespace transect
