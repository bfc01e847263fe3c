#include "data/batch/batch.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "data/loader/read_sample.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A tensor that owns the bytes.
at::Tensor TakeOver(std::unique_ptr<uint8_t[]> bytes, at::IntArrayRef shape) {
  uint8_t* const data = bytes.release();
  return at::from_blob(
      data, shape, [](void* owned) { delete[] static_cast<uint8_t*>(owned); },
      at::TensorOptions().dtype(at::kByte));
}

}  // namespace

absl::Status SetSentences(absl::Span<const std::string> sentences,
                          const Tokenizer& tokenizer, int max_tokens,
                          Batch* batch) {
  TRANSECT_CHECK(sentences.size() == batch->sample_ids.size())
      << batch->sample_ids.size() << " samples, " << sentences.size()
      << " sentences";
  std::vector<std::vector<int64_t>> ids;
  size_t longest = 0;
  for (const std::string& sentence : sentences) {
    TRANSECT_ASSIGN_OR_RETURN(std::vector<int64_t> encoded,
                              tokenizer.Encode(sentence, max_tokens));
    longest = std::max(longest, encoded.size());
    ids.push_back(std::move(encoded));
  }
  const int64_t count = static_cast<int64_t>(ids.size());
  batch->token_ids = at::full({count, static_cast<int64_t>(longest)}, kEndToken,
                              at::TensorOptions().dtype(at::kLong));
  batch->token_counts =
      at::empty({count}, at::TensorOptions().dtype(at::kLong));
  int64_t* to = batch->token_ids.mutable_data_ptr<int64_t>();
  int64_t* counts = batch->token_counts.mutable_data_ptr<int64_t>();
  for (size_t i = 0; i < ids.size(); ++i) {
    std::copy(ids[i].begin(), ids[i].end(), to + i * longest);
    counts[i] = static_cast<int64_t>(ids[i].size());
  }
  return absl::OkStatus();
}

absl::StatusOr<Batch> MakeBatch(PixelBatch pixels, const Tokenizer& tokenizer,
                                int max_tokens) {
  const int64_t count = static_cast<int64_t>(pixels.samples.size());
  const int64_t side = pixels.format.image_size;
  const int64_t siglip_side = pixels.format.siglip_image_size;
  Batch batch;
  batch.pixels = TakeOver(std::move(pixels.images), {count, 3, side, side});
  batch.mask = TakeOver(std::move(pixels.masks), {count, 1, side, side});
  if (pixels.siglip_images != nullptr) {
    batch.siglip_pixels = TakeOver(std::move(pixels.siglip_images),
                                   {count, 3, siglip_side, siglip_side});
  }
  const auto ignores = [](const Sample* s) { return s->ignored.height > 0; };
  if (std::any_of(pixels.samples.begin(), pixels.samples.end(), ignores)) {
    batch.counted = batch.mask.ne(kIgnoredPixel).to(at::kByte);
    batch.mask.mul_(batch.counted);
  }
  std::vector<std::string> sentences;
  for (const Sample* sample : pixels.samples) {
    batch.sample_ids.push_back(sample->id);
    sentences.push_back(sample->sentence);
  }
  TRANSECT_RETURN_IF_ERROR(
      SetSentences(sentences, tokenizer, max_tokens, &batch));
  return batch;
}

absl::StatusOr<Batch> MakeBatch(absl::Span<const Sample* const> samples,
                                const Tokenizer& tokenizer,
                                const InputFormat& format, int max_tokens) {
  TRANSECT_ASSIGN_OR_RETURN(
      PixelBatch pixels, ReadPixels({samples.begin(), samples.end()}, format));
  return MakeBatch(std::move(pixels), tokenizer, max_tokens);
}

at::Tensor PixelsToFloat(const at::Tensor& pixels) {
  // By a tensor: CUDA kernels multiply with the reciprocal of a plain number.
  const at::Tensor values = pixels.to(at::kFloat, /*non_blocking=*/false,
                                      /*copy=*/true);
  return values.div_(at::full({1}, 255.0, values.options()));
}

}  // namespace transect
