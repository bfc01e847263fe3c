#include "launch/plan/footprint.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "data/spec.h"
#include "experiments/training/train_length.h"
#include "launch/store/throughput.h"
#include "model/parts.h"

namespace transect {
namespace {

// Sentences of the published data sets.
struct Published {
  int64_t train, val, test, image_size;
};
constexpr Published kRrsisd = {12181, 1740, 3481, 800};
constexpr Published kRefSegRs = {2172, 431, 1817, 512};
constexpr Published kRisBench = {26300, 10013, 16159, 512};

// Resident bytes of a worker on CPUs with its libraries, less its network.
constexpr int64_t kProgramBytes = 220'000'000;

// Bytes of a record of the metric log for an item and for a step, and of a
// sample's part of samples.png.
constexpr int64_t kBytesPerItem = 80;
constexpr int64_t kBytesPerStep = 60;
constexpr int64_t kBytesPerSample = 95'000;
// Bytes of a predicted mask for each of its columns: four run lengths. A
// network that has just begun to train needs about as many, a mask of one
// object fewer.
constexpr int64_t kMaskBytesPerColumn = 6;

int64_t PixelBytes(const RunSpec& run) {
  const int64_t side = InputImageSize(run.model());
  const SiglipSpec* const siglip = SiglipOf(run.model());
  const int64_t second =
      siglip != nullptr &&
              run.data().siglip_resize() == DataSpec::BICUBIC_FROM_ORIGINAL
          ? siglip->image_size()
          : 0;
  // RGB and the mask; the second image has no mask.
  return 4 * side * side + 3 * second * second;
}

// Of a forward pass alone if `trained_images` is 0.
int64_t BytesOfActivations(const RunSpec& run, const ModelCost& cost,
                           int64_t trained_images) {
  if (trained_images > 0) return trained_images * cost.activation_bytes;
  RunSpec checkpointed = run;
  checkpointed.mutable_training()->set_activations(TrainingSpec::RECOMPUTE);
  return run.evaluation().batch() * CostOfImage(checkpointed).activation_bytes;
}

// Bytes that tensors take, wherever the rank computes, while it trains on
// `images` images at a time, or evaluates if that is 0.
int64_t TensorBytes(const RunSpec& run, const ModelCost& cost, int64_t images) {
  const TrainingSpec& training = run.training();
  const int64_t trained = cost.trainable_parameters;
  const int64_t element = training.precision() == TrainingSpec::FP32 ? 4 : 2;
  int64_t per_trained = 4 + (element < 4 ? element : 0);
  if (images > 0) {
    const bool gpu = training.device() == TrainingSpec::CUDA;
    const int64_t copies =
        training.ranks() == 1 ? 0 : (gpu ? 1 : 2) * training.ranks();
    per_trained += 4 + 8 + std::max<int64_t>(6, 4 * copies);
  }
  return (cost.parameters - trained) * element + trained * per_trained +
         BytesOfActivations(run, cost, images);
}

}  // namespace

SplitSize SizeOfSplit(const DataSpec& data, absl::string_view split) {
  if (data.has_synthesis()) {
    return {SynthesisImages(data.synthesis(), split),
            data.synthesis().image_size()};
  }
  const FoundDataset::Format format = data.found().format();
  const Published& found = format == FoundDataset::REFSEGRS   ? kRefSegRs
                           : format == FoundDataset::RISBENCH ? kRisBench
                                                              : kRrsisd;
  return {split == "train" ? found.train
          : split == "val" ? found.val
                           : found.test,
          found.image_size};
}

MemoryNeed MemoryOfRank(const RunSpec& run, const ModelCost& cost,
                        const TrainingPart& part) {
  const TrainingSpec& training = run.training();
  int64_t tensors = 0;
  int64_t images = 0;
  if (part.train) {
    const int ranks = std::max(1, training.ranks());
    images = (training.global_batch() + ranks - 1) / ranks;
    tensors = TensorBytes(run, cost, images);
  }
  if (!part.eval_splits.empty()) {
    tensors = std::max(tensors, TensorBytes(run, cost, 0));
    images = std::max<int64_t>(images, run.evaluation().batch());
  }
  // The batch in use besides those ahead of it.
  const int64_t host = kProgramBytes + (1 + training.prefetch_batches()) *
                                           images * PixelBytes(run);
  return training.device() == TrainingSpec::CUDA
             ? MemoryNeed{host, tensors}
             : MemoryNeed{host + tensors, 0};
}

int64_t StepsOf(const RunSpec& run) {
  return StepsOf(run.training(), run.data().last_batch(),
                 SizeOfSplit(run.data(), run.data().train_split()).items)
      .value_or(0);
}

int64_t DiskOfTraining(const RunSpec& run, const ModelCost& cost,
                       const TrainingPart& part) {
  int64_t bytes = kBytesOfJobFiles;
  if (part.train) {
    bytes += 4 * (TrainsEverything(run.model()) ? cost.parameters
                                                : cost.trainable_parameters);
    bytes += StepsOf(run) / std::max<int64_t>(1, run.training().log_every()) *
             kBytesPerStep;
  }
  for (const std::string& split : part.eval_splits) {
    const SplitSize size = SizeOfSplit(run.data(), split);
    bytes +=
        size.items * (kBytesPerItem + kMaskBytesPerColumn * size.image_size);
  }
  if (!part.eval_splits.empty()) {
    bytes += run.evaluation().samples() * kBytesPerSample;
  }
  return bytes;
}

}  // namespace transect
