/// \file
/// The backward pass of what the logical shards of a step compute together.
///
/// A step's batch is cut into logical shards, of which a rank may hold several.
/// Each is a graph of its own, so that its gradient is its own; the graphs meet
/// where a layer needs all shards, such as batch normalization
/// (model/layers/sync_batch_norm.h). There the graph is cut: one graph of each
/// shard ends at the layer's input, another begins at its output, and the layer
/// says here how gradients cross. So the backward pass never waits inside
/// LibTorch's autograd engine, whose threads the shards of one GPU share.
#ifndef TRANSECT_MODEL_BASE_JOINT_TAPE_H_
#define TRANSECT_MODEL_BASE_JOINT_TAPE_H_

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace transect {

/// What a stage of a network gives of one shard, in an order that is the
/// network's own; tensors may be undefined.
using Features = std::vector<at::Tensor>;

/// Copies that begin a new graph: they need a gradient where the originals do.
/// Without grad mode nothing does.
Features CutGraph(const Features& features);

/// The gradients that the tensors of a CutGraph have received; undefined where
/// there is none.
Features GradientsOf(const Features& cut);

/// backward() of those tensors of `outputs` that have a graph and a gradient.
void BackwardInto(const Features& outputs, const Features& gradients);

/// A layer at which shards meet. Everything it holds is one shard per element.
class Meeting {
 public:
  virtual ~Meeting() = default;
  /// Takes the gradient of the layer's output of each shard, zeros where none
  /// came, and exchanges what the shards need of each other.
  /// \throws c10::Error if a rank is lost.
  virtual void Meet(const std::vector<at::Tensor>& gradients) = 0;
  /// Adds the gradients of the layer's parameters from `shard` to theirs and
  /// returns the gradient of the layer's input.
  virtual at::Tensor Backward(size_t shard) = 0;
};

/// Calls its argument for each shard of this rank in order. What the gradients
/// of the parameters receive in between is that shard's.
using ForEachShard =
    std::function<void(const std::function<void(size_t shard)>& body)>;

class JointTape {
 public:
  /// Records a layer in the order of the forward pass. `inputs` end the graphs
  /// before it.
  /// \returns the leaves with which the graphs behind it begin: `outputs`, made
  ///   without a graph.
  std::vector<at::Tensor> Record(std::vector<at::Tensor> inputs,
                                 std::vector<at::Tensor> outputs,
                                 std::unique_ptr<Meeting> meeting);

  /// Takes a tensor of each shard that leaves the stage before the next
  /// meeting: an output that the layers behind are made of too. Its gradient is
  /// kept until the graph in which it was made is gone through.
  /// \returns leaves, to be given to who is outside.
  std::vector<at::Tensor> Branch(const std::vector<at::Tensor>& tensors);

  /// Goes back from `outputs` of each shard, whose gradients are given
  /// (undefined for none), through all that is recorded. Every graph between
  /// two meetings is gone through once, by one round of `for_each_shard`; a
  /// parameter must have its gradient from one of these graphs only, else the
  /// sum over shards has another order.
  void Backward(const std::vector<Features>& outputs,
                const std::vector<Features>& gradients,
                const ForEachShard& for_each_shard);

 private:
  // Ends of graphs between two meetings besides the inputs of the second.
  struct Branched {
    std::vector<at::Tensor> ends, leaves;
  };
  struct Cut {
    std::vector<at::Tensor> inputs, outputs;
    std::unique_ptr<Meeting> meeting;
    std::vector<Branched> branches;
  };
  std::vector<Cut> cuts_;
  // Since the last meeting.
  std::vector<Branched> branches_;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_JOINT_TAPE_H_
