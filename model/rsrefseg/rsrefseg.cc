#include "model/rsrefseg/rsrefseg.h"

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/base/cast.h"
#include "model/geometry.h"
#include "model/layers/interpolate.h"
#include "model/lora/inject.h"
#include "model/tensor_table.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// ImageNet's statistics, which SAM was trained with.
at::Tensor NormaliseForSam(const at::Tensor& image) {
  const at::Tensor mean =
      at::tensor({0.485, 0.456, 0.406}, image.options()).view({3, 1, 1});
  const at::Tensor deviation =
      at::tensor({0.229, 0.224, 0.225}, image.options()).view({3, 1, 1});
  return (image - mean) / deviation;
}

// Mean and deviation 0.5, then bilinear without antialiasing, in this order,
// as the released code does. The image has no gradient, so the resize needs no
// deterministic backward.
at::Tensor NormaliseForSiglip(const at::Tensor& image, int64_t side) {
  const at::Tensor normalised = image * 2 - 1;
  if (image.size(2) == side && image.size(3) == side) return normalised;
  return at::upsample_bilinear2d(normalised, {side, side},
                                 /*align_corners=*/false);
}

}  // namespace

RsRefSeg::RsRefSeg(const RsRefSegSpec& spec, uint64_t seed,
                   const BuildOptions& options)
    : spec_(spec),
      compute_(options.compute),
      dropout_key_(std::make_shared<DropoutKey>()) {
  dropout_key_->seed = seed;
  siglip_ = register_module("siglip", Siglip(spec.siglip()));
  sam_ = register_module("sam", Sam(spec.sam()));
  prompter_ = register_module("prompter", AttnPrompter(spec, options.ranks));
  siglip_->vision_model->set_recompute(options.recompute);
  siglip_->text_model->set_recompute(options.recompute);
  sam_->vision_encoder->set_recompute(options.recompute);
}

absl::StatusOr<std::shared_ptr<RsRefSeg>> RsRefSeg::Compose(
    const ModelSpec& spec, uint64_t seed, const BuildOptions& options) {
  std::shared_ptr<RsRefSeg> model(new RsRefSeg(spec.rsrefseg(), seed, options));
  TRANSECT_RETURN_IF_ERROR(model->AttachAllAdapters(spec));
  TRANSECT_RETURN_IF_ERROR(model->SetTrainable(spec));
  model->MoveTensors(options);
  return model;
}

absl::Status RsRefSeg::AttachAllAdapters(const ModelSpec& spec) {
  const std::vector<TensorInfo> table = TensorTable(spec);
  TRANSECT_RETURN_IF_ERROR(AttachAdapters(*this, "siglip.vision_model",
                                          spec_.siglip().vision_lora(), table,
                                          dropout_key_));
  TRANSECT_RETURN_IF_ERROR(AttachAdapters(*this, "siglip.text_model",
                                          spec_.siglip().text_lora(), table,
                                          dropout_key_));
  return AttachAdapters(*this, "sam.vision_encoder", spec_.sam().lora(), table,
                        dropout_key_);
}

absl::Status RsRefSeg::SetTrainable(const ModelSpec& spec) {
  std::map<std::string, bool> trainable;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    trainable[tensor.name] = tensor.trainable;
  }
  for (const auto& parameter : named_parameters()) {
    const auto listed = trainable.find(parameter.key());
    if (listed == trainable.end()) {
      return absl::InternalError(absl::StrCat("parameter ", parameter.key(),
                                              " is not in the tensor table"));
    }
    parameter.value().requires_grad_(listed->second);
  }
  return absl::OkStatus();
}

// Nothing has touched the parameters' memory yet, so no moment has them in two
// types: what the system has handed out for them so far is addresses.
void RsRefSeg::MoveTensors(const BuildOptions& options) {
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : parameters()) {
    // A single number, like SigLIP's scale, costs nothing in fp32.
    const bool full = parameter.requires_grad() || parameter.numel() == 1;
    const at::ScalarType type = full ? at::kFloat : options.compute;
    if (parameter.scalar_type() == type &&
        parameter.device() == options.device) {
      continue;
    }
    parameter.set_data(
        at::empty(parameter.sizes(),
                  parameter.options().dtype(type).device(options.device)));
  }
  for (at::Tensor& buffer : buffers()) {
    buffer.set_data(buffer.to(options.device));
  }
}

ModelOutput RsRefSeg::Forward(const ModelInput& input) {
  const int64_t batch = input.image.size(0);
  TORCH_CHECK_VALUE(input.token_ids.size(0) == batch,
                    "rsrefseg: images and sentences must be equally many, got ",
                    input.image.sizes(), " and ", input.token_ids.sizes());
  if (is_training()) {
    TORCH_CHECK_VALUE(static_cast<int64_t>(input.sample_ids.size()) == batch,
                      "rsrefseg: training needs ", batch, " sample ids, got ",
                      input.sample_ids.size());
    dropout_key_->step = input.step;
    dropout_key_->sample_ids = input.sample_ids;
  }

  const Prompts prompts = MakePrompts(input);
  const at::Tensor image =
      sam_->vision_encoder->forward(NormaliseForSam(input.image).to(compute_));

  const int64_t mask_side = MaskSide(spec_.sam());
  const at::Tensor dense =
      HasDensePrompt(spec_.prompter())
          ? sam_->prompt_encoder->EncodeMask(
                ResizeBilinear(prompts.activation, mask_side, mask_side)
                    .to(compute_))
          : sam_->prompt_encoder->NoMask();
  ModelOutput output;
  const at::Tensor position =
      sam_->shared_image_embedding->Grid(SamGrid(spec_.sam()));
  output.mask_logits = sam_->mask_decoder
                           ->forward(image + InTypeOf(image, dense),
                                     InTypeOf(image, position), prompts.sparse)
                           .to(at::kFloat);
  output.activation_logits = prompts.activation;
  return output;
}

Prompts RsRefSeg::MakePrompts(const ModelInput& input) {
  const SiglipSpec& siglip = spec_.siglip();
  const PrompterSpec& prompter = spec_.prompter();
  const SiglipText text = siglip_->text_model->forward(
      input.token_ids, input.token_counts, compute_);

  PrompterInput in;
  in.patches = siglip_->vision_model->forward(
      NormaliseForSiglip(
          input.siglip_image.defined() ? input.siglip_image : input.image,
          siglip.image_size())
          .to(compute_));
  in.tokens = text.hidden;
  in.token_valid = text.valid;
  if (HasSparsePrompts(prompter) &&
      prompter.local_tokens() == PrompterSpec::WORDS) {
    TORCH_CHECK_VALUE(input.token_counts.min().item<int64_t>() >= 2,
                      "rsrefseg: a sentence without a word has no local "
                      "feature (local_tokens: WORDS)");
    // The end token is the first one that is not a word.
    in.token_valid = at::arange(text.hidden.size(1), text.end.options()) <
                     text.end.unsqueeze(1);
  }
  in.sentence = prompter.global_text() == PrompterSpec::POOLER
                    ? siglip_->text_model->Pool(text)
                    : AtPosition(text.hidden, text.end);
  in.logit_scale = siglip_->logit_scale;
  in.logit_bias = siglip_->logit_bias;
  if (prompter.add_sam_position()) {
    in.position = sam_->shared_image_embedding->Grid(SiglipGrid(siglip));
  }
  return prompter_->forward(in);
}

}  // namespace transect
