#include "model/networks/sam_oracle_box/sam_oracle_box.h"

#include <torch/torch.h>

#include "model/base/cast.h"
#include "model/base/stages.h"
#include "model/base/trainable.h"
#include "model/layers/normalize.h"
#include "model/networks/sam_oracle_box/spec.h"
#include "model/sam/init_rules.h"
#include "model/sam/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

SamOracleBox::SamOracleBox(const SamOracleBoxSpec& spec,
                           const BuildOptions& options)
    : spec_(spec), compute_(options.compute) {
  sam_ = register_module("sam", Sam(spec.sam()));
  sam_->vision_encoder->set_checkpoint_activations(
      options.checkpoint_activations);
}

absl::StatusOr<std::shared_ptr<SamOracleBox>> SamOracleBox::Compose(
    const SamOracleBoxSpec& spec, uint64_t /*seed*/,
    const BuildOptions& options) {
  std::shared_ptr<SamOracleBox> model(new SamOracleBox(spec, options));
  TRANSECT_RETURN_IF_ERROR(SetTrainable(*model, SamOracleBoxTensors(spec)));
  PlaceTensors(*model, options);
  return model;
}

std::vector<InitRules> SamOracleBox::Rules() { return {{"sam", SamInitRule}}; }

ModelOutput SamOracleBox::ForwardWithTruth(const ModelInput& input,
                                           const GroundTruth& truth) {
  const SamSpec& sam = spec_.sam();
  TORCH_CHECK_VALUE(
      truth.boxes.defined() && truth.boxes.dim() == 2 &&
          truth.boxes.size(0) == input.image.size(0) &&
          truth.boxes.size(1) == 4,
      "sam_oracle_box: boxes must be [", input.image.size(0), ", 4], got ",
      truth.boxes.defined() ? truth.boxes.sizes() : at::IntArrayRef());
  const at::Tensor normalized = NormalizeForSam(input.image).to(compute_);
  RecordStage("sam_image", normalized);
  const at::Tensor image = sam_->vision_encoder->forward(normalized);
  const at::Tensor prompts = sam_->prompt_encoder->EncodeBoxes(
      (truth.boxes + 0.5) / static_cast<double>(sam.image_size()),
      *sam_->shared_image_embedding);
  RecordStage("sparse", prompts);
  const at::Tensor dense = sam_->prompt_encoder->NoMask();
  const at::Tensor position = sam_->shared_image_embedding->Grid(SamGrid(sam));
  ModelOutput output;
  output.mask_logits =
      sam_->mask_decoder
          ->forward(image + InTypeOf(image, dense), InTypeOf(image, position),
                    InTypeOf(image, prompts))
          .to(at::kFloat);
  RecordStage("mask_logits", output.mask_logits);
  return output;
}

}  // namespace transect
