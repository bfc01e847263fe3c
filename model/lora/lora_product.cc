#include "model/lora/lora_product.h"

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace transect {
namespace {

at::Tensor Scaled(const at::Tensor& x, double scale) {
  return scale == 1 ? x : x * scale;
}

// In the order of forward's arguments, of which two more have no gradient.
enum Argument { kX, kWeight, kBias, kA, kB, kArguments = 7 };

struct LoraFunction : torch::autograd::Function<LoraFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias,
                            const at::Tensor& a, const at::Tensor& b,
                            double scale, const DropoutDraws& draws) {
    const at::Tensor down = at::linear(ApplyDropout(draws, x), a);
    at::Tensor y = at::linear(x, weight, bias);
    y.addmm_(down, b.t(), /*beta=*/1, /*alpha=*/scale);
    context->save_for_backward({x, weight, a, b, down});
    context->saved_data["keys"] = draws.keys;
    context->saved_data["dropped"] = draws.dropped;
    context->saved_data["scale"] = scale;
    context->saved_data["wanted"] =
        std::vector<int64_t>({x.requires_grad(), weight.requires_grad(),
                              bias.has_value() && bias->requires_grad(),
                              a.requires_grad(), b.requires_grad()});
    return y;
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &a = saved[2],
                     &b = saved[3], &down = saved[4];
    const DropoutDraws draws = {context->saved_data["keys"].toTensor(),
                                context->saved_data["dropped"].toInt()};
    const double scale = context->saved_data["scale"].toDouble();
    const std::vector<int64_t> wanted =
        context->saved_data["wanted"].toIntVector();
    const at::Tensor& dy = gradients[0];
    const at::Tensor up = Scaled(dy.mm(b), scale);
    torch::autograd::variable_list result(kArguments);
    if (wanted[kX] != 0) {
      result[kX] = dy.mm(weight);
      AddDropout(draws, up.mm(a), result[kX]);
    }
    if (wanted[kWeight] != 0) result[kWeight] = dy.t().mm(x);
    if (wanted[kBias] != 0) result[kBias] = dy.sum(0);
    if (wanted[kA] != 0) {
      result[kA] = up.t().mm(ApplyDropout(draws, x));
    }
    if (wanted[kB] != 0) {
      result[kB] = Scaled(dy.t().mm(down), scale);
    }
    return result;
  }
};

}  // namespace

at::Tensor LoraProduct(const at::Tensor& x, const at::Tensor& weight,
                       const at::Tensor& bias, const at::Tensor& a,
                       const at::Tensor& b, double scale,
                       const DropoutDraws& draws) {
  return LoraFunction::apply(
      x, weight, bias.defined() ? std::optional(bias) : std::nullopt, a, b,
      scale, draws);
}

}  // namespace transect
