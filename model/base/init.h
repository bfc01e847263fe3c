/// \file
/// Initial weights of networks, drawn from the counter-based generator.
///
/// Which tensor of a tower gets which rule is said beside the tower
/// (model/siglip/init_rules.h and its like); how a rule is drawn, and the rules
/// of norms and adapters, are here.
#ifndef TRANSECT_MODEL_BASE_INIT_H_
#define TRANSECT_MODEL_BASE_INIT_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// How the elements of one tensor are drawn, independently of each other.
struct InitRule {
  enum Kind {
    /// Every element is `scale`.
    CONSTANT,
    /// Normal with mean 0 and standard deviation `scale`.
    NORMAL,
    /// Normal with standard deviation `scale` before it is cut at two of them.
    TRUNCATED_NORMAL,
    /// Uniform in [-scale, scale).
    UNIFORM,
  };
  Kind kind = CONSTANT;
  double scale = 0;
};

/// Inputs and outputs of one unit of a weight, as PyTorch counts them:
/// [out, in, k...] has in * k... and out * k...; of a transposed convolution
/// [in, out, k...] the two come out exchanged, as in PyTorch.
int64_t FanIn(at::IntArrayRef shape);
int64_t FanOut(at::IntArrayRef shape);

/// torch.nn.init.xavier_uniform_: bound sqrt(6 / (fan_in + fan_out)).
InitRule XavierUniform(at::IntArrayRef shape);
/// PyTorch's own rule for the weights of linear and convolution layers, and
/// PEFT's for LoRA's A: kaiming_uniform_(a=sqrt(5)), bound 1 / sqrt(fan_in).
InitRule KaimingUniformSqrt5(at::IntArrayRef shape);
/// mmcv's rule for convolutions: normal with standard deviation
/// sqrt(2 / fan_out).
InitRule KaimingNormalFanOut(at::IntArrayRef shape);
/// Flax's lecun_normal: a truncated normal with variance 1 / fan_in.
InitRule LecunNormal(at::IntArrayRef shape);

/// Overwrites `tensor`, in row-major order of its elements. The values depend
/// on (rule, seed, name, number of elements) alone; `name` is the tensor's full
/// name. Drawn in double precision, then rounded to the tensor's type.
void Draw(const InitRule& rule, uint64_t seed, absl::string_view name,
          const at::Tensor& tensor);

/// The rules of one part of a network.
struct InitRules {
  /// First word of its tensors' names, "siglip".
  absl::string_view part;
  /// The rule of the tensor `name`, without the first word. `shape` is the
  /// tensor's own; of X.bias that of X.weight, because PyTorch draws a bias
  /// from the range of the weight that it goes with.
  InitRule (*rule)(absl::string_view name, at::IntArrayRef shape);
};

/// Overwrites all parameters and buffers of `model`, except the running
/// statistics of norms. A tensor's values depend on (seed, name, shape) alone.
///
/// | tensors              | rule                                    |
/// |----------------------|-----------------------------------------|
/// | norms                | weight 1, bias 0                        |
/// | LoRA factors (PEFT)  | A Kaiming uniform (a = sqrt(5)), B 0    |
/// | any other            | that of `rules` for its part            |
///
/// \throws c10::Error for a tensor without a rule.
void DrawInitialWeights(torch::nn::Module& model,
                        const std::vector<InitRules>& rules, uint64_t seed);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_INIT_H_
