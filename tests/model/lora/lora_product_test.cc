#include "model/lora/lora_product.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

const DropoutKey kKey = {.seed = 3, .step = 5, .sample_ids = {10, 11}};

// Inputs of 2 samples; trained where they are leaves.
struct Inputs {
  at::Tensor x, weight, bias, a, b;

  std::vector<at::Tensor> all() const { return {x, weight, bias, a, b}; }
};

Inputs MakeInputs(at::ScalarType type) {
  torch::manual_seed(1);
  const auto leaf = [type](at::IntArrayRef shape) {
    return torch::randn(shape).to(type).requires_grad_(true);
  };
  return {leaf({6, 5}), leaf({4, 5}), leaf({4}), leaf({2, 5}), leaf({4, 2})};
}

// By LibTorch's operators and its derivatives.
at::Tensor ByOperators(const Inputs& in, double scale,
                       const DropoutDraws& draws) {
  const at::Tensor down = at::linear(Dropout(draws, in.x), in.a);
  return at::linear(in.x, in.weight, in.bias).addmm(down, in.b.t(), 1, scale);
}

at::Tensor ByProduct(const Inputs& in, double scale,
                     const DropoutDraws& draws) {
  return LoraProduct(in.x, in.weight, in.bias, in.a, in.b, scale, draws);
}

TEST(LoraProduct, HasTheBitsAndGradientsOfItsOperators) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const double scale : {1.0, 1.5}) {
      for (const double dropout : {0.0, 0.3}) {
        const DropoutDraws draws = MakeDropoutDraws(kKey, "m", dropout);
        const Inputs ours = MakeInputs(type), theirs = MakeInputs(type);
        const at::Tensor y = ByProduct(ours, scale, draws);
        const at::Tensor expected = ByOperators(theirs, scale, draws);
        EXPECT_TRUE(y.equal(expected));
        const at::Tensor gradient = torch::randn({6, 4}).to(type);
        y.backward(gradient);
        expected.backward(gradient);
        for (size_t i = 0; i < ours.all().size(); ++i) {
          EXPECT_TRUE(ours.all()[i].grad().equal(theirs.all()[i].grad()))
              << "input " << i << " in " << type << ", scale " << scale
              << ", dropout " << dropout;
        }
      }
    }
  }
}

TEST(LoraProduct, ItsGradientsAreTheDerivatives) {
  const DropoutDraws draws = MakeDropoutDraws(kKey, "m", 0.3);
  const Inputs in = MakeInputs(at::kDouble);
  const at::Tensor gradient = torch::randn({6, 4}, at::kDouble);
  ByProduct(in, 1.5, draws).backward(gradient);
  const torch::NoGradGuard no_grad;
  const double step = 1e-6;
  for (const at::Tensor& input : in.all()) {
    at::Tensor values = input.view(-1);
    for (int64_t i = 0; i < values.numel(); ++i) {
      const auto at = [&](double by) {
        values[i].add_(by);
        const double y =
            (ByProduct(in, 1.5, draws) * gradient).sum().item<double>();
        values[i].sub_(by);
        return y;
      };
      EXPECT_NEAR(input.grad().view(-1)[i].item<double>(),
                  (at(step) - at(-step)) / (2 * step), 1e-7);
    }
  }
}

TEST(LoraProduct, GivesGradientsOnlyToWhatWantsThem) {
  const DropoutDraws draws = MakeDropoutDraws(kKey, "m", 0.3);
  Inputs in = MakeInputs(at::kFloat);
  for (at::Tensor* frozen : {&in.x, &in.weight, &in.bias}) {
    frozen->requires_grad_(false);
  }
  ByProduct(in, 1, draws).sum().backward();
  EXPECT_FALSE(in.x.grad().defined() || in.weight.grad().defined() ||
               in.bias.grad().defined());
  EXPECT_TRUE(in.a.grad().defined() && in.b.grad().defined());
  // Without a bias, too.
  in = MakeInputs(at::kFloat);
  in.bias.reset();
  ByProduct(in, 1, draws).sum().backward();
  EXPECT_TRUE(in.weight.grad().defined() && in.b.grad().defined());
}

}  // namespace
}  // namespace transect
