#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/geometry.h"
#include "model/spec.h"
#include "model/tensor_table.h"

namespace transect {
namespace {

// Collects problems below one field path.
class Checker {
 public:
  Checker(absl::string_view path, Problems* problems)
      : path_(path), problems_(problems) {}

  Checker Below(absl::string_view field) const {
    return Checker(absl::StrCat(path_, ".", field), problems_);
  }

  void Add(absl::string_view field, const std::string& message) const {
    problems_->Add(absl::StrCat(path_, ".", field), message);
  }

  bool Range(absl::string_view field, int64_t value, int64_t low,
             int64_t high) const {
    if (low <= value && value <= high) return true;
    Add(field, absl::StrCat("is ", value, ", must be ", low, " to ", high));
    return false;
  }

  // A multiple of `factor`, from `factor` to `high`.
  bool Multiple(absl::string_view field, int64_t value, int64_t factor,
                int64_t high) const {
    if (!Range(field, value, factor, high)) return false;
    if (value % factor == 0) return true;
    Add(field, absl::StrCat("is ", value, ", must be a multiple of ", factor));
    return false;
  }

  bool Divides(absl::string_view field, int64_t divisor, int64_t value,
               absl::string_view what) const {
    if (divisor > 0 && value % divisor == 0) return true;
    Add(field,
        absl::StrCat("is ", divisor, ", must divide ", what, " ", value));
    return false;
  }

  // Enums: zero is "unspecified" and is not a choice.
  void Chosen(absl::string_view field, int value) const {
    if (value == 0) Add(field, "must not be UNSPECIFIED");
  }

 private:
  std::string path_;
  Problems* problems_;
};

bool CheckTower(const TowerSize& tower, const Checker& check) {
  bool ok = check.Range("hidden_size", tower.hidden_size(), 1, 16384);
  ok &= check.Range("mlp_size", tower.mlp_size(), 1, 65536);
  ok &= check.Range("layers", tower.layers(), 1, 256);
  ok &= check.Range("heads", tower.heads(), 1, 256);
  return ok && check.Divides("heads", tower.heads(), tower.hidden_size(),
                             "hidden_size");
}

bool CheckGrid(int64_t image_size, int64_t patch_size, const Checker& check) {
  if (!check.Range("image_size", image_size, 1, 8192) ||
      !check.Range("patch_size", patch_size, 1, image_size)) {
    return false;
  }
  const int64_t grid = image_size / patch_size;
  if (grid <= 256) return true;
  check.Add(
      "patch_size",
      absl::StrCat("is ", patch_size, ", which gives a grid of ", grid, " for ",
                   image_size, " pixels; at most 256 are allowed"));
  return false;
}

constexpr size_t kMostRegexBytes = 4096;

void CheckLora(const LoraSpec& lora, const Checker& check) {
  check.Range("rank", lora.rank(), 1, 1024);
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
                                           "\", which is no regular "
                                           "expression: ",
                                           error));
  }
}

void CheckSiglip(const SiglipSpec& siglip, const Checker& check) {
  check.Chosen("variant", siglip.variant());
  check.Chosen("text_tuning", siglip.text_tuning());
  check.Chosen("text_padding", siglip.text_padding());
  const bool vision = CheckTower(siglip.vision(), check.Below("vision"));
  const bool text = CheckTower(siglip.text(), check.Below("text"));
  if (vision && text &&
      siglip.text().hidden_size() != siglip.vision().hidden_size()) {
    check.Add("text.hidden_size",
              absl::StrCat("is ", siglip.text().hidden_size(),
                           ", must be vision.hidden_size ",
                           siglip.vision().hidden_size(),
                           ": words and patches are compared"));
  }
  CheckGrid(siglip.image_size(), siglip.patch_size(), check);
  check.Range("vocab_size", siglip.vocab_size(), 2, 1 << 20);
  check.Range("max_positions", siglip.max_positions(), 2, 4096);
}

void CheckGlobalLayers(const SamSpec& sam, const Checker& check) {
  int64_t previous = -1;
  for (int i = 0; i < sam.global_attention_layers_size(); ++i) {
    const int64_t layer = sam.global_attention_layers(i);
    const std::string field = absl::StrCat("global_attention_layers[", i, "]");
    if (!check.Range(field, layer, 0, sam.vision().layers() - 1)) return;
    if (layer <= previous) {
      check.Add(field, absl::StrCat("is ", layer, " after ", previous,
                                    ", must ascend without repeats"));
      return;
    }
    previous = layer;
  }
}

void CheckSam(const SamSpec& sam, const Checker& check) {
  check.Chosen("variant", sam.variant());
  if (CheckTower(sam.vision(), check.Below("vision"))) {
    CheckGlobalLayers(sam, check);
  }
  if (CheckGrid(sam.image_size(), sam.patch_size(), check)) {
    check.Divides("patch_size", sam.patch_size(), sam.image_size(),
                  "image_size");
  }
  check.Range("window_size", sam.window_size(), 1, 256);
  // Sines and cosines halve the channels, up-scaling divides them by 8, and
  // cross attention works on half of them.
  if (check.Multiple("prompt_channels", sam.prompt_channels(), 8, 4096) &&
      check.Range("decoder_heads", sam.decoder_heads(), 1, 256)) {
    check.Divides("decoder_heads", sam.decoder_heads(),
                  sam.prompt_channels() / 2, "half of prompt_channels");
  }
  check.Multiple("mask_input_channels", sam.mask_input_channels(), 4, 1024);
  check.Range("decoder_mlp_size", sam.decoder_mlp_size(), 1, 65536);
}

