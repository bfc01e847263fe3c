#include "model/lora/lora_layers.h"

#include <torch/torch.h>

#include <utility>
#include <vector>

#include "model/base/cast.h"
#include "model/lora/lora_product.h"

namespace transect {

void LoraLayerImpl::AttachLora(const LoraSpec& spec, const std::string& name,
                               std::shared_ptr<const DropoutKey> key) {
  TORCH_CHECK(!adapted(), name, " has an adapter already");
  Factors factors = EmptyFactors(spec.rank());
  lora_a_ = register_module("lora_A", Table(std::move(factors.a)));
  lora_b_ = register_module("lora_B", Table(std::move(factors.b)));
  scale_ = spec.alpha() / spec.rank();
  dropout_ = spec.dropout();
  name_ = name;
  key_ = std::move(key);
}

bool LoraLayerImpl::Merge() {
  if (!adapted()) return false;
  const torch::NoGradGuard no_grad;
  const at::Tensor& weight = BaseWeight();
  const at::Tensor delta = (lora_b()
                                .to(at::kFloat)
                                .flatten(1)
                                .mm(lora_a().to(at::kFloat).flatten(1)) *
                            scale_)
                               .view_as(weight);
  at::Tensor merged = (weight + delta).to(weight.scalar_type());
  const at::Tensor kept = merged.to(at::kDouble) - weight.to(at::kDouble);
  const double lost = (kept - delta).norm().item<double>();
  if (!(lost <= kMergeTolerance * delta.norm().item<double>())) return false;
  merged_ = std::move(merged);
  return true;
}

at::Tensor LoraLayerImpl::SoleWeight() const {
  if (!adapted()) return BaseWeight();
  return is_training() ? at::Tensor() : merged_;
}

DropoutDraws LoraLayerImpl::Draws() const {
  if (!is_training() || dropout_ == 0) return {};
  return MakeDropoutDraws(*key_, name_, dropout_);
}

LinearImpl::LinearImpl(int64_t in, int64_t out, bool bias) {
  weight_ = register_parameter("weight", torch::empty({out, in}));
  if (bias) bias_ = register_parameter("bias", torch::empty({out}));
}

LoraLayerImpl::Factors LinearImpl::EmptyFactors(int64_t rank) const {
  return {torch::empty({rank, weight_.size(1)}),
          torch::empty({weight_.size(0), rank})};
}

at::Tensor LinearImpl::forward(const at::Tensor& x) {
  const at::Tensor bias = InTypeOf(x, bias_);
  if (const at::Tensor sole = SoleWeight(); sole.defined()) {
    return at::linear(x, InTypeOf(x, sole), bias);
  }
  const at::Tensor y = LoraProduct(
      x.reshape({-1, x.size(-1)}), InTypeOf(x, weight_), bias,
      InTypeOf(x, lora_a()), InTypeOf(x, lora_b()), lora_scale(), Draws());
  std::vector<int64_t> shape = x.sizes().vec();
  shape.back() = y.size(1);
  return y.view(shape);
}

Conv2dImpl::Conv2dImpl(const Options& options) : options_(options) {
  const int64_t kernel = options.kernel;
  weight_ = register_parameter(
      "weight", torch::empty({options.out, options.in, kernel, kernel}));
  if (options.bias) {
    bias_ = register_parameter("bias", torch::empty({options.out}));
  }
}

LoraLayerImpl::Factors Conv2dImpl::EmptyFactors(int64_t rank) const {
  return {torch::empty({rank, options_.in, options_.kernel, options_.kernel}),
          torch::empty({options_.out, rank, 1, 1})};
}

at::Tensor Conv2dImpl::Convolve(const at::Tensor& x, const at::Tensor& weight,
                                const at::Tensor& bias) const {
  const int64_t k = options_.kernel;
  if (options_.stride != k || options_.padding != 0) {
    return at::conv2d(x, weight, bias, options_.stride, options_.padding);
  }
  const int64_t rows = x.size(2) / k, columns = x.size(3) / k;
  at::Tensor patches;  // [B, rows, columns, in * k * k]
  if (k == 1) {
    patches = x.permute({0, 2, 3, 1});
  } else {
    patches = x.slice(2, 0, rows * k)
                  .slice(3, 0, columns * k)
                  .reshape({x.size(0), x.size(1), rows, k, columns, k})
                  .permute({0, 2, 4, 1, 3, 5})
                  .reshape({x.size(0), rows, columns, -1});
  }
  return at::linear(patches, weight.flatten(1), bias).permute({0, 3, 1, 2});
}

at::Tensor Conv2dImpl::forward(const at::Tensor& x) {
  const at::Tensor bias = InTypeOf(x, bias_);
  if (const at::Tensor sole = SoleWeight(); sole.defined()) {
    return Convolve(x, InTypeOf(x, sole), bias);
  }
  const at::Tensor y = Convolve(x, InTypeOf(x, weight_), bias);
  const at::Tensor down =
      Convolve(Dropout(Draws(), x), InTypeOf(x, lora_a()), {})
          .permute({0, 2, 3, 1});
  const at::Tensor up = at::linear(down, InTypeOf(x, lora_b()).flatten(1));
  return y + (up * lora_scale()).permute({0, 3, 1, 2});
}

}  // namespace transect
