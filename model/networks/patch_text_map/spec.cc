#include "model/networks/patch_text_map/spec.h"

#include "data/io/defaults.h"
#include "model/base/tuning.h"
#include "model/lora/adapter_towers.h"
#include "model/siglip/spec.h"

namespace transect {

void ResolvePatchTextMap(PatchTextMapSpec* spec) {
  WriteDefaults(spec);
  ResolveSiglip(spec->mutable_siglip());
  // Without adapters nothing reaches the head.
  if (spec->tuning() == PatchTextMapSpec::ALL) {
    spec->mutable_siglip()->clear_include_dead_head();
  }
}

void CheckPatchTextMap(const PatchTextMapSpec& spec, const SpecChecker& check) {
  check.Chosen("tuning", spec.tuning());
  check.Chosen("similarity", spec.similarity());
  check.Chosen("global_text", spec.global_text());
  const size_t before = check.num_problems();
  CheckSiglip(spec.siglip(), check.Below("siglip"));
  CheckAdapters(
      SiglipAdapterTowers(spec.siglip()),
      spec.tuning() == PatchTextMapSpec::ALL, before,
      [&spec] { return PatchTextMapTensors(spec); }, check);
}

std::vector<TensorInfo> PatchTextMapTensors(const PatchTextMapSpec& spec) {
  const bool all = spec.tuning() == PatchTextMapSpec::ALL;
  // A dot product has no scale: weight decay alone would move it.
  const bool tunes_scale = spec.has_tune_scale() && spec.tune_scale() &&
                           spec.similarity() == PrompterSpec::COSINE_SCALED;
  TensorBuilder tensors;
  AddSiglipTensors(spec.siglip(), all, tunes_scale, &tensors);
  if (!all) AddAdapters(SiglipAdapterTowers(spec.siglip()), &tensors);
  return tensors.TakeTensors();
}

void AddPatchTextMapCost(const PatchTextMapSpec& spec, CostEstimate* estimate) {
  const int64_t grid = SiglipGrid(spec.siglip());
  AddSiglipCost(spec.siglip(), spec.global_text() == PrompterSpec::POOLER,
                estimate);
  // The sentence with every patch.
  estimate->AddTrained("siglip.text",
                       2 * grid * grid * spec.siglip().vision().hidden_size());
}

}  // namespace transect
