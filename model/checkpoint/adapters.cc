#include "model/checkpoint/adapters.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/io/suggestion.h"
#include "model/checkpoint/hugging_face.h"
#include "model/parts.h"
#include "model/tensor_table.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Json = nlohmann::json;

constexpr char kPeftPrefix[] = "base_model.model.";
constexpr char kPicklesRefused[] =
    "; PyTorch's files are pickles, which can run code when they are read, so "
    "they are refused: save the adapter with safe_serialization=True";

// Transformers and PEFT refuse a file that does not say so.
const std::map<std::string, std::string>& Metadata() {
  static const auto& metadata =
      *new std::map<std::string, std::string>{{"format", "pt"}};
  return metadata;
}

bool IsRest(const TensorInfo& tensor) {
  return !tensor.adapter && (tensor.trainable || tensor.statistic);
}

// "sam.mask_decoder.x" -> "mask_decoder.x".
std::string WithoutFirstWord(const std::string& name) {
  return name.substr(name.find('.') + 1);
}

// Bytes of the tensors to write, which a SafetensorsSource only points to.
class Copies {
 public:
  absl::Status Add(const StoredTensor& stored, std::string name,
                   std::vector<SafetensorsSource>* sources) {
    const SafetensorsInfo& info = *stored.info;
    bytes_.push_back(std::make_unique<std::string>(info.end - info.begin, 0));
    TRANSECT_RETURN_IF_ERROR(
        stored.file->Read(info, absl::MakeSpan(*bytes_.back())));
    sources->push_back(
        {std::move(name), info.dtype, info.shape, *bytes_.back()});
    return absl::OkStatus();
  }

 private:
  std::vector<std::unique_ptr<std::string>> bytes_;
};

// All that a run of `spec` trains must be in `trained`.
absl::Status CheckTrained(const std::vector<TensorInfo>& table,
                          const TensorSet& trained) {
  std::map<std::string, WantedTensor> wanted;
  for (const TensorInfo& tensor : table) {
    if (tensor.adapter || IsRest(tensor)) {
      wanted[tensor.name] = {tensor.shape, false};
    }
  }
  // Buffers of the frozen parts are there too.
  return CheckTensors(trained.path(), trained.tensors(), wanted,
                      [](absl::string_view) { return true; });
}

std::string AdapterConfig(const ModelSpec& spec, const AdapterTower& tower,
                          const std::vector<std::string>& modules) {
  const LoraSpec& lora = *tower.lora;
  const std::string base = HubName(spec, tower.hugging_face_model == "SamModel"
                                             ? HuggingFaceModel::kSam
                                             : HuggingFaceModel::kSiglip);
  using Json = nlohmann::ordered_json;
  // PEFT declares alpha an integer, and computes with what is there.
  const auto whole_alpha = static_cast<int64_t>(lora.alpha());
  const Json config = {
      {"peft_type", "LORA"},
      {"task_type", nullptr},
      {"base_model_name_or_path", base.empty() ? Json() : Json(base)},
      {"r", lora.rank()},
      {"lora_alpha",
       lora.alpha() == whole_alpha ? Json(whole_alpha) : Json(lora.alpha())},
      {"lora_dropout", lora.dropout()},
      {"target_modules", modules},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"init_lora_weights", true},
      {"inference_mode", true},
      {"modules_to_save", nullptr}};
  return config.dump(2) + "\n";
}

absl::Status WriteTower(const ModelSpec& spec, const AdapterTower& tower,
                        const std::vector<TensorInfo>& table,
                        const TensorSet& trained,
                        const std::string& directory) {
  Copies copies;
  std::vector<SafetensorsSource> sources;
  std::vector<std::string> modules;
  for (const TensorInfo& tensor : table) {
    absl::string_view name = tensor.name;
    if (!tensor.adapter || !absl::ConsumePrefix(&name, tower.prefix)) {
      continue;
    }
    TRANSECT_RETURN_IF_ERROR(copies.Add(
        trained.tensors().at(tensor.name),
        absl::StrCat(kPeftPrefix, tower.hugging_face_prefix, name), &sources));
    if (absl::ConsumeSuffix(&name, ".lora_A.weight")) {
      modules.push_back(absl::StrCat(tower.hugging_face_prefix, name));
    }
  }
  const std::string own = absl::StrCat(directory, "/", tower.directory);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(own));
  TRANSECT_RETURN_IF_ERROR(WriteSafetensors(
      absl::StrCat(own, "/", kAdapterFile), std::move(sources), Metadata()));
  return WriteFileAtomic(
      absl::StrCat(own, "/", kAdapterConfigFile),
      absl::string_view(AdapterConfig(spec, tower, modules)));
}

