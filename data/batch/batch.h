/// \file
/// Samples to tensors: the only part of data/ that links LibTorch.
///
/// Input: pixels from data/loader/loader.h, sentences; output: `Batch`. Pixels
/// stay bytes until they are on the device, which saves three quarters of the
/// transfer; `PixelsToFloat` converts them there. Normalization is the model's.
#ifndef TRANSECT_DATA_BATCH_BATCH_H_
#define TRANSECT_DATA_BATCH_BATCH_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/index/dataset_index.h"
#include "data/loader/loader.h"
#include "data/text/tokenizer.h"

namespace transect {

/// Input of one step. B samples, S the image side, T the tokens of the longest
/// sentence. All tensors are contiguous and on the CPU.
struct Batch {
  /// [B, 3, S, S] uint8, RGB.
  at::Tensor pixels;
  /// [B, 3, s, s] uint8, RGB: SigLIP's own image; undefined where it is made
  /// from `pixels`.
  at::Tensor siglip_pixels;
  /// [B, 1, S, S] uint8, 0 or 1.
  at::Tensor mask;
  /// [B, 1, S, S] uint8, 0 where a pixel counts neither in the loss nor in
  /// metrics, else 1; undefined where all pixels count.
  at::Tensor counted;
  /// [B, T] int64, padded with kEndToken.
  at::Tensor token_ids;
  /// [B] int64: tokens before the padding, the end token included.
  at::Tensor token_counts;
  /// Sample::id of each.
  std::vector<int64_t> sample_ids;
};

/// Makes a batch of `pixels`, which are moved, not copied, and of the samples'
/// own sentences. `max_tokens` as in Tokenizer::Encode. A sentence that is too
/// long fails the batch with an error that names it.
absl::StatusOr<Batch> MakeBatch(PixelBatch pixels, const Tokenizer& tokenizer,
                                int max_tokens);

/// Reads the samples in this thread, then makes the batch as above. May be
/// called from several threads.
absl::StatusOr<Batch> MakeBatch(absl::Span<const Sample* const> samples,
                                const Tokenizer& tokenizer,
                                const InputFormat& format, int max_tokens);

/// Replaces the sentences of the batch, one per sample, for the control with
/// permuted sentences. Copies of a batch share their pixels.
absl::Status SetSentences(absl::Span<const std::string> sentences,
                          const Tokenizer& tokenizer, int max_tokens,
                          Batch* batch);

/// uint8 0 to 255 to float32 0 to 1 on the device of `pixels`, by a correctly
/// rounded division on every device, as in the reference's preprocessor.
at::Tensor PixelsToFloat(const at::Tensor& pixels);

}  // namespace transect

#endif  // TRANSECT_DATA_BATCH_BATCH_H_
