/// \file
/// Sums over the logical shards of a step inside a network: `ShardSum`
/// (model/base/segmentation_model.h) on top of a `Collective`.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_SHARD_SUM_H_
#define TRANSECT_LAUNCH_COLLECTIVE_SHARD_SUM_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/status/status.h"
#include "launch/collective/collective.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// Every rank has the same number of shards, consecutive ones in the order of
/// the ranks; they are added up by the tree of launch/collective/tree_sum.h.
///
/// Networks report errors by exceptions: where the collective fails, `Sum`
/// throws, and `failure()` keeps the typed error for the caller that caught the
/// exception.
class CollectiveShardSum : public ShardSum {
 public:
  /// `collective` must outlive this object. \param shards of all ranks, a
  /// multiple of the ranks. \param order of the sum over the ranks.
  CollectiveShardSum(Collective* collective, int shards,
                     SumOrder order = SumOrder::kTree)
      : collective_(collective), shards_(shards), order_(order) {}

  /// \throws c10::Error if the collective fails, and for another number of
  ///   values than this rank has shards.
  at::Tensor Sum(const char* what,
                 const std::vector<at::Tensor>& values) override;
  int shards() const override { return shards_; }

  /// The first error of the collective; OK if there was none.
  const absl::Status& failure() const { return failure_; }

 private:
  Collective* const collective_;
  const int shards_;
  const SumOrder order_;
  absl::Status failure_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_SHARD_SUM_H_
