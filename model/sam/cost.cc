#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "model/sam/spec.h"

namespace transect {
namespace {

Flops LayerFlops(const SamSpec& sam, bool global) {
  const int64_t d = sam.vision().hidden_size();
  const int64_t grid = SamGrid(sam);
  // Tokens that attend to each other: the side of their square, the number of
  // squares.
  const int64_t side = global ? grid : sam.window_size();
  const int64_t padded = global ? grid : PaddedGrid(sam);
  const int64_t squares = (padded / side) * (padded / side);
  const int64_t n = padded * padded;
  const int64_t tokens = side * side;
  Flops flops;
  flops.linear = 8 * n * d * d + 4 * grid * grid * d * sam.vision().mlp_size();
  // Relative positions of both axes: 2 * heads * n * (side + side) * head size.
  flops.attention = squares * 4 * tokens * tokens * d + 4 * n * side * d;
  return flops;
}

// Norm inputs, attention's input, q, k, v, output and the projection's input,
// the MLP's activation input, and the MLP's inputs because it is adapted.
// `attended` are the tokens with the padding of windows.
BlockMemory LayerMemory(const SamSpec& sam, bool global) {
  const int64_t d = sam.vision().hidden_size();
  const int64_t m = sam.vision().mlp_size();
  const int64_t n = SamGrid(sam) * SamGrid(sam);
  const int64_t attended = global ? n : PaddedGrid(sam) * PaddedGrid(sam);
  BlockMemory memory;
  memory.input = n * d;
  memory.elements = 3 * n * d + 6 * attended * d + 2 * n * m;
  memory.masks = 2 * attended * d + n * d + n * m;
  memory.logsumexp = attended * sam.vision().heads();
  return memory;
}

int64_t SamNeck(const SamSpec& sam) {
  const int64_t n = SamGrid(sam) * SamGrid(sam);
  const int64_t d = sam.vision().hidden_size();
  const int64_t c = sam.prompt_channels();
  return 2 * n * d * c + 2 * n * 9 * c * c;
}

int64_t MaskEmbedding(const SamSpec& sam) {
  const int64_t n = SamGrid(sam) * SamGrid(sam);
  const int64_t wide = sam.mask_input_channels();
  const int64_t narrow = wide / 4;
  return 2 * (4 * n) * narrow * 4 + 2 * n * narrow * wide * 4 +
         2 * n * wide * sam.prompt_channels();
}

// Attention of the mask decoder: a queries, b keys, d channels, e inside.
int64_t DecoderAttention(int64_t a, int64_t b, int64_t d, int64_t e) {
  return 2 * a * d * e + 4 * b * d * e + 4 * a * b * e + 2 * a * e * d;
}

int64_t MaskDecoder(const SamSpec& sam, int64_t prompts) {
  const int64_t n = SamGrid(sam) * SamGrid(sam);
  const int64_t d = sam.prompt_channels();
  // IoU token, four mask tokens, prompts.
  const int64_t a = 5 + prompts;
  const int64_t layer =
      DecoderAttention(a, a, d, d) + DecoderAttention(a, n, d, d / 2) +
      4 * a * d * sam.decoder_mlp_size() + DecoderAttention(n, a, d, d / 2);
  const int64_t upscaling =
      2 * n * d * (d / 4) * 4 + 2 * (4 * n) * (d / 4) * (d / 8) * 4;
  const int64_t mask_heads = 4 * (4 * d * d + 2 * d * (d / 8));
  const int64_t head = IouHeadSize(sam);
  const int64_t iou_head = 2 * d * head +
                           (sam.iou_head_layers() - 2) * 2 * head * head +
                           2 * head * 4;
  const int64_t masks = 4 * 2 * (d / 8) * 16 * n;
  return sam.decoder_layers() * layer + DecoderAttention(a, n, d, d / 2) +
         upscaling + mask_heads + iou_head + masks;
}

// Tokens that an adapted module of the image encoder works on.
int64_t AdapterTokens(const SamSpec& sam, absl::string_view module) {
  const int64_t layer = LayerIndex(module);
  const bool window = layer >= 0 && !IsGlobalLayer(sam, layer) &&
                      absl::StrContains(module, ".attn.");
  const int64_t side = window ? PaddedGrid(sam) : SamGrid(sam);
  return side * side;
}

}  // namespace

void AddSamCost(const SamSpec& sam, int64_t prompts, bool mask_prompt,
                CostEstimate* estimate) {
  TowerCost encoder = {"sam.encoder", "sam.vision_encoder."};
  encoder.layers = sam.vision().layers();
  encoder.below = PatchEmbeddingFlops(SamGrid(sam), sam.patch_size(),
                                      sam.vision().hidden_size());
  encoder.above = SamNeck(sam);
  encoder.dropout = sam.lora().dropout() > 0;
  encoder.flops = [&](int64_t i) {
    return LayerFlops(sam, IsGlobalLayer(sam, i));
  };
  encoder.memory = [&](int64_t i) {
    return LayerMemory(sam, IsGlobalLayer(sam, i));
  };
  estimate->AddTower(encoder);
  estimate->AddAdapters(encoder.prefix, [&](absl::string_view module) {
    return AdapterTokens(sam, module);
  });
  estimate->AddTrained("sam.prompt_encoder",
                       mask_prompt ? MaskEmbedding(sam) : 0);
  estimate->AddTrained("sam.mask_decoder", MaskDecoder(sam, prompts));
}

}  // namespace transect
