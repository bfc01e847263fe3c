#include "model/networks/rsrefseg/spec.h"

#include <utility>

#include "model/attn_prompter/spec.h"
#include "model/base/tuning.h"
#include "model/sam/spec.h"
#include "model/siglip/spec.h"

namespace transect {
namespace {

// The switches of the preset where they differ from the defaults, which are the
// paper's (docs/variants.md).
RsRefSegSpec Switches(RsRefSegSpec::Preset preset) {
  RsRefSegSpec spec;
  if (preset != RsRefSegSpec::RELEASED_CODE) return spec;
  SiglipSpec* siglip = spec.mutable_siglip();
  SamSpec* sam = spec.mutable_sam();
  for (LoraSpec* lora : {siglip->mutable_vision_lora(),
                         siglip->mutable_text_lora(), sam->mutable_lora()}) {
    lora->set_alpha(16);
  }
  siglip->set_text_padding(SiglipSpec::LONGEST);
  siglip->set_include_dead_head(true);
  sam->set_tune_prompt_encoder(true);
  PrompterSpec* prompter = spec.mutable_prompter();
  prompter->set_similarity(PrompterSpec::COSINE_SCALED);
  prompter->set_local_combine(PrompterSpec::AVERAGE);
  prompter->set_global_residual(false);
  prompter->set_add_sam_position(true);
  prompter->set_concat_order(PrompterSpec::LOCAL_GLOBAL_IMAGE);
  prompter->set_global_text(PrompterSpec::POOLER);
  prompter->set_local_tokens(PrompterSpec::ALL_POSITIONS);
  return spec;
}

void SetTowers(RsRefSegSpec::Variant variant, RsRefSegSpec* spec) {
  const auto set = [spec](SiglipSpec::Variant siglip, SamSpec::Variant sam) {
    spec->mutable_siglip()->set_variant(siglip);
    spec->mutable_sam()->set_variant(sam);
  };
  switch (variant) {
    case RsRefSegSpec::TINY:
      return set(SiglipSpec::TINY, SamSpec::TINY);
    case RsRefSegSpec::B:
      return set(SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_B);
    case RsRefSegSpec::L:
      return set(SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_L);
    case RsRefSegSpec::VARIANT_UNSPECIFIED:
      return;
  }
}

// Names that stand for other fields are replaced by them, so that two specs
// that mean one network are one message; what is set wins. UNSPECIFIED stays,
// for CheckRsRefSeg.
void ReplaceNames(RsRefSegSpec* spec) {
  RsRefSegSpec filled = Switches(spec->preset());
  SetTowers(spec->variant(), &filled);
  if (spec->preset() != RsRefSegSpec::PRESET_UNSPECIFIED) spec->clear_preset();
  if (spec->variant() != RsRefSegSpec::VARIANT_UNSPECIFIED) {
    spec->clear_variant();
  }
  filled.MergeFrom(*spec);
  *spec = std::move(filled);
}

}  // namespace

void ResolveRsRefSeg(RsRefSegSpec* spec) {
  ReplaceNames(spec);
  spec->set_tuning(spec->tuning());
  ResolveSiglip(spec->mutable_siglip());
  ResolveSam(spec->mutable_sam());
  ResolvePrompter(spec->mutable_prompter());
  // Without adapters nothing reaches the head.
  if (spec->tuning() == RsRefSegSpec::ALL) {
    spec->mutable_siglip()->clear_include_dead_head();
  }
}

void CheckRsRefSeg(const RsRefSegSpec& spec, const SpecChecker& check) {
  check.Chosen("tuning", spec.tuning());
  // Resolving replaces the known ones.
  if (spec.has_preset()) check.Chosen("preset", spec.preset());
  if (spec.has_variant()) check.Chosen("variant", spec.variant());
  const size_t before = check.num_problems();
  CheckSiglip(spec.siglip(), check.Below("siglip"));
  CheckSam(spec.sam(), check.Below("sam"));
  CheckPrompter(spec.prompter(), check.Below("prompter"));
  CheckAdapters(
      RsRefSegAdapterTowers(spec), spec.tuning() == RsRefSegSpec::ALL, before,
      [&spec] { return RsRefSegTensors(spec); }, check);
}

std::vector<AdapterTower> RsRefSegAdapterTowers(const RsRefSegSpec& spec) {
  std::vector<AdapterTower> towers = SiglipAdapterTowers(spec.siglip());
  for (const AdapterTower& tower : SamAdapterTowers(spec.sam())) {
    towers.push_back(tower);
  }
  return towers;
}

std::vector<TensorInfo> RsRefSegTensors(const RsRefSegSpec& spec) {
  const Tuning tuning = TuningOfNetwork(spec);
  const bool all = tuning == Tuning::kEverything;
  TensorBuilder tensors;
  AddSiglipTensors(spec.siglip(), all, /*tunes_scale=*/false, &tensors);
  AddSamTensors(spec.sam(), tuning, &tensors);
  AddPrompterTensors(spec.prompter(), spec.siglip().vision().hidden_size(),
                     spec.sam().prompt_channels(), &tensors);
  if (!all) AddAdapters(RsRefSegAdapterTowers(spec), &tensors);
  return tensors.TakeTensors();
}

void AddRsRefSegCost(const RsRefSegSpec& spec, CostEstimate* estimate) {
  const PrompterSpec& prompter = spec.prompter();
  const int64_t grid = SiglipGrid(spec.siglip());
  AddSiglipCost(spec.siglip(), prompter.global_text() == PrompterSpec::POOLER,
                estimate);
  AddSamCost(spec.sam(), SparsePrompts(prompter, grid),
             HasDensePrompt(prompter), estimate);
  AddPrompterCost(prompter, grid, spec.siglip().vision().hidden_size(),
                  spec.sam().prompt_channels(), estimate);
}

}  // namespace transect
