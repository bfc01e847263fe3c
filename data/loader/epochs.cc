#include "data/loader/epochs.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

absl::StatusOr<Epochs> Epochs::Create(int64_t dataset_size,
                                      int64_t global_batch,
                                      DataSpec::LastBatch last_batch) {
  TRANSECT_CHECK(dataset_size >= 1 && global_batch >= 1)
      << "dataset_size " << dataset_size << ", global_batch " << global_batch;
  if (last_batch == DataSpec::LAST_BATCH_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        "data.last_batch is LAST_BATCH_UNSPECIFIED, must be CONTINUE, DROP or "
        "WRAP");
  }
  if (last_batch == DataSpec::DROP && dataset_size < global_batch) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data.last_batch is DROP, but the split has ", dataset_size,
        " samples, fewer than training.global_batch, ", global_batch));
  }
  return Epochs(dataset_size, global_batch, last_batch);
}

Epochs::Epochs(int64_t dataset_size, int64_t global_batch,
               DataSpec::LastBatch last_batch)
    : dataset_size_(dataset_size),
      global_batch_(global_batch),
      last_batch_(last_batch) {}

int64_t Epochs::Steps(int64_t epochs) const {
  TRANSECT_CHECK(epochs >= 0) << "epochs " << epochs;
  const auto batches = [this](int64_t samples) {
    return (samples + global_batch_ - 1) / global_batch_;
  };
  switch (last_batch_) {
    case DataSpec::CONTINUE:
      return batches(epochs * dataset_size_);
    case DataSpec::WRAP:
      return epochs * batches(dataset_size_);
    default:
      return epochs * (dataset_size_ / global_batch_);
  }
}

int64_t Epochs::Of(int64_t step) const {
  TRANSECT_CHECK(step >= 0) << "step " << step;
  return last_batch_ == DataSpec::CONTINUE
             ? step * global_batch_ / dataset_size_
             : step / Steps(1);
}

}  // namespace transect
