#include "model/lora/adapter_towers.h"

#include <cmath>
#include <list>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/io/defaults.h"
#include "model/lora/targets.h"

namespace transect {
namespace {

constexpr size_t kMostRegexBytes = 4096;

void CheckLora(const LoraSpec& lora, const SpecChecker& check) {
  check.Range("rank", lora.rank(), 0, 1024);
  if (!(std::isfinite(lora.alpha()) && lora.alpha() >= 0)) {
    check.Add("alpha", absl::StrCat("is ", lora.alpha(),
                                    ", must be finite and at least 0"));
  }
  if (!(lora.dropout() >= 0 && lora.dropout() < 1)) {
    check.Add("dropout",
              absl::StrCat("is ", lora.dropout(), ", must be 0 to below 1"));
  }
  for (int i = 0; i < lora.targets_size(); ++i) {
    if (lora.targets(i).empty()) {
      check.Add(absl::StrCat("targets[", i, "]"),
                "is empty, must name a module");
    }
  }
  if (!lora.has_target_regex()) return;
  if (lora.targets_size() > 0) {
    check.Add("target_regex",
              "is set beside targets; a module is named by one or the other");
  }
  if (lora.target_regex().size() > kMostRegexBytes) {
    check.Add("target_regex",
              absl::StrCat("has ", lora.target_regex().size(),
                           " bytes, must have at most ", kMostRegexBytes));
    return;
  }
  const std::string error = TargetMatcher(lora).error();
  if (!error.empty()) {
    check.Add("target_regex", absl::StrCat("is \"", lora.target_regex(),
                                           "\", which is not a regular "
                                           "expression: ",
                                           error));
  }
}

// Whether `lora` adapts a module of `tower` in this table.
bool AdaptsAny(const std::vector<TensorInfo>& table, const AdapterTower& tower,
               const LoraSpec& lora) {
  const TargetMatcher matcher(lora);
  for (const TensorInfo& tensor : table) {
    absl::string_view name = tensor.name;
    if (absl::ConsumePrefix(&name, tower.prefix) &&
        absl::ConsumeSuffix(&name, ".lora_A.weight") && matcher.Matches(name)) {
      return true;
    }
  }
  return false;
}

// A target that adapts nothing is a typo or a module that LoRA cannot adapt.
void CheckTargets(const std::vector<TensorInfo>& table,
                  const AdapterTower& tower, const SpecChecker& check) {
  const LoraSpec& lora = *tower.lora;
  const absl::string_view where = absl::StripSuffix(tower.prefix, ".");
  for (int i = 0; i < lora.targets_size(); ++i) {
    LoraSpec one;
    one.add_targets(lora.targets(i));
    if (!AdaptsAny(table, tower, one)) {
      check.Add(
          absl::StrCat("targets[", i, "]"),
          absl::StrCat("is \"", lora.targets(i),
                       "\", which names no linear or convolution layer of ",
                       where));
    }
  }
  if (lora.has_target_regex() && !AdaptsAny(table, tower, lora)) {
    check.Add("target_regex",
              absl::StrCat("is \"", lora.target_regex(),
                           "\", which matches the whole name of no linear or "
                           "convolution layer of ",
                           where));
  }
}

}  // namespace

void ResolveLora(LoraSpec* lora, std::initializer_list<const char*> targets) {
  WriteDefaults(lora);
  if (lora->alpha() == 0) lora->set_alpha(lora->rank());
  if (lora->targets_size() > 0 || lora->has_target_regex()) return;
  for (const char* target : targets) lora->add_targets(target);
}

void AddAdapters(const std::vector<AdapterTower>& towers,
                 TensorBuilder* tensors) {
  std::list<TargetMatcher> matchers;
  for (const AdapterTower& tower : towers) matchers.emplace_back(*tower.lora);
  for (const AdaptableLayer& layer : tensors->adaptable()) {
    auto matcher = matchers.begin();
    for (const AdapterTower& tower : towers) {
      absl::string_view module = layer.module;
      const bool adapted = absl::ConsumePrefix(&module, tower.prefix) &&
                           matcher->Matches(module);
      const int64_t index = adapted ? LayerIndex(module) : -1;
      if (adapted && (index < 0 || index >= tower.first_layer)) {
        tensors->Adapter(layer, tower.lora->rank());
      }
      ++matcher;
    }
  }
}

void CheckAdapters(const std::vector<AdapterTower>& towers,
                   bool trains_everything, size_t before,
                   const std::function<std::vector<TensorInfo>()>& table,
                   const SpecChecker& check) {
  for (const AdapterTower& tower : towers) {
    if (trains_everything) {
      check.Add(tower.field, "is set, but tuning ALL attaches no LoRA");
    }
    CheckLora(*tower.lora, check.Below(tower.field));
  }
  // The table may be asked for valid sizes only.
  if (check.num_problems() != before) return;
  const std::vector<TensorInfo> tensors = table();
  for (const AdapterTower& tower : towers) {
    CheckTargets(tensors, tower, check.Below(tower.field));
  }
}

}  // namespace transect
