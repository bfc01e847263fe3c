/// \file
/// Sums over ranks inside a network: `CrossRankSum`
/// (model/base/segmentation_model.h) on top of a `Collective`.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_CROSS_RANK_SUM_H_
#define TRANSECT_LAUNCH_COLLECTIVE_CROSS_RANK_SUM_H_

#include <ATen/core/Tensor.h>

#include "absl/status/status.h"
#include "launch/collective/collective.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// Forward and backward both sum over ranks in the fixed order of
/// `Collective::AllReduceSum`.
///
/// Networks report errors by exceptions: where the collective fails, `Sum` (or
/// its backward) throws, and `failure()` keeps the typed error for the caller
/// that caught the exception.
class CollectiveSum : public CrossRankSum {
 public:
  /// `collective` must outlive this object and the autograd graphs through it.
  explicit CollectiveSum(Collective* collective) : collective_(collective) {}

  /// \throws c10::Error if the collective fails.
  at::Tensor Sum(const at::Tensor& value) override;
  int ranks() const override { return collective_->ranks(); }

  /// The first error of the collective; OK if there was none.
  const absl::Status& failure() const { return failure_; }

  /// The sum of a detached copy of `value`; `what` as in `Collective`.
  at::Tensor SumWithoutGradient(const char* what, const at::Tensor& value);

 private:
  Collective* const collective_;
  absl::Status failure_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_CROSS_RANK_SUM_H_
