#include "model/layers/activation_checkpointing.h"

#include <torch/torch.h>

#include <utility>

namespace transect {
namespace {

using Block = std::function<at::Tensor(const at::Tensor&)>;

// autograd keeps objects of this kind.
struct HeldBlock : torch::CustomClassHolder {
  explicit HeldBlock(Block held) : block(std::move(held)) {}
  Block block;
};

struct CheckpointedBlock : torch::autograd::Function<CheckpointedBlock> {
  // `anchor` needs a gradient, so that the output does where x does not.
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& x, const at::Tensor& anchor,
                            const c10::intrusive_ptr<HeldBlock>& held) {
    context->save_for_backward({x});
    context->saved_data["block"] = c10::IValue::make_capsule(held);
    return held->block(x);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    const auto held = c10::static_intrusive_pointer_cast<HeldBlock>(
        context->saved_data["block"].toCapsule());
    const bool wanted = context->needs_input_grad(0);
    at::Tensor x = context->get_saved_variables()[0].detach();
    x.requires_grad_(wanted);
    {
      const at::AutoGradMode with_grad(true);
      const at::Tensor y = held->block(x);
      torch::autograd::backward({y}, {gradients[0]});
    }
    return {wanted ? x.grad() : at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

bool NeedsGradient(const torch::nn::Module& module, const at::Tensor& x) {
  if (x.requires_grad()) return true;
  for (const at::Tensor& parameter : module.parameters()) {
    if (parameter.requires_grad()) return true;
  }
  return false;
}

}  // namespace

at::Tensor CheckpointActivations(const torch::nn::Module& module,
                                 const at::Tensor& x, const Block& block) {
  if (!at::GradMode::is_enabled() || !NeedsGradient(module, x)) {
    return block(x);
  }
  const at::Tensor anchor = at::zeros({}, at::kFloat).requires_grad_(true);
  return CheckpointedBlock::apply(x, anchor,
                                  c10::make_intrusive<HeldBlock>(block));
}

}  // namespace transect
