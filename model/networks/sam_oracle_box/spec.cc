#include "model/networks/sam_oracle_box/spec.h"

#include "model/base/tuning.h"
#include "model/sam/spec.h"

namespace transect {

void ResolveSamOracleBox(SamOracleBoxSpec* spec) {
  spec->set_tuning(spec->tuning());
  ResolveSam(spec->mutable_sam());
}

void CheckSamOracleBox(const SamOracleBoxSpec& spec, const SpecChecker& check) {
  check.Chosen("tuning", spec.tuning());
  CheckSam(spec.sam(), check.Below("sam"));
  if (spec.sam().has_lora()) {
    check.Add("sam.lora", "is set, but the network attaches no LoRA");
  }
}

std::vector<TensorInfo> SamOracleBoxTensors(const SamOracleBoxSpec& spec) {
  TensorBuilder tensors;
  AddSamTensors(spec.sam(), TuningOfNetwork(spec), &tensors);
  return tensors.TakeTensors();
}

void AddSamOracleBoxCost(const SamOracleBoxSpec& spec, CostEstimate* estimate) {
  // A box is two prompts.
  AddSamCost(spec.sam(), /*prompts=*/2, /*mask_prompt=*/false, estimate);
}

}  // namespace transect
