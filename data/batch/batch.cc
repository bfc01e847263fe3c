#include "data/batch/batch.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/rle.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Interleaved blue, green, red bytes to three planes of floats.
void FillImage(const Image& image, float* planes) {
  const size_t pixels = static_cast<size_t>(image.height) * image.width;
  for (size_t i = 0; i < pixels; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      planes[c * pixels + i] =
          static_cast<float>(image.bgr[3 * i + (2 - c)]) / 255.0f;
    }
  }
}

// The annotation is brought to the image's size first, as the reference does
// where the two differ, then to the model's.
std::vector<uint8_t> MaskAt(const Rle& rle, const Image& image, int size) {
  std::vector<uint8_t> mask = MaskFromRle(rle);
  int height = rle.height;
  int width = rle.width;
  if (height != image.height || width != image.width) {
    mask = ResizeNearest(mask, height, width, image.height, image.width);
    height = image.height;
    width = image.width;
  }
  return ResizeNearest(mask, height, width, size, size);
}

absl::Status FillTokens(absl::Span<const std::string> sentences,
                        const Tokenizer& tokenizer, int max_tokens,
                        Batch* batch) {
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

}  // namespace

absl::StatusOr<Batch> MakeBatchWithSentences(
    absl::Span<const Sample* const> samples,
    absl::Span<const std::string> sentences, const Tokenizer& tokenizer,
    int image_size, int max_tokens) {
  TRANSECT_CHECK(!samples.empty() && samples.size() == sentences.size())
      << samples.size() << " samples, " << sentences.size() << " sentences";
  Batch batch;
  TRANSECT_RETURN_IF_ERROR(
      FillTokens(sentences, tokenizer, max_tokens, &batch));
  const int64_t count = static_cast<int64_t>(samples.size());
  const int64_t side = image_size;
  batch.image = at::empty({count, 3, side, side}, at::kFloat);
  batch.mask = at::empty({count, 1, side, side}, at::kFloat);
  float* image_to = batch.image.mutable_data_ptr<float>();
  float* mask_to = batch.mask.mutable_data_ptr<float>();
  for (const Sample* sample : samples) {
    TRANSECT_ASSIGN_OR_RETURN(const Image image,
                              DecodeImage(sample->image_path));
    FillImage(ResizeBilinear(image, image_size, image_size), image_to);
    image_to += 3 * side * side;
    const std::vector<uint8_t> mask = MaskAt(sample->mask, image, image_size);
    std::copy(mask.begin(), mask.end(), mask_to);
    mask_to += side * side;
    batch.sample_ids.push_back(sample->id);
  }
  return batch;
}

absl::StatusOr<Batch> MakeBatch(absl::Span<const Sample* const> samples,
                                const Tokenizer& tokenizer, int image_size,
                                int max_tokens) {
  std::vector<std::string> sentences;
  sentences.reserve(samples.size());
  for (const Sample* sample : samples) {
    sentences.push_back(sample->sentence);
  }
  return MakeBatchWithSentences(samples, sentences, tokenizer, image_size,
                                max_tokens);
}

}  // namespace transect
