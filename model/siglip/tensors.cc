#include <string>

#include "absl/strings/str_cat.h"
#include "model/siglip/spec.h"

namespace transect {
namespace {

void AddSiglipLayers(TensorBuilder* b, const std::string& tower,
                     const TowerSize& size) {
  const int64_t c = size.hidden_size();
  for (int i = 0; i < size.layers(); ++i) {
    const std::string layer = absl::StrCat(tower, ".encoder.layers.", i);
    for (const char* name : {"k_proj", "v_proj", "q_proj", "out_proj"}) {
      b->Linear(absl::StrCat(layer, ".self_attn.", name), c, c);
    }
    b->Norm(layer + ".layer_norm1", c);
    b->Linear(layer + ".mlp.fc1", c, size.mlp_size());
    b->Linear(layer + ".mlp.fc2", size.mlp_size(), c);
    b->Norm(layer + ".layer_norm2", c);
  }
}

}  // namespace

void AddSiglipTensors(const SiglipSpec& siglip, bool trains_everything,
                      bool tunes_scale, TensorBuilder* b) {
  b->SetTrainable(trains_everything || tunes_scale);
  b->Add("siglip.logit_scale", {1});
  b->Add("siglip.logit_bias", {1});
  b->SetTrainable(trains_everything);
  const std::string text = "siglip.text_model";
  const int64_t tc = siglip.text().hidden_size();
  b->Add(text + ".embeddings.token_embedding.weight",
         {siglip.vocab_size(), tc});
  b->Add(text + ".embeddings.position_embedding.weight",
         {siglip.max_positions(), tc});
  AddSiglipLayers(b, text, siglip.text());
  b->Norm(text + ".final_layer_norm", tc);
  b->Linear(text + ".head", tc, tc);

  const std::string vision = "siglip.vision_model";
  const int64_t vc = siglip.vision().hidden_size();
  const int64_t mlp = siglip.vision().mlp_size();
  const int64_t grid = SiglipGrid(siglip);
  b->Conv(vision + ".embeddings.patch_embedding", 3, vc, siglip.patch_size(),
          /*bias=*/true);
  b->Add(vision + ".embeddings.position_embedding.weight", {grid * grid, vc});
  AddSiglipLayers(b, vision, siglip.vision());
  b->Norm(vision + ".post_layernorm", vc);

  b->SetUsed(siglip.include_dead_head());
  b->SetDead(true);
  b->Add(vision + ".head.probe", {1, 1, vc});
  b->Add(vision + ".head.attention.in_proj_weight", {3 * vc, vc});
  b->Add(vision + ".head.attention.in_proj_bias", {3 * vc});
  b->Linear(vision + ".head.attention.out_proj", vc, vc);
  b->Norm(vision + ".head.layernorm", vc);
  b->Linear(vision + ".head.mlp.fc1", vc, mlp);
  b->Linear(vision + ".head.mlp.fc2", mlp, vc);
  b->SetDead(false);
  b->SetUsed(true);
}

}  // namespace transect
