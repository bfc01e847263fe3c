#include "model/siglip/encoder.h"

#include <torch/torch.h>

#include "absl/strings/str_cat.h"
#include "model/base/stages.h"
#include "model/layers/activation_checkpointing.h"
#include "model/layers/attention.h"

namespace transect {

LayerNorm SiglipNorm(int64_t channels) { return LayerNorm(channels, 1e-6); }

SiglipAttentionImpl::SiglipAttentionImpl(int64_t channels, int64_t heads)
    : heads_(heads) {
  q_proj_ = register_module("q_proj", Linear(channels, channels));
  k_proj_ = register_module("k_proj", Linear(channels, channels));
  v_proj_ = register_module("v_proj", Linear(channels, channels));
  out_proj_ = register_module("out_proj", Linear(channels, channels));
}

at::Tensor SiglipAttentionImpl::forward(const at::Tensor& x,
                                        const at::Tensor& allowed) {
  return out_proj_->forward(Attention(q_proj_->forward(x), k_proj_->forward(x),
                                      v_proj_->forward(x), heads_, allowed));
}

SiglipLayerImpl::SiglipLayerImpl(const TowerSize& size) {
  const int64_t channels = size.hidden_size();
  layer_norm1_ = register_module("layer_norm1", SiglipNorm(channels));
  self_attn_ =
      register_module("self_attn", SiglipAttention(channels, size.heads()));
  layer_norm2_ = register_module("layer_norm2", SiglipNorm(channels));
  mlp_ = register_module(
      "mlp", Mlp(MlpImpl::Options{.width = channels,
                                  .inner = size.mlp_size(),
                                  .activation = Activation::kGeluTanh,
                                  .first = "fc1",
                                  .second = "fc2"}));
}

at::Tensor SiglipLayerImpl::forward(const at::Tensor& x,
                                    const at::Tensor& allowed) {
  const at::Tensor attended =
      x + self_attn_->forward(layer_norm1_->forward(x), allowed);
  return attended + mlp_->forward(layer_norm2_->forward(attended));
}

SiglipEncoderImpl::SiglipEncoderImpl(const TowerSize& size) {
  const auto list = register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < size.layers(); ++i) {
    layers_.emplace_back(size);
    list->push_back(layers_.back());
  }
}

at::Tensor SiglipEncoderImpl::forward(const at::Tensor& x,
                                      const at::Tensor& allowed) {
  at::Tensor tokens = x;
  for (size_t i = 0; i < layers_.size(); ++i) {
    SiglipLayer& layer = layers_[i];
    tokens = checkpoint_activations_
                 ? CheckpointActivations(
                       *layer, tokens,
                       [layer, allowed](const at::Tensor& in) mutable {
                         return layer->forward(in, allowed);
                       })
                 : layer->forward(tokens, allowed);
    RecordStage(absl::StrCat("layer.", i), tokens);
  }
  return tokens;
}

}  // namespace transect
