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

// Whether the sentence is read from the text tower's head.
bool UsesPooler(const ModelSpec& spec) {
  return (spec.has_patch_text_map()
              ? spec.patch_text_map().global_text()
              : spec.rsrefseg().prompter().global_text()) ==
         PrompterSpec::POOLER;
}

// Tokens that an adapted module works on.
int64_t AdapterTokens(const ModelSpec& spec, absl::string_view module,
                      int64_t text_tokens) {
  if (absl::ConsumePrefix(&module, "siglip.text_model.")) {
    if (module != "head") return text_tokens;
    return UsesPooler(spec) ? 1 : 0;
  }
  if (absl::StartsWith(module, "siglip.vision_model.")) {
    // The pooling head is never computed.
    if (absl::StartsWith(module, "siglip.vision_model.head.")) return 0;
    return SiglipGrid(*SiglipOf(spec)) * SiglipGrid(*SiglipOf(spec));
  }
  const SamSpec& sam = *SamOf(spec);
  absl::ConsumePrefix(&module, "sam.vision_encoder.");
  const int64_t layer = LayerIndex(module);
  const bool window = layer >= 0 && !IsGlobalLayer(sam, layer) &&
                      absl::StrContains(module, ".attn.");
  const int64_t side = window ? PaddedGrid(sam) : SamGrid(sam);
  return side * side;
}

