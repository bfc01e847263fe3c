#include "model/cost.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/geometry.h"
#include "model/tensor_table.h"

namespace transect {
namespace {

// Order of ModelCost::parts.
enum Part {
  kSiglipVision,
  kSiglipText,
  kSamEncoder,
  kPromptEncoder,
  kMaskDecoder,
  kPrompter,
  kAdapters,
  kNumParts,
};

constexpr const char* kPartNames[kNumParts] = {
    "siglip.vision",    "siglip.text", "sam.encoder", "sam.prompt_encoder",
    "sam.mask_decoder", "prompter",    "adapters"};

// Forward FLOPs by how they come back in backward.
struct Flops {
  // Matrix products with a weight.
  int64_t linear = 0;
  // Products of activations, and relative positions.
  int64_t attention = 0;

  int64_t total() const { return linear + attention; }
  Flops& operator+=(const Flops& other) {
    linear += other.linear;
    attention += other.attention;
    return *this;
  }
};

Part PartOf(const TensorInfo& tensor) {
  if (tensor.part == TensorInfo::ADAPTER) return kAdapters;
  if (tensor.part == TensorInfo::PROMPTER) return kPrompter;
  if (tensor.part == TensorInfo::SIGLIP) {
    return absl::StartsWith(tensor.name, "siglip.vision_model.") ? kSiglipVision
                                                                 : kSiglipText;
  }
  if (absl::StartsWith(tensor.name, "sam.vision_encoder.")) return kSamEncoder;
  if (absl::StartsWith(tensor.name, "sam.mask_decoder.")) return kMaskDecoder;
  return kPromptEncoder;
}

void CountParameters(const std::vector<TensorInfo>& table, ModelCost* cost) {
  for (const TensorInfo& tensor : table) {
    const int64_t n = NumElements(tensor);
    if (!tensor.used) {
      cost->unused_parameters += n;
      continue;
    }
    // Running statistics. The other buffer, SAM's positional matrix, counts.
    if (tensor.buffer && tensor.part == TensorInfo::PROMPTER) continue;
    CostPart& part = cost->parts[PartOf(tensor)];
    part.parameters += n;
    if (tensor.trainable) part.trainable_parameters += n;
  }
}

Flops SiglipLayer(const TowerSize& size, int64_t n) {
  const int64_t d = size.hidden_size();
  const int64_t m = size.mlp_size();
  return {2 * n * (4 * d * d + 2 * d * m), 4 * n * n * d};
}

Flops SamLayer(const SamSpec& sam, bool global) {
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

int64_t SamNeck(const SamSpec& sam) {
  const int64_t n = SamGrid(sam) * SamGrid(sam);
  const int64_t d = sam.vision().hidden_size();
  const int64_t c = sam.prompt_channels();
  return 2 * n * d * c + 2 * n * 9 * c * c;
}

int64_t PatchEmbedding(int64_t grid, int64_t patch, int64_t hidden) {
  return 2 * grid * grid * 3 * patch * patch * hidden;
}

int64_t MaskEmbedding(const RsRefSegSpec& spec) {
  if (!HasDensePrompt(spec.prompter())) return 0;
  const int64_t n = SamGrid(spec.sam()) * SamGrid(spec.sam());
  const int64_t wide = spec.sam().mask_input_channels();
  const int64_t narrow = wide / 4;
  return 2 * (4 * n) * narrow * 4 + 2 * n * narrow * wide * 4 +
         2 * n * wide * spec.sam().prompt_channels();
}

// Attention of the mask decoder: a queries, b keys, d channels, e inside.
int64_t DecoderAttention(int64_t a, int64_t b, int64_t d, int64_t e) {
  return 2 * a * d * e + 4 * b * d * e + 4 * a * b * e + 2 * a * e * d;
}

int64_t MaskDecoder(const RsRefSegSpec& spec) {
  const int64_t n = SamGrid(spec.sam()) * SamGrid(spec.sam());
  const int64_t d = spec.sam().prompt_channels();
  // IoU token, four mask tokens, prompts.
  const int64_t a = 5 + SparsePrompts(spec);
  const int64_t layer = DecoderAttention(a, a, d, d) +
                        DecoderAttention(a, n, d, d / 2) +
                        4 * a * d * spec.sam().decoder_mlp_size() +
                        DecoderAttention(n, a, d, d / 2);
  const int64_t upscaling =
      2 * n * d * (d / 4) * 4 + 2 * (4 * n) * (d / 4) * (d / 8) * 4;
  const int64_t mask_heads = 4 * (4 * d * d + 2 * d * (d / 8));
  const int64_t iou_head = 4 * d * d + 2 * d * 4;
  const int64_t masks = 4 * 2 * (d / 8) * 16 * n;
  return 2 * layer + DecoderAttention(a, n, d, d / 2) + upscaling + mask_heads +
         iou_head + masks;
}

int64_t Prompter(const RsRefSegSpec& spec, int64_t text_tokens) {
  const int64_t n = SiglipGrid(spec.siglip()) * SiglipGrid(spec.siglip());
  const int64_t d = spec.siglip().vision().hidden_size();
  const int64_t c = spec.sam().prompt_channels();
  const bool sparse = HasSparsePrompts(spec.prompter());
  // The sentence, and for sparse prompts its tokens.
  const int64_t vectors = 1 + (sparse ? text_tokens : 0);
  const int64_t similarities = 3 * 2 * n * d * vectors * 2;
  if (!sparse) return similarities;
  int64_t convolutions = 2 * n * 3 * d * c;
  int64_t side = SiglipGrid(spec.siglip());
  for (int64_t i = 0; i < DownsamplingBlocks(spec.prompter()); ++i) {
    side = (side + 1) / 2;
    convolutions += 2 * side * side * 9 * c * c;
  }
  return similarities + convolutions + 2 * side * side * c * c;
}

// Index of the layer that `module` ("encoder.layers.3.mlp.fc1") belongs to, or
// -1.
int64_t LayerIndex(absl::string_view module) {
  absl::ConsumePrefix(&module, "encoder.");
  if (!absl::ConsumePrefix(&module, "layers.")) return -1;
  int64_t index = -1;
  return absl::SimpleAtoi(module.substr(0, module.find('.')), &index) ? index
                                                                      : -1;
}

// Tokens that an adapted module works on.
int64_t AdapterTokens(const RsRefSegSpec& spec, absl::string_view module,
                      int64_t text_tokens) {
  if (absl::ConsumePrefix(&module, "siglip.text_model.")) {
    if (module != "head") return text_tokens;
    return spec.prompter().global_text() == PrompterSpec::POOLER ? 1 : 0;
  }
  if (absl::StartsWith(module, "siglip.vision_model.")) {
    // The pooling head is never computed.
    if (absl::StartsWith(module, "siglip.vision_model.head.")) return 0;
    return SiglipGrid(spec.siglip()) * SiglipGrid(spec.siglip());
  }
  absl::ConsumePrefix(&module, "sam.vision_encoder.");
  const int64_t layer = LayerIndex(module);
  const bool window = layer >= 0 && !IsGlobalLayer(spec.sam(), layer) &&
                      absl::StrContains(module, ".attn.");
  const int64_t side = window ? PaddedGrid(spec.sam()) : SamGrid(spec.sam());
  return side * side;
}

int64_t Adapters(const RsRefSegSpec& spec, const std::vector<TensorInfo>& table,
                 int64_t text_tokens) {
  int64_t flops = 0;
  for (const TensorInfo& tensor : table) {
    absl::string_view module = tensor.name;
    // Both factors end alike, and each costs its elements per token.
    if (tensor.part != TensorInfo::ADAPTER) continue;
    if (!absl::ConsumeSuffix(&module, ".lora_A.weight")) {
      absl::ConsumeSuffix(&module, ".lora_B.weight");
    }
    flops += 2 * AdapterTokens(spec, module, text_tokens) * NumElements(tensor);
  }
  return flops;
}

// First layer of `tower` with an adapter; `layers` if none has.
int64_t FirstAdaptedLayer(const std::vector<TensorInfo>& table,
                          absl::string_view tower, int64_t layers) {
  int64_t first = layers;
  for (const TensorInfo& tensor : table) {
    absl::string_view module = tensor.name;
    if (tensor.part != TensorInfo::ADAPTER) continue;
    if (!absl::ConsumePrefix(&module, tower)) continue;
    const int64_t layer = LayerIndex(module);
    if (layer >= 0) first = std::min(first, layer);
  }
  return first;
}

// FLOPs of a frozen tower's backward from what gradients pass through.
int64_t FrozenBackward(const Flops& passed) {
  return passed.linear + passed.attention * 5 / 2;
}

// Activations that a block keeps, in elements. `attended` are the tokens with
// the padding of windows. Norm inputs, attention's input, q, k, v, output and
// the projection's input, the MLP's activation input; SAM adapts its MLP and so
// keeps its inputs too, and training all weights keeps them everywhere. With
// dropout a mask for each input of an adapter. `logsumexp` is in fp32.
struct BlockMemory {
  int64_t input = 0;
  int64_t elements = 0;
  int64_t masks = 0;
  int64_t logsumexp = 0;
};

BlockMemory SamBlockMemory(const SamSpec& sam, bool global) {
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

BlockMemory SiglipBlockMemory(const TowerSize& size, int64_t n,
                              bool train_all) {
  const int64_t d = size.hidden_size();
  const int64_t m = size.mlp_size();
  BlockMemory memory;
  memory.input = n * d;
  memory.elements = 8 * n * d + n * m + (train_all ? n * d + n * m : 0);
  memory.masks = 4 * n * d;
  memory.logsumexp = n * size.heads();
  return memory;
}

int64_t Bytes(const BlockMemory& memory, bool dropout, int64_t element_bytes) {
  return memory.elements * element_bytes + memory.logsumexp * 4 +
         (dropout ? memory.masks : 0);
}

}  // namespace

ModelCost EstimateCost(const ModelSpec& spec, const CostOptions& options) {
  const RsRefSegSpec& r = spec.rsrefseg();
  const SiglipSpec& siglip = r.siglip();
  const SamSpec& sam = r.sam();
  const bool train_all = r.tuning() == RsRefSegSpec::ALL;
  const std::vector<TensorInfo> table = TensorTable(spec);

  ModelCost cost;
  cost.parts.resize(kNumParts);
  for (int i = 0; i < kNumParts; ++i) cost.parts[i].name = kPartNames[i];
  CountParameters(table, &cost);

  int64_t largest_block = 0;
  // A tower's forward, and the share of it that gradients pass through.
  const auto add_tower = [&](Part part, absl::string_view prefix,
                             int64_t layers, int64_t below, int64_t above,
                             const auto& layer_flops, const auto& layer_memory,
                             bool dropout) {
    const int64_t first =
        train_all ? 0 : FirstAdaptedLayer(table, prefix, layers);
    Flops forward = {below + above, 0};
    Flops passed = {first < layers ? above : 0, 0};
    for (int64_t i = 0; i < layers; ++i) {
      forward += layer_flops(i);
      if (i < first) continue;
      passed += layer_flops(i);
      const BlockMemory memory = layer_memory(i);
      const int64_t whole = Bytes(memory, dropout, options.element_bytes);
      largest_block = std::max(largest_block, whole);
      cost.activation_bytes +=
          options.recompute ? memory.input * options.element_bytes : whole;
    }
    cost.parts[part].forward_flops = forward.total();
    cost.parts[part].backward_flops =
        train_all ? 2 * forward.total() : FrozenBackward(passed);
  };

  const int64_t patches = SiglipGrid(siglip) * SiglipGrid(siglip);
  add_tower(
      kSiglipVision, "siglip.vision_model.", siglip.vision().layers(),
      PatchEmbedding(SiglipGrid(siglip), siglip.patch_size(),
                     siglip.vision().hidden_size()),
      0, [&](int64_t) { return SiglipLayer(siglip.vision(), patches); },
      [&](int64_t) {
        return SiglipBlockMemory(siglip.vision(), patches, train_all);
      },
      siglip.vision_lora().dropout() > 0 && !train_all);

  const int64_t text_width = siglip.text().hidden_size();
  const bool pooler = r.prompter().global_text() == PrompterSpec::POOLER;
  add_tower(
      kSiglipText, "siglip.text_model.", siglip.text().layers(), 0,
      pooler ? 2 * text_width * text_width : 0,
      [&](int64_t) { return SiglipLayer(siglip.text(), options.text_tokens); },
      [&](int64_t) {
        return SiglipBlockMemory(siglip.text(), options.text_tokens, train_all);
      },
      siglip.text_lora().dropout() > 0 && !train_all);

  add_tower(
      kSamEncoder, "sam.vision_encoder.", sam.vision().layers(),
      PatchEmbedding(SamGrid(sam), sam.patch_size(),
                     sam.vision().hidden_size()),
      SamNeck(sam),
      [&](int64_t i) { return SamLayer(sam, IsGlobalLayer(sam, i)); },
      [&](int64_t i) { return SamBlockMemory(sam, IsGlobalLayer(sam, i)); },
      sam.lora().dropout() > 0 && !train_all);

  if (options.recompute) cost.activation_bytes += largest_block;

  // Trained, or too small to tell apart.
  const auto add_trained = [&](Part part, int64_t flops) {
    cost.parts[part].forward_flops = flops;
    cost.parts[part].backward_flops = 2 * flops;
  };
  add_trained(kPromptEncoder, MaskEmbedding(r));
  add_trained(kMaskDecoder, MaskDecoder(r));
  add_trained(kPrompter, Prompter(r, options.text_tokens));
  add_trained(kAdapters, Adapters(r, table, options.text_tokens));

  for (const CostPart& part : cost.parts) {
    cost.parameters += part.parameters;
    cost.trainable_parameters += part.trainable_parameters;
    cost.forward_flops += part.forward_flops;
    cost.train_flops += part.forward_flops + part.backward_flops;
  }
  return cost;
}

}  // namespace transect
