#include "model/networks/rsrefseg/spec.h"

#include "model/attn_prompter/spec.h"
#include "model/base/tuning.h"
#include "model/sam/spec.h"
#include "model/siglip/spec.h"

namespace transect {
namespace {

// What the presets say where they differ (docs/variants.md).
struct Switches {
  double lora_alpha;  // 0: equal to the rank
  bool tune_prompt_encoder, include_dead_head;
  SiglipSpec::Padding text_padding;
  PrompterSpec::Similarity similarity;
  PrompterSpec::LocalCombine local_combine;
  bool global_residual, add_sam_position;
  PrompterSpec::ConcatOrder concat_order;
  PrompterSpec::GlobalText global_text;
  PrompterSpec::LocalTokens local_tokens;
};

bool FindSwitches(RsRefSegSpec::Preset preset, Switches* switches) {
  switch (preset) {
    case RsRefSegSpec::PAPER:
      *switches = {0,
                   false,
                   false,
                   SiglipSpec::NONE,
                   PrompterSpec::DOT,
                   PrompterSpec::ADD,
                   true,
                   false,
                   PrompterSpec::GLOBAL_LOCAL_IMAGE,
                   PrompterSpec::EOS_HIDDEN,
                   PrompterSpec::WORDS};
      return true;
    case RsRefSegSpec::RELEASED_CODE:
      *switches = {16,
                   true,
                   true,
                   SiglipSpec::LONGEST,
                   PrompterSpec::COSINE_SCALED,
                   PrompterSpec::AVERAGE,
                   false,
                   true,
                   PrompterSpec::LOCAL_GLOBAL_IMAGE,
                   PrompterSpec::POOLER,
                   PrompterSpec::ALL_POSITIONS};
      return true;
    case RsRefSegSpec::PRESET_UNSPECIFIED:
      return false;
  }
  return false;
}

// Writes what is not set.
void ApplySwitches(const Switches& switches, RsRefSegSpec* spec) {
  SiglipSpec* siglip = spec->mutable_siglip();
  SamSpec* sam = spec->mutable_sam();
  PrompterSpec* prompter = spec->mutable_prompter();
  for (LoraSpec* lora : {siglip->mutable_vision_lora(),
                         siglip->mutable_text_lora(), sam->mutable_lora()}) {
    if (!lora->has_alpha()) lora->set_alpha(switches.lora_alpha);
  }
  if (!siglip->has_text_padding()) {
    siglip->set_text_padding(switches.text_padding);
  }
  if (!siglip->has_include_dead_head()) {
    siglip->set_include_dead_head(switches.include_dead_head);
  }
  if (!sam->has_tune_prompt_encoder()) {
    sam->set_tune_prompt_encoder(switches.tune_prompt_encoder);
  }
  if (!prompter->has_similarity()) {
    prompter->set_similarity(switches.similarity);
  }
  if (!prompter->has_local_combine()) {
    prompter->set_local_combine(switches.local_combine);
  }
  if (!prompter->has_global_residual()) {
    prompter->set_global_residual(switches.global_residual);
  }
  if (!prompter->has_add_sam_position()) {
    prompter->set_add_sam_position(switches.add_sam_position);
  }
  if (!prompter->has_concat_order()) {
    prompter->set_concat_order(switches.concat_order);
  }
  if (!prompter->has_global_text()) {
    prompter->set_global_text(switches.global_text);
  }
  if (!prompter->has_local_tokens()) {
    prompter->set_local_tokens(switches.local_tokens);
  }
}

struct Towers {
  SiglipSpec::Variant siglip;
  SamSpec::Variant sam;
};

bool FindTowers(RsRefSegSpec::Variant variant, Towers* towers) {
  switch (variant) {
    case RsRefSegSpec::TINY:
      *towers = {SiglipSpec::TINY, SamSpec::TINY};
      return true;
    case RsRefSegSpec::B:
      *towers = {SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_B};
      return true;
    case RsRefSegSpec::L:
      *towers = {SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_L};
      return true;
    case RsRefSegSpec::VARIANT_UNSPECIFIED:
      return false;
  }
  return false;
}

// Names that stand for other fields are replaced by them, so that two specs
// that mean one network are one message. An unknown name stays, for
// CheckRsRefSeg.
void ReplaceNames(RsRefSegSpec* spec) {
  Switches switches;
  if (FindSwitches(spec->preset(), &switches)) {
    ApplySwitches(switches, spec);
    spec->clear_preset();
  }
  Towers towers;
  if (FindTowers(spec->variant(), &towers)) {
    if (!spec->siglip().has_variant()) {
      spec->mutable_siglip()->set_variant(towers.siglip);
    }
    if (!spec->sam().has_variant()) {
      spec->mutable_sam()->set_variant(towers.sam);
    }
    spec->clear_variant();
  }
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
