#include "launch/collective/tree_sum.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstddef>
#include <utility>

namespace transect {

at::Tensor TreeSum(std::vector<at::Tensor> parts) {
  const at::NoGradGuard no_grad;
  while (parts.size() > 1) {
    std::vector<at::Tensor> level;
    for (size_t i = 0; i < parts.size(); i += 2) {
      if (i + 1 < parts.size()) parts[i].add_(parts[i + 1]);
      level.push_back(parts[i]);
    }
    parts = std::move(level);
  }
  return parts[0];
}

void RunningTreeSum::Add(const at::Tensor& part) {
  const at::NoGradGuard no_grad;
  if (!subtrees_.empty() && subtrees_.back().level == 0) {
    subtrees_.back().sum.add_(part);
    subtrees_.back().level = 1;
  } else {
    at::Tensor copy;
    if (spare_.empty()) {
      copy = part.clone();
    } else {
      copy = std::move(spare_.back());
      spare_.pop_back();
      copy.copy_(part);
    }
    subtrees_.push_back({0, std::move(copy)});
  }
  while (subtrees_.size() > 1 &&
         subtrees_[subtrees_.size() - 2].level == subtrees_.back().level) {
    Subtree& left = subtrees_[subtrees_.size() - 2];
    left.sum.add_(subtrees_.back().sum);
    ++left.level;
    spare_.push_back(std::move(subtrees_.back().sum));
    subtrees_.pop_back();
  }
}

at::Tensor RunningTreeSum::Take() {
  const at::NoGradGuard no_grad;
  // What is left over joins from the right, the smallest first.
  while (subtrees_.size() > 1) {
    subtrees_[subtrees_.size() - 2].sum.add_(subtrees_.back().sum);
    spare_.push_back(std::move(subtrees_.back().sum));
    subtrees_.pop_back();
  }
  at::Tensor sum = std::move(subtrees_.back().sum);
  subtrees_.clear();
  return sum;
}

}  // namespace transect