// What a key of adapter_config.json may say.
struct ConfigRule {
  const char* key;
  // What its absence means: PEFT's default.
  Json fallback;
  // Empty for any value.
  std::vector<Json> allowed;
  // Why nothing else is.
  std::string reason;
};

// Every key that PEFT (up to 0.21) writes for LoRA. What is not here may change
// what is computed, and is refused.
std::vector<ConfigRule> ConfigRules(const LoraSpec& lora) {
  const Json none = nullptr;
  const Json empty = Json::object();
  const Json list = Json::array();
  const std::string not_built = "the network does nothing else";
  const std::string other_method = "a method that the network does not have";
  std::vector<ConfigRule> rules = {
      {"peft_type", none, {"LORA"}, not_built},
      {"r", 8, {lora.rank()}, "the rank of the spec"},
      {"lora_alpha", 8, {lora.alpha()}, "the alpha of the spec"},
      {"bias", "none", {"none"}, not_built},
      {"fan_in_fan_out", false, {false, none}, not_built},
      {"merge_weights", false, {false, none}, not_built},
      {"enable_lora", none, {none}, not_built},
      {"use_rslora", false, {false, none}, not_built},
      {"use_dora", false, {false, none}, not_built},
      {"use_qalora", false, {false, none}, not_built},
      {"use_bdlora", none, {none, false}, not_built},
      {"lora_bias", false, {false, none}, not_built},
      {"ensure_weight_tying", false, {false, none}, not_built},
      {"layer_replication", none, {none, list}, not_built},
      {"target_parameters", none, {none, list}, "only layers are adapted"},
      {"trainable_token_indices",
       none,
       {none, list, empty},
       "no embedding is trained"},
      {"rank_pattern", empty, {empty, none}, "one rank for all layers"},
      {"alpha_pattern", empty, {empty, none}, "one alpha for all layers"},
      {"modules_to_save",
       none,
       {none, list},
       "the trainable rest has a file of its own"},
      // Others, such as PiSSA, change the base weights.
      {"init_lora_weights",
       true,
       {true, false, "gaussian", "orthogonal"},
       "the base weights must be those of Hugging Face"},
  };
  for (const char* key :
       {"alora_invocation_tokens", "arrow_config", "corda_config", "eva_config",
        "kasa_config", "loftq_config", "lora_ga_config", "megatron_config",
        "monteclora_config", "velora_config"}) {
    rules.push_back({key, none, {none, empty, list, false}, other_method});
  }
  // They say which layers are adapted, which the tensors show, or nothing about
  // what is computed.
  for (const char* key :
       {"auto_mapping", "base_model_name_or_path", "exclude_modules",
        "inference_mode", "layers_pattern", "layers_to_transform",
        "lora_dropout", "megatron_core", "peft_version", "qalora_group_size",
        "revision", "runtime_config", "target_modules", "task_type"}) {
    rules.push_back({key, none, {}, ""});
  }
  return rules;
}

// A value of a file, shortened.
std::string Shown(const Json& value) {
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true,
                                Json::error_handler_t::replace);
  return text.size() > 80 ? text.substr(0, 77) + "..." : text;
}

// What `config` says that the network does not do, key by key.
std::vector<std::string> ConfigProblems(const Json& config,
                                        const LoraSpec& lora) {
  std::vector<std::string> problems;
  std::vector<std::string> known;
  for (const ConfigRule& rule : ConfigRules(lora)) {
    known.push_back(rule.key);
    const auto found = config.find(rule.key);
    const Json& value = found == config.end() ? rule.fallback : *found;
    bool allowed = rule.allowed.empty();
    for (const Json& one : rule.allowed) allowed |= value == one;
    if (!allowed) {
      problems.push_back(absl::StrCat(rule.key, " is ", Shown(value),
                                      ", must be ", Shown(rule.allowed[0]),
                                      " (", rule.reason, ")"));
    }
  }
  for (const auto& [key, value] : config.items()) {
    if (value.is_null() || std::ranges::find(known, key) != known.end()) {
      continue;
    }
    const std::vector<std::string> near = NearNames(key, known);
    problems.push_back(absl::StrCat(
        Quoted(key), " is ", Shown(value),
        ", and such a key is not known here, so it may change what is "
        "computed: where it does not, set it to null",
        near.empty() ? "" : DidYouMean(key, near)));
  }
  return problems;
}

