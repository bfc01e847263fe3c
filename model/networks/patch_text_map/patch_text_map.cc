#include "model/networks/patch_text_map/patch_text_map.h"

#include <torch/torch.h>

#include <vector>

#include "model/attn_prompter/similarity.h"
#include "model/base/evaluation_memo.h"
#include "model/base/stages.h"
#include "model/base/trainable.h"
#include "model/layers/normalize.h"
#include "model/lora/attach_adapters.h"
#include "model/networks/patch_text_map/spec.h"
#include "model/siglip/init_rules.h"
#include "model/siglip/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

PatchTextMap::PatchTextMap(const PatchTextMapSpec& spec, uint64_t seed,
                           const BuildOptions& options)
    : spec_(spec),
      compute_(options.compute),
      dropout_key_(std::make_shared<DropoutKey>()) {
  dropout_key_->seed = seed;
  siglip_ = register_module("siglip", Siglip(spec.siglip()));
  siglip_->vision_model->set_checkpoint_activations(
      options.checkpoint_activations);
  siglip_->text_model->set_checkpoint_activations(
      options.checkpoint_activations);
}

absl::StatusOr<std::shared_ptr<PatchTextMap>> PatchTextMap::Compose(
    const PatchTextMapSpec& spec, uint64_t seed, const BuildOptions& options) {
  std::shared_ptr<PatchTextMap> model(new PatchTextMap(spec, seed, options));
  const std::vector<TensorInfo> table = PatchTextMapTensors(spec);
  TRANSECT_RETURN_IF_ERROR(AttachAdapters(
      *model, SiglipAdapterTowers(spec.siglip()), table, model->dropout_key_));
  TRANSECT_RETURN_IF_ERROR(SetTrainable(*model, table));
  PlaceTensors(*model, options);
  return model;
}

std::vector<InitRules> PatchTextMap::Rules() {
  return {{"siglip", SiglipInitRule}};
}

ModelOutput PatchTextMap::Forward(const ModelInput& input) {
  const int64_t batch = input.image.size(0);
  TORCH_CHECK_VALUE(
      input.token_ids.size(0) == batch,
      "patch_text_map: images and sentences must be equally many, got ",
      input.image.sizes(), " and ", input.token_ids.sizes());
  if (is_training()) {
    TORCH_CHECK_VALUE(static_cast<int64_t>(input.sample_ids.size()) == batch,
                      "patch_text_map: training needs ", batch,
                      " sample ids, got ", input.sample_ids.size());
    dropout_key_->step = input.step;
    dropout_key_->sample_ids = input.sample_ids;
  }

  const at::Tensor patches = OfImages(input.memo, "siglip", [&] {
    const at::Tensor image =
        NormalizeForSiglip(
            input.siglip_image.defined() ? input.siglip_image : input.image,
            spec_.siglip().image_size())
            .to(compute_);
    RecordStage("siglip_image", image);
    return siglip_->vision_model->forward(image);
  });
  const SiglipText text = siglip_->text_model->forward(
      input.token_ids, input.token_counts, compute_, input.memo);
  const at::Tensor sentence = spec_.global_text() == PrompterSpec::POOLER
                                  ? siglip_->text_model->Pool(text)
                                  : AtPosition(text.hidden, text.end);
  RecordStage("sentence", sentence);

  const PatchTextSimilarity similarity(
      spec_.similarity(), patches, siglip_->logit_scale, siglip_->logit_bias);
  const int64_t grid = SiglipGrid(spec_.siglip());
  const at::Tensor map =
      similarity.To(sentence.unsqueeze(1)).view({batch, 1, grid, grid});
  RecordStage("activation", map);
  RecordStage("mask_logits", map);
  return {map, map};
}

}  // namespace transect
