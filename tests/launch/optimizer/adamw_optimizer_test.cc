#include "launch/optimizer/adamw_optimizer.h"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "experiments/training/training.pb.h"
#include "gtest/gtest.h"
#include "launch/optimizer/flat_layout.h"

namespace transect {
namespace {

AdamWSpec Spec() {
  AdamWSpec spec;
  spec.set_lr(0.1);
  spec.set_beta1(0.8);
  spec.set_beta2(0.95);
  spec.set_eps(1e-6);
  spec.set_weight_decay(0.1);
  return spec;
}

// Algorithm 2 of the paper for one number, in double.
class Reference {
 public:
  explicit Reference(double value) : value_(value) {}

  void Step(double gradient, double lr) {
    const AdamWSpec spec = Spec();
    ++t_;
    m_ = spec.beta1() * m_ + (1 - spec.beta1()) * gradient;
    v_ = spec.beta2() * v_ + (1 - spec.beta2()) * gradient * gradient;
    const double m = m_ / (1 - std::pow(spec.beta1(), t_));
    const double v = v_ / (1 - std::pow(spec.beta2(), t_));
    value_ -= lr * spec.weight_decay() * value_;
    value_ -= lr * m / (std::sqrt(v) + spec.eps());
  }

  double value() const { return value_; }

 private:
  double value_, m_ = 0, v_ = 0;
  int t_ = 0;
};

at::Tensor Trained(std::vector<float> values) {
  return torch::tensor(values).requires_grad_();
}

TEST(AdamWOptimizer, FollowsTheAlgorithmOverManySteps) {
  at::Tensor x = Trained({1.5f, -2.0f, 0.25f});
  AdamWOptimizer optimizer({x}, Spec());
  std::vector<Reference> expected = {Reference(1.5), Reference(-2),
                                     Reference(0.25)};
  for (int step = 0; step < 50; ++step) {
    const double lr = 0.1 / (1 + step);
    optimizer.HoldGradients();
    // d/dx sum(x^2 / 2) = x.
    (x * x / 2).sum().backward();
    for (int i = 0; i < 3; ++i) {
      expected[i].Step(x[i].item<double>(), lr);
    }
    optimizer.Step(lr);
    for (int i = 0; i < 3; ++i) {
      // Single precision over 50 steps.
      EXPECT_NEAR(x[i].item<double>(), expected[i].value(), 2e-6) << step;
    }
  }
}

TEST(AdamWOptimizer, KeepsValuesAndMakesThemViewsOfOneBuffer) {
  at::Tensor a = Trained({1, 2, 3});
  at::Tensor b = torch::full({2, 2}, 7.f).requires_grad_();
  AdamWOptimizer optimizer({a, b}, Spec());
  EXPECT_TRUE(at::equal(a, torch::tensor({1.f, 2.f, 3.f})));
  EXPECT_TRUE(at::equal(b, torch::full({2, 2}, 7.f)));
  EXPECT_EQ(optimizer.values().numel(), 2 * FlatLayout::kAlignment);
  EXPECT_EQ(a.data_ptr(), optimizer.values().data_ptr());
  (a.sum() + 2 * b.sum()).backward();
  const at::Tensor& gradients = optimizer.gradients();
  EXPECT_EQ(gradients.sum().item<float>(), 3 + 2 * 4);
  EXPECT_EQ(gradients[FlatLayout::kAlignment].item<float>(), 2);
}

TEST(AdamWOptimizer, AddsUpGradientsUntilTheyAreZeroed) {
  at::Tensor x = Trained({1});
  AdamWOptimizer optimizer({x}, Spec());
  x.sum().backward();
  x.sum().backward();
  EXPECT_EQ(optimizer.gradients()[0].item<float>(), 2);
  optimizer.HoldGradients();
  EXPECT_EQ(optimizer.gradients()[0].item<float>(), 0);
}

TEST(AdamWOptimizer, DecaysTensorsWithoutAGradient) {
  at::Tensor x = Trained({2});
  AdamWOptimizer optimizer({x}, Spec());
  optimizer.HoldGradients();
  optimizer.Step(0.5);
  EXPECT_FLOAT_EQ(x[0].item<float>(), 2 * (1 - 0.5 * 0.1));
}

TEST(AdamWOptimizer, GivesTheSameBitsWithOneAndTwoThreads) {
  std::vector<at::Tensor> results;
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    at::Tensor x = torch::linspace(-3, 3, 200001).requires_grad_();
    AdamWOptimizer optimizer({x}, Spec());
    for (int step = 0; step < 3; ++step) {
      optimizer.gradients().narrow(0, 0, x.numel()).copy_(x.detach().sin());
      optimizer.Step(0.01);
    }
    results.push_back(x.detach().clone());
  }
  EXPECT_TRUE(at::equal(results[0], results[1]));
}

TEST(AdamWOptimizer, RefusesNothingAndOtherTypes) {
  EXPECT_THROW(AdamWOptimizer({}, Spec()), c10::Error);
  EXPECT_THROW(AdamWOptimizer({torch::zeros({2}, at::kDouble)}, Spec()),
               c10::Error);
}

}  // namespace
}  // namespace transect
