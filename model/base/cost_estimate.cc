#include "model/base/cost_estimate.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace transect {
namespace {

constexpr absl::string_view kAdapters = "adapters";

int64_t Bytes(const BlockMemory& memory, bool dropout, int64_t element_bytes) {
  return memory.elements * element_bytes + memory.logsumexp * 4 +
         (dropout ? memory.masks : 0);
}

// FLOPs of a frozen tower's backward from what gradients pass through.
int64_t FrozenBackward(const Flops& passed) {
  return passed.linear + passed.attention * 5 / 2;
}

}  // namespace

Flops& Flops::operator+=(const Flops& other) {
  linear += other.linear;
  attention += other.attention;
  return *this;
}

CostPart& CostEstimate::Part(absl::string_view name) {
  for (CostPart& part : cost_.parts) {
    if (part.name == name) return part;
  }
  cost_.parts.emplace_back();
  cost_.parts.back().name = std::string(name);
  return cost_.parts.back();
}

int64_t CostEstimate::FirstAdaptedLayer(const TowerCost& tower) const {
  int64_t first = tower.layers;
  for (const TensorInfo& tensor : table_) {
    absl::string_view module = tensor.name;
    if (!tensor.adapter || !absl::ConsumePrefix(&module, tower.prefix)) {
      continue;
    }
    const int64_t layer = LayerIndex(module);
    if (layer >= 0) first = std::min(first, layer);
  }
  return first;
}

void CostEstimate::AddTower(const TowerCost& tower) {
  const bool all = trains_everything();
  const int64_t first = all ? 0 : FirstAdaptedLayer(tower);
  Flops forward = {tower.below + tower.above, 0};
  Flops passed = {first < tower.layers ? tower.above : 0, 0};
  for (int64_t i = 0; i < tower.layers; ++i) {
    forward += tower.flops(i);
    if (i < first) continue;
    passed += tower.flops(i);
    const BlockMemory memory = tower.memory(i);
    const int64_t whole =
        Bytes(memory, tower.dropout && !all, options_.element_bytes);
    largest_block_ = std::max(largest_block_, whole);
    cost_.activation_bytes += options_.checkpoint_activations
                                  ? memory.input * options_.element_bytes
                                  : whole;
  }
  CostPart& part = Part(tower.part);
  part.forward_flops += forward.total();
  part.backward_flops += all ? 2 * forward.total() : FrozenBackward(passed);
}

void CostEstimate::AddTrained(absl::string_view part, int64_t flops) {
  CostPart& to = Part(part);
  to.forward_flops += flops;
  to.backward_flops += tuning_ == Tuning::kNothing ? 0 : 2 * flops;
}

void CostEstimate::AddAdapters(
    absl::string_view prefix,
    const std::function<int64_t(absl::string_view module)>& tokens) {
  for (const TensorInfo& tensor : table_) {
    absl::string_view module = tensor.name;
    if (!tensor.adapter || !absl::ConsumePrefix(&module, prefix)) continue;
    // Both factors end alike, and each costs its elements per token.
    if (!absl::ConsumeSuffix(&module, ".lora_A.weight")) {
      absl::ConsumeSuffix(&module, ".lora_B.weight");
    }
    adapter_flops_ += 2 * tokens(module) * NumElements(tensor);
  }
}

ModelCost CostEstimate::Finish(
    const std::function<std::string(const TensorInfo& tensor)>& part_of) {
  std::set<std::string> adapted;
  for (const TensorInfo& tensor : table_) {
    absl::string_view module = tensor.name;
    if (tensor.adapter && absl::ConsumeSuffix(&module, ".lora_A.weight")) {
      adapted.insert(absl::StrCat(module, ".weight"));
    }
  }
  for (const TensorInfo& tensor : table_) {
    const int64_t n = NumElements(tensor);
    if (!tensor.used) cost_.unused_parameters += n;
    if (!tensor.used || tensor.statistic) continue;
    if (adapted.contains(tensor.name)) cost_.adapted_parameters += n;
    CostPart& part = Part(tensor.adapter ? kAdapters : part_of(tensor));
    part.parameters += n;
    if (tensor.trainable) part.trainable_parameters += n;
  }
  AddTrained(kAdapters, adapter_flops_);
  if (options_.checkpoint_activations) {
    cost_.activation_bytes += largest_block_;
  }
  for (const CostPart& part : cost_.parts) {
    cost_.parameters += part.parameters;
    cost_.trainable_parameters += part.trainable_parameters;
    cost_.forward_flops += part.forward_flops;
    cost_.train_flops += part.forward_flops + part.backward_flops;
  }
  return std::move(cost_);
}

int64_t PatchEmbeddingFlops(int64_t grid, int64_t patch, int64_t hidden) {
  return 2 * grid * grid * 3 * patch * patch * hidden;
}

}  // namespace transect
