#include "launch/plan/footprint.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/spec.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training_spec.h"
#include "launch/store/throughput.h"
#include "model/parts.h"

namespace transect {
namespace {

// Sentences of the published data sets.
struct Published {
  absl::string_view name;
  int64_t train, val, test, image_size;
};
constexpr Published kRrsisd = {"RRSIS-D", 12181, 1740, 3481, 800};
constexpr Published kRefSegRs = {"RefSegRS", 2172, 431, 1817, 512};
constexpr Published kRisBench = {"RISBench", 26300, 10013, 16159, 512};

const Published& PublishedOf(const FoundDataset& data) {
  switch (data.format()) {
    case FoundDataset::REFSEGRS:
      return kRefSegRs;
    case FoundDataset::RISBENCH:
      return kRisBench;
    default:
      return kRrsisd;
  }
}

std::string KeyOf(const FoundDataset& data, absl::string_view split) {
  return absl::StrCat(data.SerializeAsString(), "\n", split);
}

// Seconds of a processor for each pixel of an image as it is stored and as the
// network takes it: reading, decoding and resizing it and its mask. 14 ms from
// 800 to 1024 pixels, as input_pipeline_benchmark measures on one thread.
constexpr double kSecondsPerPixel = 8e-9;

// Bytes of a record of the metric log for an item and for a step, and of a
// sample's part of samples.png.
constexpr int64_t kBytesPerItem = 80;
constexpr int64_t kBytesPerStep = 60;
constexpr int64_t kBytesPerSample = 95'000;
// Bytes of a predicted mask for each of its columns: four run lengths. A
// network that has just begun to train needs about as many, a mask of one
// object fewer.
constexpr int64_t kMaskBytesPerColumn = 6;

// Of a bucket of gradients (launch/optimizer/flat_layout.h).
constexpr int64_t kBucketBytes = int64_t{4} << 22;

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

int ShardsOfRank(const TrainingSpec& training) {
  return std::max(1, training.logical_shards() / std::max(1, training.ranks()));
}

// Whether rank 0 keeps a copy of the best weights, in memory and on disk.
bool KeepsBest(const TrainingSpec& training) {
  return training.validation().weights() == ValidationSpec::BEST;
}

int64_t ElementBytes(const RunSpec& run) {
  return run.training().precision() == TrainingSpec::FP32 ? 4 : 2;
}

// Bytes of the values of parameters.
int64_t ValueBytes(const RunSpec& run, const ModelCost& cost) {
  const int64_t trained = cost.trainable_parameters;
  const int64_t element = ElementBytes(run);
  return (cost.parameters - trained) * element +
         trained * (4 + (element < 4 ? element : 0));
}

// Bytes that an evaluation takes besides them.
int64_t EvaluationBytes(const RunSpec& run, const ModelCost& cost) {
  RunSpec checkpointed = run;
  checkpointed.mutable_training()->set_activations(TrainingSpec::RECOMPUTE);
  return cost.adapted_parameters * ElementBytes(run) +
         run.evaluation().batch() * CostOfImage(checkpointed).activation_bytes;
}

// Bytes that a training takes besides the values and its activations.
int64_t TrainingBytes(const RunSpec& run, const ModelCost& cost) {
  const TrainingSpec& training = run.training();
  const int64_t trained = cost.trainable_parameters;
  const int64_t ranks = std::max(1, training.ranks());
  const int shards = ShardsOfRank(training);
  const bool divided = training.sharding() != TrainingSpec::REPLICATED;
  // Moments.
  int64_t bytes = 8 * trained / (divided ? ranks : 1);
  // A bucket as it is sent and as it arrives.
  const int64_t buckets = std::min(4 * trained, kBucketBytes);
  if (ranks > 1) bytes += 2 * buckets;
  // The sum over the shards of a rank (launch/collective/tree_sum.h), and the
  // gradient of one of them.
  if (training.sharding() == TrainingSpec::ZERO2) {
    bytes += 4 * trained / ranks;
    bytes += shards > 1 || ranks == 1 ? 4 * trained : buckets;
  } else {
    bytes += 4 * trained;
  }
  if (shards > 1 && training.numerics() != TrainingSpec::FAST) {
    bytes += 4 * trained * std::bit_width(static_cast<unsigned>(shards));
  }
  // One or two copies more are measured on CPUs; what takes them is not known.
  if (training.device() != TrainingSpec::CUDA) {
    bytes += 4 * trained * (ranks == 1 ? 1 : 2);
  }
  return bytes;
}

}  // namespace

void DataSizes::Add(const FoundDataset& data, absl::string_view split,
                    const SplitSize& size) {
  sizes_[KeyOf(data, split)] = size;
}

const SplitSize* DataSizes::Find(const FoundDataset& data,
                                 absl::string_view split) const {
  const auto found = sizes_.find(KeyOf(data, split));
  return found == sizes_.end() ? nullptr : &found->second;
}

SplitSize SizeOfSplit(const DataSpec& data, absl::string_view split,
                      const DataSizes& known) {
  if (data.has_synthesis()) {
    return {SynthesisImages(data.synthesis(), split),
            data.synthesis().image_size()};
  }
  if (const SplitSize* size = known.Find(data.found(), split)) return *size;
  const Published& found = PublishedOf(data.found());
  return {split == "train" ? found.train
          : split == "val" ? found.val
                           : found.test,
          found.image_size, /*assumed=*/true};
}

absl::string_view PublishedAs(const FoundDataset& data) {
  return PublishedOf(data).name;
}

MemoryNeed MemoryOfRank(const RunSpec& run, const ModelCost& cost,
                        const TrainingPart& part) {
  const TrainingSpec& training = run.training();
  int64_t tensors = 0;
  int64_t host = kProgramBytes;
  int64_t images = 0;
  int64_t in_use = 1;
  if (part.train) {
    const int shards = std::max(1, training.logical_shards());
    images = (training.global_batch() + shards - 1) / shards;
    int64_t most = images * cost.activation_bytes;
    if (Validates(training)) {
      most = std::max(most, EvaluationBytes(run, cost));
    }
    tensors = ValueBytes(run, cost) + TrainingBytes(run, cost) + most;
    if (KeepsBest(training)) host += 4 * cost.trainable_parameters;
    in_use = ShardsOfRank(training);
  }
  if (!part.eval_splits.empty()) {
    tensors =
        std::max(tensors, ValueBytes(run, cost) + EvaluationBytes(run, cost));
    images = std::max<int64_t>(images, run.evaluation().batch());
  }
  // The batches in use besides those ahead of them.
  host += (in_use + training.prefetch_batches()) * images * PixelBytes(run);
  return training.device() == TrainingSpec::CUDA
             ? MemoryNeed{host, tensors}
             : MemoryNeed{host + tensors, 0};
}

int64_t StepsOf(const RunSpec& run, const DataSizes& known) {
  return StepsOf(run.training(), run.data().last_batch(),
                 SizeOfSplit(run.data(), run.data().train_split(), known).items)
      .value_or(0);
}

double LoaderProcessors(const RunSpec& run, int64_t images, double seconds,
                        const DataSizes& known) {
  const TrainingSpec& training = run.training();
  const auto stored = static_cast<double>(
      SizeOfSplit(run.data(), run.data().train_split(), known).image_size);
  const auto input = static_cast<double>(InputImageSize(run.model()));
  const double busy = static_cast<double>(images) * kSecondsPerPixel *
                      (stored * stored + input * input);
  return std::min<double>(
      static_cast<double>(training.ranks()) * training.loader_threads(),
      busy / std::max(seconds, 1e-9));
}

int64_t DiskOfTraining(const RunSpec& run, const ModelCost& cost,
                       const TrainingPart& part, const DataSizes& known) {
  int64_t bytes = kBytesOfJobFiles;
  if (part.train) {
    bytes += 4 * (TrainsEverything(run.model()) ? cost.parameters
                                                : cost.trainable_parameters);
    bytes += StepsOf(run, known) /
             std::max<int64_t>(1, run.training().log_every()) * kBytesPerStep;
  }
  for (const std::string& split : part.eval_splits) {
    const SplitSize size = SizeOfSplit(run.data(), split, known);
    bytes +=
        size.items * (kBytesPerItem + kMaskBytesPerColumn * size.image_size);
  }
  if (!part.eval_splits.empty()) {
    bytes += run.evaluation().samples() * kBytesPerSample;
  }
  return bytes;
}

int64_t CheckpointBytes(const RunSpec& run, const ModelCost& cost, double steps,
                        double seconds) {
  // Value and two moments; beside each, at most, the best value so far.
  const int64_t bytes_per_trained = (KeepsBest(run.training()) ? 4 : 3) * 4;
  const CheckpointSpec& spec = run.training().checkpoint();
  double due = 0;
  if (spec.every_steps() > 0) {
    due = steps / static_cast<double>(spec.every_steps());
  }
  if (spec.every_minutes() > 0) {
    due = std::max(due, seconds / (60 * spec.every_minutes()));
  }
  const int64_t kept = spec.keep() + int64_t{1};
  return std::min(kept, static_cast<int64_t>(std::min(due, 1e6))) *
         bytes_per_trained * cost.trainable_parameters;
}

}  // namespace transect
