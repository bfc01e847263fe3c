/// \file
/// The interface between a network and the code that trains or evaluates it.
///
/// input: a batch of images and sentences (`ModelInput`); output: mask logits
/// (`ModelOutput`). Written by the modules of model/, read by the trainer, the
/// evaluator and `model/loss.h`. A network never resizes to the label, never
/// computes a loss and knows nothing of optimizers or ranks beyond
/// `ShardSum`.
#ifndef TRANSECT_MODEL_BASE_SEGMENTATION_MODEL_H_
#define TRANSECT_MODEL_BASE_SEGMENTATION_MODEL_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <vector>

#include "model/base/evaluation_memo.h"
#include "model/base/joint_tape.h"

namespace transect {

/// One batch as a network takes it. Shape letters: model/README.md.
struct ModelInput {
  /// [B, 3, S, S] float32, RGB, 0 to 1, on the device of the model; S is the
  /// segmentation model's image size. Networks normalize it themselves.
  at::Tensor image;
  /// [B, T] int64 on the CPU; every sentence ends with its end token and is
  /// filled up with pads (id 1) to T, which is the same for all batches of a
  /// run.
  at::Tensor token_ids;
  /// [B] int64 on the CPU: tokens of each sentence, its end token included.
  at::Tensor token_counts;
  /// [B]: identities of the samples, the key of every random draw. Needed in
  /// training mode only.
  std::vector<int64_t> sample_ids;
  /// Optimizer step, the other key of random draws. Training mode only.
  int64_t step = 0;
  /// [B, 3, s, s] like `image`, at the size of SigLIP's vision tower, where it
  /// is not to be made from `image`; else undefined.
  at::Tensor siglip_image;
  /// Evaluation mode only: what earlier passes with these weights left, and
  /// with these images where it is not empty; or null. The stages
  /// (model/base/stages.h) of what it holds are not recorded again.
  EvaluationMemo* memo = nullptr;
};

/// What a network says about a batch.
struct ModelOutput {
  /// [B, 1, h, w] float32 logits of the mask, at the network's own resolution,
  /// covering the whole image.
  at::Tensor mask_logits;
  /// [B, 1, h', w'] float32 logits of "this patch belongs to the sentence",
  /// before the sigmoid; undefined for networks without such a map.
  at::Tensor activation_logits;
};

class ShardSum;

/// How a network is built, besides its spec. Nothing of it changes names or
/// shapes.
struct BuildOptions {
  /// Sums batch statistics over logical shards; null means one shard. Must
  /// outlive the network.
  ShardSum* shards = nullptr;
  /// Type of frozen parameters and of activations: kFloat, kBFloat16 or kHalf.
  at::ScalarType compute = at::kFloat;
  at::Device device = at::kCPU;
  /// Activation checkpointing of the towers' blocks
  /// (model/layers/activation_checkpointing.h). The same bits.
  bool checkpoint_activations = false;
};

/// A network that segments what a sentence names.
///
/// `named_parameters()` and `named_buffers()` carry exactly the names of
/// `TensorTable` (model/tensor_table.h), and `requires_grad` its trainable
/// flags. `train()` and `eval()` switch dropout and batch statistics.
class SegmentationModel : public torch::nn::Module {
 public:
  /// Deterministic for a fixed number of threads: random draws in training mode
  /// are keyed by (seed, step, sample, module), so the result of a sample does
  /// not depend on its place in the batch.
  /// \throws c10::Error where shapes disagree or a sentence is unusable; the
  ///   message names both.
  virtual ModelOutput Forward(const ModelInput& input) = 0;

  /// A training step passes the logical shards of a rank through in three
  /// stages, because a network with batch statistics needs all of them at once
  /// somewhere, and they do not fit into memory at once everywhere: Encode and
  /// Decode take one shard after the other, what Join keeps for its backward
  /// pass is small. A rank with several shards encodes each twice. Every
  /// trained tensor is used in one stage only, and in Join between two meetings
  /// only (model/base/joint_tape.h): then the bits do not depend on how many
  /// shards a rank has.
  ///
  /// Forward(input) is Decode(input, Join({Encode(input)}, ..)[0]). A network
  /// without batch statistics leaves all three as they are: Decode is Forward.

  /// What a shard needs none of the others for, up to the first statistic.
  virtual Features Encode(const ModelInput& input);
  /// What all shards do together; `encoded` are those of this rank, in order.
  virtual std::vector<Features> Join(const std::vector<Features>& encoded,
                                     JointTape* tape);
  /// The rest of a shard.
  virtual ModelOutput Decode(const ModelInput& input, const Features& joined);
};

/// What an evaluation knows and a network must not: where the named objects
/// are. It reaches a network through `OracleModel::ForwardWithTruth` and in no
/// other way, so that a network of another class cannot see it.
struct GroundTruth {
  /// [B, 4] float32: left, top, right and bottom pixel of the true mask at the
  /// size of `ModelInput::image`, the last two inside the mask.
  at::Tensor boxes;
};

/// A network that is told the truth, as a bound for those that are not. Whoever
/// reports its numbers must say so: its class is how one can tell.
class OracleModel : public SegmentationModel {
 public:
  /// As `SegmentationModel::Forward`.
  virtual ModelOutput ForwardWithTruth(const ModelInput& input,
                                       const GroundTruth& truth) = 0;
  /// Always throws: there is no answer without the truth.
  ModelOutput Forward(const ModelInput& input) final;
};

/// Sums small tensors over the logical shards of a step: the statistics of
/// batch normalization.
class ShardSum {
 public:
  virtual ~ShardSum() = default;
  /// Elementwise sum over all shards of all ranks, in an order that depends on
  /// the number of shards alone: the same bits on every rank and for every
  /// number of ranks. No gradient. All ranks call it equally often and in the
  /// same order.
  ///
  /// \param what says in a few words what is summed, for errors.
  /// \param values one for each shard of this rank.
  /// \throws c10::Error if a rank is lost.
  virtual at::Tensor Sum(const char* what,
                         const std::vector<at::Tensor>& values) = 0;
  /// Number of shards of all ranks, 1 or more.
  virtual int shards() const = 0;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_SEGMENTATION_MODEL_H_
