/// \file
/// Batches of pixels, with prefetching by threads.
///
/// Input: a function that returns the samples of a batch
/// (data/loader/sampler.h, or an evaluation's ranges); output: `PixelBatch`es
/// in order, for data/batch/batch.h. Links no LibTorch.
///
/// Threads and prefetching affect when something is read, never what: the
/// batches, their order and their errors are the same for every
/// `LoaderOptions`. There is no state to save: a loader that begins at batch k
/// continues exactly as one that began at 0.
#ifndef TRANSECT_DATA_LOADER_LOADER_H_
#define TRANSECT_DATA_LOADER_LOADER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"
#include "data/loader/read_sample.h"

namespace transect {

/// Images and masks of the B samples of a batch, one after the other, as
/// SampleReader writes them.
struct PixelBatch {
  InputFormat format;
  /// Owned by the data set.
  std::vector<const Sample*> samples;
  /// [B, 3, S, S]
  std::unique_ptr<uint8_t[]> images;
  /// [B, S, S]
  std::unique_ptr<uint8_t[]> masks;
  /// [B, 3, s, s] for format.siglip_image_size s; null without.
  std::unique_ptr<uint8_t[]> siglip_images;
};

struct LoaderOptions {
  /// Threads that read, 0 or more. With 0, Next() reads in its own thread and
  /// nothing is prefetched.
  int threads = 0;
  /// Most batches, complete or being read, beyond the one that Next() returned
  /// last; 1 or more. Together with `threads` decoded originals this bounds the
  /// memory.
  int prefetch_batches = 1;
};

/// The samples of one batch, at least one. Called once for each batch, in
/// ascending order, from one thread at a time, so it may keep state. The
/// samples outlive the loader.
using BatchSamples = std::function<std::vector<const Sample*>(int64_t batch)>;

class Loader {
 public:
  /// Batches begin .. end - 1 of `samples`. Reading starts at once.
  /// kResourceExhausted if a thread cannot be started.
  static absl::StatusOr<std::unique_ptr<Loader>> Start(
      BatchSamples samples, int64_t begin, int64_t end,
      const InputFormat& format, const LoaderOptions& options);

  /// Stops as soon as each thread has finished its current sample.
  virtual ~Loader() = default;

  /// The next batch; waits until it is complete. A sample that cannot be read
  /// fails its batch, not an earlier one, with the error of SampleReader::Read
  /// for the first such sample; every later call returns the same error.
  /// kOutOfRange after the last batch. Call from one thread at a time.
  virtual absl::StatusOr<PixelBatch> Next() = 0;
};

/// Reads one batch in this thread: what a loader does for each.
absl::StatusOr<PixelBatch> ReadPixels(std::vector<const Sample*> samples,
                                      const InputFormat& format);

}  // namespace transect

#endif  // TRANSECT_DATA_LOADER_LOADER_H_