absl::Status CheckAdapterConfig(const std::string& path, const LoraSpec& lora) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxAdapterConfigBytes));
  TRANSECT_ASSIGN_OR_RETURN(const Json config, ParseAdapterConfig(text, path));
  const std::vector<std::string> problems = ConfigProblems(config, lora);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, " disagrees with the spec: ", absl::StrJoin(problems, "; ")));
}

// Takes away what torch.compile and data-parallel training put before the name
// of a module.
void ConsumeWrappers(absl::string_view* name) {
  while (absl::ConsumePrefix(name, "module.") ||
         absl::ConsumePrefix(name, "_orig_mod.")) {
  }
}

// "x.lora_A.default.weight" as "x.lora_A.weight"; the name of an adapter, which
// PEFT leaves out when it saves, has no dot.
std::string WithoutAdapterName(const std::string& name) {
  for (const absl::string_view part : {".lora_A.", ".lora_B."}) {
    const size_t at = absl::string_view(name).rfind(part);
    if (at == absl::string_view::npos) continue;
    absl::string_view rest = absl::string_view(name).substr(at + part.size());
    if (rest != "weight" && absl::ConsumeSuffix(&rest, ".weight") &&
        !rest.empty() && rest.find('.') == absl::string_view::npos) {
      return absl::StrCat(name.substr(0, at), part, "weight");
    }
  }
  return name;
}

// The name below the tower of a key in an adapter's file, whichever module was
// wrapped; the key itself where it is not of that form.
std::string NameInTower(absl::string_view key, const AdapterTower& tower) {
  // A part of the model can be compiled alone.
  const std::string plain = absl::StrReplaceAll(key, {{"._orig_mod.", "."}});
  absl::string_view name = plain;
  ConsumeWrappers(&name);
  if (!absl::ConsumePrefix(&name, kPeftPrefix)) return std::string(key);
  ConsumeWrappers(&name);
  if (!absl::ConsumePrefix(&name, tower.hugging_face_prefix)) {
    absl::ConsumePrefix(&name, "model.");
  }
  return WithoutAdapterName(std::string(name));
}

absl::Status OpenTower(const std::string& directory, const AdapterTower& tower,
                       const std::vector<TensorInfo>& table,
                       AdapterWeights* weights) {
  const std::string own = absl::StrCat(directory, "/", tower.directory);
  const std::string file = absl::StrCat(own, "/", kAdapterFile);
  if (!FileExists(file)) {
    const std::string pickle = absl::StrCat(own, "/adapter_model.bin");
    if (FileExists(pickle)) {
      return absl::FailedPreconditionError(
          absl::StrCat(own, ": has adapter_model.bin and no ", kAdapterFile,
                       kPicklesRefused));
    }
    return absl::NotFoundError(absl::StrCat(own, ": has no ", kAdapterFile));
  }
  TRANSECT_RETURN_IF_ERROR(CheckAdapterConfig(
      absl::StrCat(own, "/", kAdapterConfigFile), *tower.lora));
  TRANSECT_ASSIGN_OR_RETURN(TensorSet set, TensorSet::OpenFile(file));
  StoredTensors stored;
  for (const auto& [key, place] : set.tensors()) {
    const auto [same, added] = stored.emplace(NameInTower(key, tower), place);
    if (!added) {
      return absl::InvalidArgumentError(absl::StrCat(
          file, ": ", Quoted(same->second.info->name, kLongestShownName),
          " and ", Quoted(key, kLongestShownName),
          " are of the same layer; a file holds one adapter"));
    }
  }
  std::map<std::string, WantedTensor> wanted;
  for (const TensorInfo& tensor : table) {
    absl::string_view name = tensor.name;
    if (tensor.adapter && absl::ConsumePrefix(&name, tower.prefix)) {
      wanted[std::string(name)] = {tensor.shape, false};
    }
  }
  TRANSECT_RETURN_IF_ERROR(CheckTensors(
      file, stored, wanted, [](absl::string_view) { return false; }));
  for (const auto& [name, place] : stored) {
    weights->tensors[absl::StrCat(tower.prefix, name)] = place;
  }
  weights->sets.push_back(std::make_unique<TensorSet>(std::move(set)));
  return absl::OkStatus();
}

