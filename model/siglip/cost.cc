#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "model/siglip/spec.h"

namespace transect {
namespace {

Flops LayerFlops(const TowerSize& size, int64_t n) {
  const int64_t d = size.hidden_size();
  const int64_t m = size.mlp_size();
  return {2 * n * (4 * d * d + 2 * d * m), 4 * n * n * d};
}

// Norm inputs, attention's input, q, k, v, output and the projection's input,
// the MLP's activation input; training all weights keeps the inputs of the MLP
// too.
BlockMemory LayerMemory(const TowerSize& size, int64_t n, bool train_all) {
  const int64_t d = size.hidden_size();
  const int64_t m = size.mlp_size();
  BlockMemory memory;
  memory.input = n * d;
  memory.elements = 8 * n * d + n * m + (train_all ? n * d + n * m : 0);
  memory.masks = 4 * n * d;
  memory.logsumexp = n * size.heads();
  return memory;
}

}  // namespace

void AddSiglipCost(const SiglipSpec& siglip, bool pools,
                   CostEstimate* estimate) {
  const bool train_all = estimate->trains_everything();
  const int64_t patches = SiglipGrid(siglip) * SiglipGrid(siglip);
  TowerCost vision = {"siglip.vision", "siglip.vision_model."};
  vision.layers = siglip.vision().layers();
  vision.below = PatchEmbeddingFlops(SiglipGrid(siglip), siglip.patch_size(),
                                     siglip.vision().hidden_size());
  vision.dropout = siglip.vision_lora().dropout() > 0;
  vision.flops = [&](int64_t) { return LayerFlops(siglip.vision(), patches); };
  vision.memory = [&](int64_t) {
    return LayerMemory(siglip.vision(), patches, train_all);
  };
  estimate->AddTower(vision);
  estimate->AddAdapters(vision.prefix, [&](absl::string_view module) {
    // The pooling head is never computed.
    return absl::StartsWith(module, "head.") ? 0 : patches;
  });

  const int64_t width = siglip.text().hidden_size();
  const int64_t tokens = estimate->options().text_tokens;
  TowerCost text = {"siglip.text", "siglip.text_model."};
  text.layers = siglip.text().layers();
  text.above = pools ? 2 * width * width : 0;
  text.dropout = siglip.text_lora().dropout() > 0;
  text.flops = [&](int64_t) { return LayerFlops(siglip.text(), tokens); };
  text.memory = [&](int64_t) {
    return LayerMemory(siglip.text(), tokens, train_all);
  };
  estimate->AddTower(text);
  estimate->AddAdapters(text.prefix, [&](absl::string_view module) {
    return module != "head" ? tokens : pools ? 1 : 0;
  });
}

}  // namespace transect
