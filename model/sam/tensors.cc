#include <string>

#include "absl/strings/str_cat.h"
#include "model/sam/spec.h"

namespace transect {
namespace {

void AddSamVision(TensorBuilder* b, const SamSpec& sam) {
  const std::string encoder = "sam.vision_encoder";
  const int64_t c = sam.vision().hidden_size();
  const int64_t mlp = sam.vision().mlp_size();
  const int64_t out = sam.prompt_channels();
  const int64_t grid = SamGrid(sam);
  const int64_t head_size = c / sam.vision().heads();
  b->Add(encoder + ".pos_embed", {1, grid, grid, c});
  b->Conv(encoder + ".patch_embed.projection", 3, c, sam.patch_size(),
          /*bias=*/true);
  for (int i = 0; i < sam.vision().layers(); ++i) {
    const std::string layer = absl::StrCat(encoder, ".layers.", i);
    const int64_t side = IsGlobalLayer(sam, i) ? grid : sam.window_size();
    b->Norm(layer + ".layer_norm1", c);
    b->Add(layer + ".attn.rel_pos_h", {2 * side - 1, head_size});
    b->Add(layer + ".attn.rel_pos_w", {2 * side - 1, head_size});
    b->Linear(layer + ".attn.qkv", c, 3 * c);
    b->Linear(layer + ".attn.proj", c, c);
    b->Norm(layer + ".layer_norm2", c);
    b->Linear(layer + ".mlp.lin1", c, mlp);
    b->Linear(layer + ".mlp.lin2", mlp, c);
  }
  b->Conv(encoder + ".neck.conv1", c, out, 1, /*bias=*/false);
  b->Norm(encoder + ".neck.layer_norm1", out);
  b->Conv(encoder + ".neck.conv2", out, out, 3, /*bias=*/false);
  b->Norm(encoder + ".neck.layer_norm2", out);
}

void AddSamPromptEncoder(TensorBuilder* b, const SamSpec& sam) {
  const std::string encoder = "sam.prompt_encoder";
  const int64_t c = sam.prompt_channels();
  const int64_t wide = sam.mask_input_channels();
  const int64_t narrow = wide / 4;
  b->Conv(encoder + ".mask_embed.conv1", 1, narrow, 2, /*bias=*/true);
  b->Conv(encoder + ".mask_embed.conv2", narrow, wide, 2, /*bias=*/true);
  b->Conv(encoder + ".mask_embed.conv3", wide, c, 1, /*bias=*/true);
  b->Norm(encoder + ".mask_embed.layer_norm1", narrow);
  b->Norm(encoder + ".mask_embed.layer_norm2", wide);
  b->Add(encoder + ".no_mask_embed.weight", {1, c});
  for (int i = 0; i < 4; ++i) {
    b->Add(absl::StrCat(encoder, ".point_embed.", i, ".weight"), {1, c});
  }
  b->Add(encoder + ".not_a_point_embed.weight", {1, c});
}

void AddDecoderAttention(TensorBuilder* b, const std::string& module, int64_t c,
                         int64_t inner) {
  for (const char* name : {"q_proj", "k_proj", "v_proj"}) {
    b->Linear(absl::StrCat(module, ".", name), c, inner);
  }
  b->Linear(module + ".out_proj", inner, c);
}

// Perceptron of one of the decoder's heads: `layers` linear layers.
void AddFeedForward(TensorBuilder* b, const std::string& module, int64_t in,
                    int64_t inner, int64_t out, int64_t layers) {
  b->Linear(module + ".proj_in", in, inner);
  for (int64_t i = 0; i + 2 < layers; ++i) {
    b->Linear(absl::StrCat(module, ".layers.", i), inner, inner);
  }
  b->Linear(module + ".proj_out", inner, out);
}

void AddSamMaskDecoder(TensorBuilder* b, const SamSpec& sam) {
  const std::string decoder = "sam.mask_decoder";
  const int64_t c = sam.prompt_channels();
  b->Add(decoder + ".iou_token.weight", {1, c});
  b->Add(decoder + ".mask_tokens.weight", {4, c});
  for (int i = 0; i < sam.decoder_layers(); ++i) {
    const std::string layer = absl::StrCat(decoder, ".transformer.layers.", i);
    AddDecoderAttention(b, layer + ".self_attn", c, c);
    b->Norm(layer + ".layer_norm1", c);
    AddDecoderAttention(b, layer + ".cross_attn_token_to_image", c, c / 2);
    b->Norm(layer + ".layer_norm2", c);
    b->Linear(layer + ".mlp.lin1", c, sam.decoder_mlp_size());
    b->Linear(layer + ".mlp.lin2", sam.decoder_mlp_size(), c);
    b->Norm(layer + ".layer_norm3", c);
    b->Norm(layer + ".layer_norm4", c);
    AddDecoderAttention(b, layer + ".cross_attn_image_to_token", c, c / 2);
  }
  AddDecoderAttention(b, decoder + ".transformer.final_attn_token_to_image", c,
                      c / 2);
  b->Norm(decoder + ".transformer.layer_norm_final_attn", c);
  // Transposed convolutions: [in, out, k, k].
  b->Add(decoder + ".upscale_conv1.weight", {c, c / 4, 2, 2});
  b->Add(decoder + ".upscale_conv1.bias", {c / 4});
  b->Add(decoder + ".upscale_conv2.weight", {c / 4, c / 8, 2, 2});
  b->Add(decoder + ".upscale_conv2.bias", {c / 8});
  b->Norm(decoder + ".upscale_layer_norm", c / 4);
  for (int i = 0; i < 4; ++i) {
    AddFeedForward(b, absl::StrCat(decoder, ".output_hypernetworks_mlps.", i),
                   c, c, c / 8, 3);
  }
  AddFeedForward(b, decoder + ".iou_prediction_head", c, IouHeadSize(sam), 4,
                 sam.iou_head_layers());
}

}  // namespace

void AddSamTensors(const SamSpec& sam, Tuning tuning, TensorBuilder* b) {
  const bool all = tuning == Tuning::kEverything;
  const bool nothing = tuning == Tuning::kNothing;
  b->AddBuffer("sam.shared_image_embedding.positional_embedding",
               {2, sam.prompt_channels() / 2});
  b->SetTrainable(all);
  AddSamVision(b, sam);
  b->SetTrainable(all || (sam.tune_prompt_encoder() && !nothing));
  AddSamPromptEncoder(b, sam);
  b->SetTrainable(!nothing);
  AddSamMaskDecoder(b, sam);
}

}  // namespace transect
