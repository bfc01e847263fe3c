/// \file
/// A learned table: the one-parameter module behind embeddings.
#ifndef TRANSECT_MODEL_BASE_TABLE_H_
#define TRANSECT_MODEL_BASE_TABLE_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <utility>

namespace transect {

/// Holds a parameter `weight` of any shape, not initialized. Look-ups are done
/// by its owner.
class TableImpl : public torch::nn::Module {
 public:
  /// \param weight becomes the parameter; usually at::empty({rows, columns}).
  explicit TableImpl(at::Tensor weight)
      : weight(register_parameter("weight", std::move(weight))) {}

  at::Tensor weight;
};
TORCH_MODULE(Table);

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_TABLE_H_
