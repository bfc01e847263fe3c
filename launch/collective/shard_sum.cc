#include "launch/collective/shard_sum.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "launch/collective/tree_sum.h"

namespace transect {

at::Tensor CollectiveShardSum::Sum(const char* what,
                                   const std::vector<at::Tensor>& values) {
  TORCH_CHECK(
      static_cast<int64_t>(values.size()) * collective_->ranks() == shards_,
      what, ": ", values.size(), " shards on each of ", collective_->ranks(),
      " ranks, not ", shards_, " in all");
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> copies;
  for (const at::Tensor& value : values) {
    copies.push_back(value.detach().clone(at::MemoryFormat::Contiguous));
  }
  at::Tensor sum = TreeSum(std::move(copies));
  if (failure_.ok()) {
    failure_ = collective_->AllReduceSum(what, sum, order_);
  }
  TORCH_CHECK(failure_.ok(), std::string(failure_.message()));
  return sum;
}

}  // namespace transect
