#include "launch/collective/cross_rank_sum.h"

#include <torch/torch.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace transect {
namespace {

struct SumOverRanks : torch::autograd::Function<SumOverRanks> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& value, int64_t summer) {
    context->saved_data["summer"] = summer;
    return reinterpret_cast<CollectiveSum*>(summer)->SumWithoutGradient(
        "sum of batch statistics", value);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    auto* const summer =
        reinterpret_cast<CollectiveSum*>(context->saved_data["summer"].toInt());
    return {summer->SumWithoutGradient("gradient of batch statistics",
                                       gradients[0]),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor CollectiveSum::Sum(const at::Tensor& value) {
  // autograd functions take numbers, not pointers.
  return SumOverRanks::apply(value, reinterpret_cast<int64_t>(this));
}

at::Tensor CollectiveSum::SumWithoutGradient(const char* what,
                                             const at::Tensor& value) {
  at::Tensor sum = value.detach().clone(at::MemoryFormat::Contiguous);
  if (failure_.ok()) {
    failure_ = collective_->AllReduceSum(what, sum);
  }
  TORCH_CHECK(failure_.ok(), std::string(failure_.message()));
  return sum;
}

}  // namespace transect
