#include "launch/optimizer/flat_layout.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace transect {
namespace {

int64_t RoundUp(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace

FlatLayout::FlatLayout(const std::vector<at::Tensor>& tensors, int parts,
                       int64_t bucket_elements)
    : parts_(parts) {
  TORCH_CHECK(!tensors.empty(), "optimizer: no tensor is trained");
  int64_t offset = 0;
  for (const at::Tensor& tensor : tensors) {
    slots_.push_back({offset, offset + tensor.numel()});
    shapes_.push_back(tensor.sizes().vec());
    offset = RoundUp(offset + tensor.numel(), kAlignment);
  }
  const int64_t unit = kAlignment * parts;
  const int64_t size = RoundUp(std::max(offset, unit), unit);
  const int64_t bucket = std::max(bucket_elements / unit * unit, unit);
  for (int64_t begin = 0; begin < size; begin += bucket) {
    buckets_.push_back({begin, std::min(begin + bucket, size)});
  }
}

std::vector<at::Tensor> FlatLayout::Views(const at::Tensor& flat) const {
  std::vector<at::Tensor> views;
  for (size_t i = 0; i < slots_.size(); ++i) {
    views.push_back(
        flat.narrow(0, slots_[i].begin, slots_[i].size()).view(shapes_[i]));
  }
  return views;
}

std::vector<FlatRange> FlatLayout::Owned(int rank, int ranks) const {
  TORCH_CHECK(parts_ % ranks == 0, parts_, " parts for ", ranks, " ranks");
  std::vector<FlatRange> owned;
  for (const FlatRange& bucket : buckets_) {
    const int64_t share = bucket.size() / ranks;
    owned.push_back(
        {bucket.begin + rank * share, bucket.begin + (rank + 1) * share});
  }
  return owned;
}

}  // namespace transect
