#include "model/siglip/vision_encoder.h"

#include <torch/torch.h>

#include "model/base/cast.h"
#include "model/base/stages.h"
#include "model/layers/mlp.h"
#include "model/siglip/spec.h"

namespace transect {

SiglipVisionEmbeddingsImpl::SiglipVisionEmbeddingsImpl(const SiglipSpec& spec) {
  const int64_t channels = spec.vision().hidden_size();
  const int64_t tokens = SiglipGrid(spec) * SiglipGrid(spec);
  patch_embedding_ =
      register_module("patch_embedding",
                      Conv2d(Conv2dImpl::Options{.in = 3,
                                                 .out = channels,
                                                 .kernel = spec.patch_size(),
                                                 .stride = spec.patch_size()}));
  position_embedding_ = register_module(
      "position_embedding", Table(torch::empty({tokens, channels})));
}

at::Tensor SiglipVisionEmbeddingsImpl::forward(const at::Tensor& image) {
  const at::Tensor patches = patch_embedding_->forward(image);
  return patches.flatten(2).transpose(1, 2) +
         InTypeOf(patches, position_embedding_->weight);
}

SiglipPoolingHeadImpl::SiglipPoolingHeadImpl(const TowerSize& size) {
  const int64_t channels = size.hidden_size();
  register_parameter("probe", torch::empty({1, 1, channels}));
  attention_ = register_module("attention", Attention(channels));
  register_module("layernorm", SiglipNorm(channels));
  register_module("mlp",
                  Mlp(MlpImpl::Options{.width = channels,
                                       .inner = size.mlp_size(),
                                       .activation = Activation::kGeluTanh,
                                       .first = "fc1",
                                       .second = "fc2"}));
}

SiglipPoolingHeadImpl::AttentionImpl::AttentionImpl(int64_t channels) {
  register_parameter("in_proj_weight", torch::empty({3 * channels, channels}));
  register_parameter("in_proj_bias", torch::empty({3 * channels}));
  register_module("out_proj", Linear(channels, channels));
}

SiglipVisionEncoderImpl::SiglipVisionEncoderImpl(const SiglipSpec& spec)
    : image_size_(spec.image_size()) {
  embeddings_ = register_module("embeddings", SiglipVisionEmbeddings(spec));
  encoder_ = register_module("encoder", SiglipEncoder(spec.vision()));
  post_layernorm_ = register_module("post_layernorm",
                                    SiglipNorm(spec.vision().hidden_size()));
  if (spec.include_dead_head()) {
    register_module("head", SiglipPoolingHead(spec.vision()));
  }
}

at::Tensor SiglipVisionEncoderImpl::forward(const at::Tensor& image) {
  TORCH_CHECK(image.dim() == 4 && image.size(1) == 3 &&
                  image.size(2) == image_size_ && image.size(3) == image_size_,
              "siglip.vision_model: image must be [B, 3, ", image_size_, ", ",
              image_size_, "], got ", image.sizes());
  const StagePrefix prefix("vision_");
  const at::Tensor hidden =
      post_layernorm_->forward(encoder_->forward(embeddings_->forward(image)));
  RecordStage("hidden", hidden);
  return hidden;
}

}  // namespace transect