void CheckPrompter(const PrompterSpec& prompter, const Checker& check) {
  const int rate = prompter.downsampling();
  if (rate != 2 && rate != 4 && rate != 8) {
    check.Add("downsampling", absl::StrCat("is ", rate, ", must be 2, 4 or 8"));
  }
  check.Chosen("prompts", prompter.prompts());
  check.Chosen("similarity", prompter.similarity());
  check.Chosen("local_combine", prompter.local_combine());
  check.Chosen("concat_order", prompter.concat_order());
  check.Chosen("global_text", prompter.global_text());
  check.Chosen("local_tokens", prompter.local_tokens());
}

// Whether `lora` adapts a module of `tower` in this table.
bool AdaptsAny(const std::vector<TensorInfo>& table, absl::string_view tower,
               const LoraSpec& lora) {
  const TargetMatcher matcher(lora);
  for (const TensorInfo& tensor : table) {
    absl::string_view name = tensor.name;
    if (absl::ConsumePrefix(&name, tower) &&
        absl::ConsumeSuffix(&name, ".lora_A.weight") && matcher.Matches(name)) {
      return true;
    }
  }
  return false;
}

// A target that adapts nothing is a typo or a module that LoRA cannot adapt.
void CheckTargets(const std::vector<TensorInfo>& table, absl::string_view tower,
                  const LoraSpec& lora, const Checker& check) {
  const absl::string_view where = tower.substr(0, tower.size() - 1);
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

// LoRA of one tower.
struct Adapted {
  absl::string_view field;
  absl::string_view tower;
  const LoraSpec* lora;
};

void AddAdapted(const SiglipSpec& siglip, std::vector<Adapted>* adapted) {
  if (siglip.has_vision_lora()) {
    adapted->push_back(
        {"siglip.vision_lora", "siglip.vision_model.", &siglip.vision_lora()});
  }
  if (siglip.has_text_lora()) {
    adapted->push_back(
        {"siglip.text_lora", "siglip.text_model.", &siglip.text_lora()});
  }
}

void AddAdapted(const SamSpec& sam, std::vector<Adapted>* adapted) {
  if (sam.has_lora()) {
    adapted->push_back({"sam.lora", "sam.vision_encoder.", &sam.lora()});
  }
}

// Checks the adapters of a spec in which `problems` had `before` entries when
// its check began.
void CheckAdapted(const ModelSpec& spec, const std::vector<Adapted>& adapted,
                  size_t before, const Checker& check,
                  const Problems& problems) {
  for (const Adapted& a : adapted) {
    if (TrainsEverything(spec)) {
      check.Add(a.field, "is set, but tuning ALL attaches no LoRA");
    }
    CheckLora(*a.lora, check.Below(a.field));
  }
  // The table may be asked for valid sizes only.
  if (problems.all().size() != before) return;
  const std::vector<TensorInfo> table = TensorTable(spec);
  for (const Adapted& a : adapted) {
    CheckTargets(table, a.tower, *a.lora, check.Below(a.field));
  }
}

void CheckRsRefSeg(const ModelSpec& spec, const Checker& check,
                   const Problems& problems) {
  const RsRefSegSpec& rsrefseg = spec.rsrefseg();
  check.Chosen("tuning", rsrefseg.tuning());
  // Resolving replaces the known ones.
  if (rsrefseg.has_preset()) check.Chosen("preset", rsrefseg.preset());
  if (rsrefseg.has_variant()) check.Chosen("variant", rsrefseg.variant());
  std::vector<Adapted> adapted;
  AddAdapted(rsrefseg.siglip(), &adapted);
  AddAdapted(rsrefseg.sam(), &adapted);
  const size_t before = problems.all().size();
  CheckSiglip(rsrefseg.siglip(), check.Below("siglip"));
  CheckSam(rsrefseg.sam(), check.Below("sam"));
  CheckPrompter(rsrefseg.prompter(), check.Below("prompter"));
  CheckAdapted(spec, adapted, before, check, problems);
}

void CheckPatchTextMap(const ModelSpec& spec, const Checker& check,
                       const Problems& problems) {
  const PatchTextMapSpec& map = spec.patch_text_map();
  check.Chosen("tuning", map.tuning());
  check.Chosen("similarity", map.similarity());
  check.Chosen("global_text", map.global_text());
  std::vector<Adapted> adapted;
  AddAdapted(map.siglip(), &adapted);
  const size_t before = problems.all().size();
  CheckSiglip(map.siglip(), check.Below("siglip"));
  CheckAdapted(spec, adapted, before, check, problems);
}

void CheckSamOracleBox(const ModelSpec& spec, const Checker& check) {
  const SamOracleBoxSpec& oracle = spec.sam_oracle_box();
  check.Chosen("tuning", oracle.tuning());
  CheckSam(oracle.sam(), check.Below("sam"));
  if (oracle.sam().has_lora()) {
    check.Add("sam.lora", "is set, but the network attaches no LoRA");
  }
}

}  // namespace

void ValidateModelSpec(const ModelSpec& spec, absl::string_view path,
                       Problems* problems) {
  switch (spec.model_case()) {
    case ModelSpec::kRsrefseg:
      CheckRsRefSeg(spec, Checker(absl::StrCat(path, ".rsrefseg"), problems),
                    *problems);
      return;
    case ModelSpec::kPatchTextMap:
      CheckPatchTextMap(
          spec, Checker(absl::StrCat(path, ".patch_text_map"), problems),
          *problems);
      return;
    case ModelSpec::kSamOracleBox:
      CheckSamOracleBox(
          spec, Checker(absl::StrCat(path, ".sam_oracle_box"), problems));
      return;
    case ModelSpec::MODEL_NOT_SET:
      problems->Add(path,
                    "names no network: set rsrefseg, patch_text_map or "
                    "sam_oracle_box");
      return;
  }
}

}  // namespace transect
