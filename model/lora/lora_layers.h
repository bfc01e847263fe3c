/// \file
/// Linear and convolution layers to which a LoRA adapter can be attached.
///
/// Equation 2 of the RSRefSeg paper with PEFT's scale:
///
///   y = W x + b + B(A(dropout(x))) * alpha / rank
///
/// A starts Kaiming-uniform and B at zero, so an adapter changes nothing before
/// it is trained. Without adapter the layers are the ordinary ones; parameters
/// are created uninitialized (model/base/init.h draws them).
/// Layers compute in the type of their input (model/base/cast.h).
#ifndef TRANSECT_MODEL_LORA_LORA_LAYERS_H_
#define TRANSECT_MODEL_LORA_LORA_LAYERS_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "model/base/table.h"
#include "model/lora/dropout.h"
#include "model/lora/lora.pb.h"

namespace transect {

/// Most that merging may lose of an adapter: the Frobenius norm of the rounding
/// of the merged weight over that of B A * alpha / rank. fp32 is far below it;
/// in half precision most adapters are above it, since they are small beside
/// the weight.
inline constexpr double kMergeTolerance = 1e-2;

/// What the adaptable layers have in common: their adapter.
class LoraLayerImpl : public torch::nn::Module {
 public:
  /// Adds the factors as submodules lora_A and lora_B, each with `weight`.
  /// \param spec rank, alpha and dropout, resolved; see lora.proto.
  /// \param name full name of this layer, the key of its dropout masks.
  /// \param key shared with the other adapters of the network.
  /// Called once, before the first forward.
  void AttachLora(const LoraSpec& spec, const std::string& name,
                  std::shared_ptr<const DropoutKey> key);

  /// Makes W + B A * alpha / rank of the values of now, with which evaluation
  /// mode computes until Unmerge; training mode goes on computing as ever.
  /// \returns whether there is an adapter and the weight's type holds the
  ///   merged weight within kMergeTolerance; else nothing changes.
  bool Merge();
  void Unmerge() { merged_.reset(); }

 protected:
  /// The adapter's factors as PEFT shapes them.
  struct Factors {
    at::Tensor a, b;
  };
  virtual Factors EmptyFactors(int64_t rank) const = 0;
  /// The weight that the adapter adapts.
  virtual const at::Tensor& BaseWeight() const = 0;
  /// What to compute with as if there were no adapter: the weight where there
  /// is none, the merged weight where that is to be used, else undefined.
  at::Tensor SoleWeight() const;

  bool adapted() const { return !lora_a_.is_empty(); }
  double lora_scale() const { return scale_; }
  const at::Tensor& lora_a() const { return lora_a_->weight; }
  const at::Tensor& lora_b() const { return lora_b_->weight; }
  /// Of this forward pass; nothing is dropped in evaluation mode.
  DropoutDraws Draws() const;

 private:
  Table lora_a_{nullptr}, lora_b_{nullptr};
  double scale_ = 1, dropout_ = 0;
  std::string name_;
  std::shared_ptr<const DropoutKey> key_;
  at::Tensor merged_;
};

/// y = x W^T + b. Parameters weight [out, in] and, with `bias`, bias [out];
/// factors A [r, in], B [out, r].
class LinearImpl : public LoraLayerImpl {
 public:
  LinearImpl(int64_t in, int64_t out, bool bias = true);

  /// \param x [..., in]. \returns [..., out], contiguous.
  at::Tensor forward(const at::Tensor& x);

 private:
  Factors EmptyFactors(int64_t rank) const override;
  const at::Tensor& BaseWeight() const override { return weight_; }

  at::Tensor weight_, bias_;
};
TORCH_MODULE(Linear);

/// A square convolution. Parameters weight [out, in, k, k] and, with `bias`,
/// bias [out]; factors A [r, in, k, k] (a convolution with the same stride and
/// padding), B [out, r, 1, 1].
///
/// Where the kernel equals the stride and nothing is padded (patch embeddings,
/// 1 x 1), it is computed as a linear layer over patches, which is
/// deterministic on every device; rows and columns that do not fill a patch are
/// not read.
class Conv2dImpl : public LoraLayerImpl {
 public:
  struct Options {
    int64_t in, out, kernel;
    int64_t stride = 1;
    int64_t padding = 0;
    bool bias = true;
  };
  explicit Conv2dImpl(const Options& options);

  /// \param x [B, in, H, W] with any strides.
  /// \returns [B, out, H', W'], channels last in memory.
  at::Tensor forward(const at::Tensor& x);

 private:
  Factors EmptyFactors(int64_t rank) const override;
  const at::Tensor& BaseWeight() const override { return weight_; }
  at::Tensor Convolve(const at::Tensor& x, const at::Tensor& weight,
                      const at::Tensor& bias) const;

  const Options options_;
  at::Tensor weight_, bias_;
};
TORCH_MODULE(Conv2d);

}  // namespace transect

#endif  // TRANSECT_MODEL_LORA_LORA_LAYERS_H_