int64_t Adapters(const ModelSpec& spec, const std::vector<TensorInfo>& table,
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

// What is known of a network while its parts are counted one after the other.
struct Estimate {
  const ModelSpec& spec;
  const CostOptions& options;
  const std::vector<TensorInfo>& table;
  const bool train_all;
  const bool train_nothing;
  ModelCost cost;
  // Bytes that the largest block keeps, of those that gradients pass through.
  int64_t largest_block = 0;
};

// A tower's layers, and the FLOPs of what comes before and after them.
struct Tower {
  Part part;
  absl::string_view prefix;
  int64_t layers = 0;
  int64_t below = 0;
  int64_t above = 0;
  bool dropout = false;
};

// A tower's forward, and the share of it that gradients pass through.
template <typename LayerFlops, typename LayerMemory>
void AddTower(const Tower& tower, const LayerFlops& layer_flops,
              const LayerMemory& layer_memory, Estimate* estimate) {
  const bool all = estimate->train_all;
  const int64_t first =
      all ? 0 : FirstAdaptedLayer(estimate->table, tower.prefix, tower.layers);
  Flops forward = {tower.below + tower.above, 0};
  Flops passed = {first < tower.layers ? tower.above : 0, 0};
  for (int64_t i = 0; i < tower.layers; ++i) {
    forward += layer_flops(i);
    if (i < first) continue;
    passed += layer_flops(i);
    const CostOptions& options = estimate->options;
    const BlockMemory memory = layer_memory(i);
    const int64_t whole =
        Bytes(memory, tower.dropout && !all, options.element_bytes);
    estimate->largest_block = std::max(estimate->largest_block, whole);
    estimate->cost.activation_bytes +=
        options.checkpoint_activations ? memory.input * options.element_bytes
                                       : whole;
  }
  CostPart& part = estimate->cost.parts[tower.part];
  part.forward_flops = forward.total();
  part.backward_flops = all ? 2 * forward.total() : FrozenBackward(passed);
}

void AddSiglip(const SiglipSpec& siglip, Estimate* estimate) {
  const int64_t patches = SiglipGrid(siglip) * SiglipGrid(siglip);
  Tower vision = {kSiglipVision, "siglip.vision_model."};
  vision.layers = siglip.vision().layers();
  vision.below = PatchEmbedding(SiglipGrid(siglip), siglip.patch_size(),
                                siglip.vision().hidden_size());
  vision.dropout = siglip.vision_lora().dropout() > 0;
  AddTower(
      vision, [&](int64_t) { return SiglipLayer(siglip.vision(), patches); },
      [&](int64_t) {
        return SiglipBlockMemory(siglip.vision(), patches, estimate->train_all);
      },
      estimate);

  const int64_t width = siglip.text().hidden_size();
  const int64_t tokens = estimate->options.text_tokens;
  Tower text = {kSiglipText, "siglip.text_model."};
  text.layers = siglip.text().layers();
  text.above = UsesPooler(estimate->spec) ? 2 * width * width : 0;
  text.dropout = siglip.text_lora().dropout() > 0;
  AddTower(
      text, [&](int64_t) { return SiglipLayer(siglip.text(), tokens); },
      [&](int64_t) {
        return SiglipBlockMemory(siglip.text(), tokens, estimate->train_all);
      },
      estimate);
}

void AddSamEncoder(const SamSpec& sam, Estimate* estimate) {
  Tower encoder = {kSamEncoder, "sam.vision_encoder."};
  encoder.layers = sam.vision().layers();
  encoder.below = PatchEmbedding(SamGrid(sam), sam.patch_size(),
                                 sam.vision().hidden_size());
  encoder.above = SamNeck(sam);
  encoder.dropout = sam.lora().dropout() > 0;
  AddTower(
      encoder, [&](int64_t i) { return SamLayer(sam, IsGlobalLayer(sam, i)); },
      [&](int64_t i) { return SamBlockMemory(sam, IsGlobalLayer(sam, i)); },
      estimate);
}

// A part that is trained wherever anything is, or too small to tell apart.
void AddTrained(Part part, int64_t flops, Estimate* estimate) {
  estimate->cost.parts[part].forward_flops = flops;
  estimate->cost.parts[part].backward_flops =
      estimate->train_nothing ? 0 : 2 * flops;
}

void AddRsRefSeg(const RsRefSegSpec& spec, Estimate* estimate) {
  AddSiglip(spec.siglip(), estimate);
  AddSamEncoder(spec.sam(), estimate);
  if (HasDensePrompt(spec.prompter())) {
    AddTrained(kPromptEncoder, MaskEmbedding(spec.sam()), estimate);
  }
  AddTrained(kMaskDecoder, MaskDecoder(spec.sam(), SparsePrompts(spec)),
             estimate);
  AddTrained(kPrompter, Prompter(spec, estimate->options.text_tokens),
             estimate);
}

void AddPatchTextMap(const PatchTextMapSpec& spec, Estimate* estimate) {
  const int64_t grid = SiglipGrid(spec.siglip());
  AddSiglip(spec.siglip(), estimate);
  // The sentence with every patch.
  const int64_t similarity =
      2 * grid * grid * spec.siglip().vision().hidden_size();
  CostPart& text = estimate->cost.parts[kSiglipText];
  text.forward_flops += similarity;
  text.backward_flops += 2 * similarity;
}

void AddSamOracleBox(const SamOracleBoxSpec& spec, Estimate* estimate) {
  AddSamEncoder(spec.sam(), estimate);
  // A box is two prompts.
  AddTrained(kMaskDecoder, MaskDecoder(spec.sam(), 2), estimate);
}

}  // namespace

ModelCost EstimateCost(const ModelSpec& spec, const CostOptions& options) {
  const std::vector<TensorInfo> table = TensorTable(spec);
  Estimate estimate = {
      spec, options, table, TrainsEverything(spec), TrainsNothing(spec), {}, 0};
  ModelCost& cost = estimate.cost;
  cost.parts.resize(kNumParts);
  for (int i = 0; i < kNumParts; ++i) cost.parts[i].name = kPartNames[i];
  CountParameters(table, &cost);

  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      AddRsRefSeg(spec.rsrefseg(), &estimate);
      break;
    case ModelSpec::kPatchTextMap:
      AddPatchTextMap(spec.patch_text_map(), &estimate);
      break;
    case ModelSpec::kSamOracleBox:
      AddSamOracleBox(spec.sam_oracle_box(), &estimate);
      break;
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  AddTrained(kAdapters, Adapters(spec, table, options.text_tokens), &estimate);
  if (options.checkpoint_activations)
    cost.activation_bytes += estimate.largest_block;

  for (const CostPart& part : cost.parts) {
    cost.parameters += part.parameters;
    cost.trainable_parameters += part.trainable_parameters;
    cost.forward_flops += part.forward_flops;
    cost.train_flops += part.forward_flops + part.backward_flops;
  }
  return cost;
}

}  // namespace transect
