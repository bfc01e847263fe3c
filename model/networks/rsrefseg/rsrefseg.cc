#include "model/networks/rsrefseg/rsrefseg.h"

#include <torch/torch.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "model/attn_prompter/init_rules.h"
#include "model/attn_prompter/spec.h"
#include "model/base/cast.h"
#include "model/base/evaluation_memo.h"
#include "model/base/stages.h"
#include "model/base/trainable.h"
#include "model/layers/interpolate.h"
#include "model/layers/normalize.h"
#include "model/lora/attach_adapters.h"
#include "model/networks/rsrefseg/spec.h"
#include "model/sam/init_rules.h"
#include "model/sam/spec.h"
#include "model/siglip/init_rules.h"
#include "model/siglip/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// What SigLIP gives of a shard.
enum Encoded : size_t { kPatches, kTokens, kTokenValid, kSentence, kEncoded };

}  // namespace

RsRefSeg::RsRefSeg(const RsRefSegSpec& spec, uint64_t seed,
                   const BuildOptions& options)
    : spec_(spec),
      compute_(options.compute),
      dropout_key_(std::make_shared<DropoutKey>()) {
  dropout_key_->seed = seed;
  siglip_ = register_module("siglip", Siglip(spec.siglip()));
  sam_ = register_module("sam", Sam(spec.sam()));
  prompter_ = register_module(
      "prompter",
      AttnPrompter(spec.prompter(), spec.siglip().vision().hidden_size(),
                   spec.sam().prompt_channels(), options.shards));
  siglip_->vision_model->set_checkpoint_activations(
      options.checkpoint_activations);
  siglip_->text_model->set_checkpoint_activations(
      options.checkpoint_activations);
  sam_->vision_encoder->set_checkpoint_activations(
      options.checkpoint_activations);
}

absl::StatusOr<std::shared_ptr<RsRefSeg>> RsRefSeg::Compose(
    const RsRefSegSpec& spec, uint64_t seed, const BuildOptions& options) {
  std::shared_ptr<RsRefSeg> model(new RsRefSeg(spec, seed, options));
  const std::vector<TensorInfo> table = RsRefSegTensors(spec);
  TRANSECT_RETURN_IF_ERROR(AttachAdapters(*model, RsRefSegAdapterTowers(spec),
                                          table, model->dropout_key_));
  TRANSECT_RETURN_IF_ERROR(SetTrainable(*model, table));
  PlaceTensors(*model, options);
  return model;
}

std::vector<InitRules> RsRefSeg::Rules() {
  return {{"siglip", SiglipInitRule},
          {"sam", SamInitRule},
          {"prompter", PrompterInitRule}};
}

void RsRefSeg::Begin(const ModelInput& input) {
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
}

ModelOutput RsRefSeg::Forward(const ModelInput& input) {
  return Decode(input, Join({Encode(input)}, /*tape=*/nullptr)[0]);
}

Features RsRefSeg::Encode(const ModelInput& input) {
  Begin(input);
  const SiglipSpec& siglip = spec_.siglip();
  const PrompterSpec& prompter = spec_.prompter();
  const SiglipText text = siglip_->text_model->forward(
      input.token_ids, input.token_counts, compute_, input.memo);

  Features encoded(kEncoded);
  encoded[kPatches] = OfImages(input.memo, "siglip", [&] {
    const at::Tensor image =
        NormalizeForSiglip(
            input.siglip_image.defined() ? input.siglip_image : input.image,
            siglip.image_size())
            .to(compute_);
    RecordStage("siglip_image", image);
    return siglip_->vision_model->forward(image);
  });
  encoded[kTokens] = text.hidden;
  encoded[kTokenValid] = text.valid;
  if (HasSparsePrompts(prompter) &&
      prompter.local_tokens() == PrompterSpec::WORDS) {
    TORCH_CHECK_VALUE(input.token_counts.min().item<int64_t>() >= 2,
                      "rsrefseg: a sentence without a word has no local "
                      "feature (local_tokens: WORDS)");
    // The end token is the first one that is not a word.
    encoded[kTokenValid] = at::arange(text.hidden.size(1), text.end.options()) <
                           text.end.unsqueeze(1);
  }
  encoded[kSentence] = prompter.global_text() == PrompterSpec::POOLER
                           ? siglip_->text_model->Pool(text)
                           : AtPosition(text.hidden, text.end);
  RecordStage("sentence", encoded[kSentence]);
  return encoded;
}

PrompterInput RsRefSeg::ToPrompter(const Features& encoded) {
  PrompterInput in;
  in.patches = encoded[kPatches];
  in.tokens = encoded[kTokens];
  in.token_valid = encoded[kTokenValid];
  in.sentence = encoded[kSentence];
  in.logit_scale = siglip_->logit_scale;
  in.logit_bias = siglip_->logit_bias;
  if (spec_.prompter().add_sam_position()) {
    in.position =
        sam_->shared_image_embedding->Grid(SiglipGrid(spec_.siglip()));
  }
  return in;
}

std::vector<Features> RsRefSeg::Join(const std::vector<Features>& encoded,
                                     JointTape* tape) {
  std::vector<PrompterInput> shards;
  for (const Features& shard : encoded) shards.push_back(ToPrompter(shard));
  std::vector<Features> joined;
  for (Prompts& prompts : prompter_->forward(shards, tape)) {
    joined.push_back(
        {std::move(prompts.activation), std::move(prompts.sparse)});
  }
  return joined;
}

ModelOutput RsRefSeg::Decode(const ModelInput& input, const Features& joined) {
  Begin(input);
  const at::Tensor &activation = joined[0], &sparse = joined[1];
  const at::Tensor image = OfImages(input.memo, "sam", [&] {
    const at::Tensor normalized = NormalizeForSam(input.image).to(compute_);
    RecordStage("sam_image", normalized);
    return sam_->vision_encoder->forward(normalized);
  });

  const int64_t mask_side = MaskSide(spec_.sam());
  const at::Tensor dense =
      HasDensePrompt(spec_.prompter())
          ? sam_->prompt_encoder->EncodeMask(
                ResizeBilinear(activation, mask_side, mask_side).to(compute_))
          : sam_->prompt_encoder->NoMask();
  RecordStage("dense", dense);
  ModelOutput output;
  const at::Tensor position =
      sam_->shared_image_embedding->Grid(SamGrid(spec_.sam()));
  output.mask_logits = sam_->mask_decoder
                           ->forward(image + InTypeOf(image, dense),
                                     InTypeOf(image, position), sparse)
                           .to(at::kFloat);
  RecordStage("mask_logits", output.mask_logits);
  output.activation_logits = activation;
  return output;
}

}  // namespace transect
