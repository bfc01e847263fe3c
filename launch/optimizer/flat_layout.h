/// \file
/// Where the tensors of a network lie in one flat buffer, and how ranks divide
/// it.
#ifndef TRANSECT_LAUNCH_OPTIMIZER_FLAT_LAYOUT_H_
#define TRANSECT_LAUNCH_OPTIMIZER_FLAT_LAYOUT_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace transect {

/// Elements from `begin` to before `end`.
struct FlatRange {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
};

/// Each tensor lies at a multiple of kAlignment elements, with zeros between.
/// The buffer is cut into buckets, which are summed over the ranks one by one,
/// and each bucket into as many equal parts as there are logical shards, so
/// that neither depends on the number of ranks. A rank owns consecutive parts.
class FlatLayout {
 public:
  /// 128 bytes: the same alignment for every tensor in every run, because
  /// vectorised kernels may round differently at another one.
  static constexpr int64_t kAlignment = 32;
  /// 16 MiB of float32: large enough for a network's full rate.
  static constexpr int64_t kBucketElements = int64_t{1} << 22;

  /// \param parts of each bucket, at least 1. \param bucket_elements of a
  ///   bucket at most, but at least kAlignment in each part.
  FlatLayout(const std::vector<at::Tensor>& tensors, int parts,
             int64_t bucket_elements = kBucketElements);

  /// Of the whole buffer, a multiple of kAlignment times the parts.
  int64_t size() const { return buckets_.back().end; }
  /// In order, without gaps.
  const std::vector<FlatRange>& buckets() const { return buckets_; }
  /// Of each tensor.
  const std::vector<FlatRange>& slots() const { return slots_; }
  int parts() const { return parts_; }

  /// A view of `flat`, [size()], for each tensor, of its shape.
  std::vector<at::Tensor> Views(const at::Tensor& flat) const;

  /// What `rank` of `ranks`, which divides the parts, owns of each bucket.
  std::vector<FlatRange> Owned(int rank, int ranks) const;

 private:
  const int parts_;
  std::vector<FlatRange> slots_, buckets_;
  std::vector<std::vector<int64_t>> shapes_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_OPTIMIZER_FLAT_LAYOUT_H_
