#include "model/base/joint_tape.h"

#include <torch/torch.h>

#include <utility>

namespace transect {

Features CutGraph(const Features& features) {
  Features cut;
  for (const at::Tensor& tensor : features) {
    cut.push_back(tensor.defined()
                      ? tensor.detach().requires_grad_(tensor.requires_grad())
                      : at::Tensor());
  }
  return cut;
}

Features GradientsOf(const Features& cut) {
  Features gradients;
  for (const at::Tensor& tensor : cut) {
    gradients.push_back(tensor.defined() ? tensor.grad() : at::Tensor());
  }
  return gradients;
}

void BackwardInto(const Features& outputs, const Features& gradients) {
  torch::autograd::variable_list roots, seeds;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined() || !outputs[i].requires_grad() ||
        !gradients[i].defined()) {
      continue;
    }
    roots.push_back(outputs[i]);
    seeds.push_back(gradients[i]);
  }
  if (!roots.empty()) torch::autograd::backward(roots, seeds);
}

std::vector<at::Tensor> JointTape::Record(std::vector<at::Tensor> inputs,
                                          std::vector<at::Tensor> outputs,
                                          std::unique_ptr<Meeting> meeting) {
  for (at::Tensor& output : outputs) {
    output = output.detach().requires_grad_(at::GradMode::is_enabled());
  }
  cuts_.push_back({std::move(inputs), outputs, std::move(meeting),
                   std::exchange(branches_, {})});
  return outputs;
}

std::vector<at::Tensor> JointTape::Branch(
    const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> leaves = CutGraph(tensors);
  branches_.push_back({tensors, leaves});
  return leaves;
}

void JointTape::Backward(const std::vector<Features>& outputs,
                         const std::vector<Features>& gradients,
                         const ForEachShard& for_each_shard) {
  // What ends the graphs of a stage besides `ends`.
  const auto backward = [](Features ends, Features seeds,
                           const std::vector<Branched>& branches,
                           size_t shard) {
    for (const Branched& branch : branches) {
      ends.push_back(branch.ends[shard]);
      seeds.push_back(branch.leaves[shard].grad());
    }
    BackwardInto(ends, seeds);
  };
  for_each_shard([&](size_t shard) {
    // Leaves are the far ends of branches, whose near ends come with the rest.
    Features leaves, ends, of_leaves, of_ends;
    for (size_t i = 0; i < outputs[shard].size(); ++i) {
      const at::Tensor& output = outputs[shard][i];
      const bool is_leaf = output.defined() && output.is_leaf();
      (is_leaf ? leaves : ends).push_back(output);
      (is_leaf ? of_leaves : of_ends).push_back(gradients[shard][i]);
    }
    BackwardInto(leaves, of_leaves);
    backward(ends, of_ends, branches_, shard);
  });
  branches_.clear();
  while (!cuts_.empty()) {
    const Cut cut = std::move(cuts_.back());
    cuts_.pop_back();
    std::vector<at::Tensor> arrived;
    for (const at::Tensor& output : cut.outputs) {
      arrived.push_back(output.grad().defined() ? output.grad()
                                                : at::zeros_like(output));
    }
    cut.meeting->Meet(arrived);
    for_each_shard([&](size_t shard) {
      backward({cut.inputs[shard]}, {cut.meeting->Backward(shard)},
               cut.branches, shard);
    });
  }
}

}  // namespace transect
