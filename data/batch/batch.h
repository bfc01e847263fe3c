/// \file
/// Samples to tensors: the only part of data/ that knows LibTorch.
///
/// Follows the data path of RSRefSeg's released code (model.md 3.1): OpenCV's
/// bilinear resize on 8-bit pixels without keeping the aspect ratio, then RGB
/// in 0 .. 1; masks by nearest neighbour. Normalisation is the model's.
#ifndef TRANSECT_DATA_BATCH_BATCH_H_
#define TRANSECT_DATA_BATCH_BATCH_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/dataset_index.h"
#include "data/text/tokenizer.h"

namespace transect {

/// Input of one step. B samples, S the image side, T the tokens of the longest
/// sentence. All tensors are contiguous and on the CPU.
struct Batch {
  /// [B, 3, S, S] float32, RGB, 0 .. 1.
  at::Tensor image;
  /// [B, T] int64, padded with kEndToken.
  at::Tensor token_ids;
  /// [B] int64: tokens before the padding, the end token included.
  at::Tensor token_counts;
  /// [B, 1, S, S] float32, 0 or 1.
  at::Tensor mask;
  /// Sample::id of each.
  std::vector<int64_t> sample_ids;
};

/// Makes a batch of at least one sample. `max_tokens` as in Tokenizer::Encode.
/// An image that cannot be read or a sentence that is too long fails the batch
/// with an error that names the sample's file or text; nothing is replaced by
/// another sample. May be called from several threads.
absl::StatusOr<Batch> MakeBatch(absl::Span<const Sample* const> samples,
                                const Tokenizer& tokenizer, int image_size,
                                int max_tokens);

/// The same with other sentences, one per sample: for the control that swaps
/// them between images.
absl::StatusOr<Batch> MakeBatchWithSentences(
    absl::Span<const Sample* const> samples,
    absl::Span<const std::string> sentences, const Tokenizer& tokenizer,
    int image_size, int max_tokens);

}  // namespace transect

#endif  // TRANSECT_DATA_BATCH_BATCH_H_