absl::Status OpenRest(const std::string& directory,
                      const std::vector<TensorInfo>& table,
                      AdapterWeights* weights) {
  const std::string file = absl::StrCat(directory, "/", kRestFile);
  TRANSECT_ASSIGN_OR_RETURN(TensorSet set, TensorSet::OpenFile(file));
  std::map<std::string, WantedTensor> wanted;
  std::map<std::string, std::string> our_names;
  for (const TensorInfo& tensor : table) {
    if (!IsRest(tensor)) continue;
    const std::string name = WithoutFirstWord(tensor.name);
    wanted[name] = {tensor.shape, false};
    our_names[name] = tensor.name;
  }
  TRANSECT_RETURN_IF_ERROR(CheckTensors(
      file, set.tensors(), wanted, [](absl::string_view) { return false; }));
  for (const auto& [name, place] : set.tensors()) {
    weights->tensors[our_names.at(name)] = place;
  }
  weights->sets.push_back(std::make_unique<TensorSet>(std::move(set)));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Json> ParseAdapterConfig(const std::string& text,
                                        const std::string& path) {
  absl::StatusOr<Json> config = ParseStrictJson(text, path);
  if (!config.ok()) return absl::DataLossError(config.status().message());
  if (!config->is_object()) {
    return absl::DataLossError(absl::StrCat(path, ": is not a JSON object"));
  }
  return config;
}

std::map<std::string, std::string> RestNames(const ModelSpec& spec) {
  std::map<std::string, std::string> names;
  for (const TensorInfo& tensor : TensorTable(WithDefaultTuning(spec))) {
    if (IsRest(tensor)) names[WithoutFirstWord(tensor.name)] = tensor.name;
  }
  return names;
}

absl::Status WriteAdapters(const ModelSpec& spec, const TensorSet& trained,
                           const std::string& directory) {
  if (TrainsEverything(spec) || TrainsNothing(spec)) {
    return absl::FailedPreconditionError(
        absl::StrCat(trained.path(),
                     ": the run trained whole parts and has no adapters; "
                     "export it merged"));
  }
  const std::vector<TensorInfo> table = TensorTable(spec);
  TRANSECT_RETURN_IF_ERROR(CheckTrained(table, trained));
  for (const AdapterTower& tower : AdapterTowers(spec)) {
    TRANSECT_RETURN_IF_ERROR(
        WriteTower(spec, tower, table, trained, directory));
  }
  Copies copies;
  std::vector<SafetensorsSource> rest;
  for (const auto& [name, ours] : RestNames(spec)) {
    TRANSECT_RETURN_IF_ERROR(
        copies.Add(trained.tensors().at(ours), name, &rest));
  }
  return WriteSafetensors(absl::StrCat(directory, "/", kRestFile),
                          std::move(rest), Metadata());
}

absl::StatusOr<AdapterWeights> OpenAdapters(const std::string& directory,
                                            const ModelSpec& spec,
                                            const AdapterParts& parts) {
  AdapterWeights weights;
  const std::vector<TensorInfo> table = TensorTable(spec);
  const std::vector<AdapterTower> towers = AdapterTowers(spec);
  for (const std::string& part : parts.towers) {
    bool known = false;
    for (const AdapterTower& tower : towers) {
      if (tower.directory != part) continue;
      known = true;
      TRANSECT_RETURN_IF_ERROR(OpenTower(directory, tower, table, &weights));
    }
    if (!known) {
      return absl::InvalidArgumentError(
          absl::StrCat(directory, ": ", part,
                       " is asked for, but the model has no adapters "
                       "there"));
    }
  }
  if (parts.rest) {
    TRANSECT_RETURN_IF_ERROR(OpenRest(directory, table, &weights));
  }
  return weights;
}

}  // namespace transect
