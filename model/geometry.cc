#include "model/geometry.h"

#include <algorithm>

namespace transect {

const SiglipSpec* SiglipOf(const ModelSpec& spec) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      return &spec.rsrefseg().siglip();
    case ModelSpec::kPatchTextMap:
      return &spec.patch_text_map().siglip();
    case ModelSpec::kSamOracleBox:
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return nullptr;
}

const SamSpec* SamOf(const ModelSpec& spec) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      return &spec.rsrefseg().sam();
    case ModelSpec::kSamOracleBox:
      return &spec.sam_oracle_box().sam();
    case ModelSpec::kPatchTextMap:
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return nullptr;
}

int64_t InputImageSize(const ModelSpec& spec) {
  if (const SamSpec* sam = SamOf(spec)) return sam->image_size();
  const SiglipSpec* siglip = SiglipOf(spec);
  return siglip == nullptr ? 0 : siglip->image_size();
}

bool TrainsEverything(const ModelSpec& spec) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      return spec.rsrefseg().tuning() == RsRefSegSpec::ALL;
    case ModelSpec::kPatchTextMap:
      return spec.patch_text_map().tuning() == RsRefSegSpec::ALL;
    case ModelSpec::kSamOracleBox:
      return spec.sam_oracle_box().tuning() == SamOracleBoxSpec::ALL;
    case ModelSpec::MODEL_NOT_SET:
      break;
  }
  return false;
}

bool TrainsNothing(const ModelSpec& spec) {
  return spec.has_sam_oracle_box() &&
         spec.sam_oracle_box().tuning() != SamOracleBoxSpec::ALL;
}

int64_t SiglipGrid(const SiglipSpec& siglip) {
  return siglip.image_size() / siglip.patch_size();
}

int64_t SamGrid(const SamSpec& sam) {
  return sam.image_size() / sam.patch_size();
}

int64_t MaskSide(const SamSpec& sam) { return 4 * SamGrid(sam); }

int64_t DownsamplingBlocks(const PrompterSpec& prompter) {
  int64_t blocks = 0;
  while ((int64_t{1} << blocks) < prompter.downsampling()) ++blocks;
  return blocks;
}

int64_t SparseGrid(const RsRefSegSpec& spec) {
  int64_t side = SiglipGrid(spec.siglip());
  for (int64_t i = 0; i < DownsamplingBlocks(spec.prompter()); ++i) {
    side = (side + 1) / 2;
  }
  return side;
}

int64_t SparsePrompts(const RsRefSegSpec& spec) {
  if (!HasSparsePrompts(spec.prompter())) return 0;
  return SparseGrid(spec) * SparseGrid(spec);
}

bool HasSparsePrompts(const PrompterSpec& prompter) {
  return prompter.prompts() == PrompterSpec::SPARSE ||
         prompter.prompts() == PrompterSpec::SPARSE_AND_DENSE;
}

bool HasDensePrompt(const PrompterSpec& prompter) {
  return prompter.prompts() == PrompterSpec::DENSE ||
         prompter.prompts() == PrompterSpec::SPARSE_AND_DENSE;
}

int64_t PaddedGrid(const SamSpec& sam) {
  const int64_t window = sam.window_size();
  return (SamGrid(sam) + window - 1) / window * window;
}

bool IsGlobalLayer(const SamSpec& sam, int64_t layer) {
  const auto& global = sam.global_attention_layers();
  return std::find(global.begin(), global.end(), layer) != global.end();
}

int64_t FirstAdaptedTextLayer(const SiglipSpec& siglip) {
  const int64_t layers = siglip.text().layers();
  switch (siglip.text_tuning()) {
    case SiglipSpec::FULL:
      return 0;
    case SiglipSpec::HALF:
      return layers - layers / 2;
    default:
      return layers;
  }
}

}  // namespace transect
