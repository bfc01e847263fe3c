#include "model/checkpoint/hugging_face.h"

#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "model/parts.h"
#include "model/sam/spec.h"
#include "model/tensor_table.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Json = nlohmann::json;

constexpr int64_t kMaxConfigBytes = 1 << 20;

constexpr char kTiedMatrix[] = "shared_image_embedding.positional_embedding";
constexpr char kTiedMatrixAgain[] =
    "prompt_encoder.shared_embedding.positional_embedding";
constexpr char kPoolingHead[] = "vision_model.head.";

// One entry of a config.json.
struct ConfigField {
  // Name of a nested object, or "" for the top.
  std::string section;
  std::string key;
  // What its absence means: the default of Transformers' class.
  Json fallback;
  // What the network has.
  Json wanted;
  // Field of the spec, below siglip or sam; "" where the network has nothing
  // else.
  std::string spec_field;
};

void AddSiglipTower(const std::string& section, const TowerSize& tower,
                    const std::string& field,
                    std::vector<ConfigField>* fields) {
  fields->insert(
      fields->end(),
      {{section, "hidden_size", 768, tower.hidden_size(),
        field + ".hidden_size"},
       {section, "intermediate_size", 3072, tower.mlp_size(),
        field + ".mlp_size"},
       {section, "num_hidden_layers", 12, tower.layers(), field + ".layers"},
       {section, "num_attention_heads", 12, tower.heads(), field + ".heads"},
       {section, "hidden_act", "gelu_pytorch_tanh", "gelu_pytorch_tanh", ""},
       {section, "layer_norm_eps", 1e-6, 1e-6, ""},
       {section, "attention_dropout", 0.0, 0.0, ""}});
}

// Sources: configuration_siglip.py of Transformers.
std::vector<ConfigField> SiglipFields(const SiglipSpec& siglip) {
  std::vector<ConfigField> fields = {
      {"", "model_type", "siglip", "siglip", ""}};
  const std::string text = "text_config";
  fields.push_back(
      {text, "vocab_size", 32000, siglip.vocab_size(), "vocab_size"});
  AddSiglipTower(text, siglip.text(), "text", &fields);
  fields.insert(fields.end(),
                {{text, "max_position_embeddings", 64, siglip.max_positions(),
                  "max_positions"},
                 // The head keeps the width unless a file says otherwise.
                 {text, "projection_size", siglip.text().hidden_size(),
                  siglip.text().hidden_size(), ""}});
  const std::string vision = "vision_config";
  AddSiglipTower(vision, siglip.vision(), "vision", &fields);
  fields.insert(
      fields.end(),
      {{vision, "num_channels", 3, 3, ""},
       {vision, "image_size", 224, siglip.image_size(), "image_size"},
       {vision, "patch_size", 16, siglip.patch_size(), "patch_size"}});
  return fields;
}

// Sources: configuration_sam.py of Transformers.
std::vector<ConfigField> SamFields(const SamSpec& sam) {
  const int32_t channels = sam.prompt_channels();
  const std::string vision = "vision_config";
  const std::string prompt = "prompt_encoder_config";
  const std::string decoder = "mask_decoder_config";
  Json global = Json::array();
  for (const int layer : sam.global_attention_layers()) global.push_back(layer);
  return {
      {"", "model_type", "sam", "sam", ""},
      {vision, "hidden_size", 768, sam.vision().hidden_size(),
       "vision.hidden_size"},
      {vision, "output_channels", 256, channels, "prompt_channels"},
      {vision, "num_hidden_layers", 12, sam.vision().layers(), "vision.layers"},
      {vision, "num_attention_heads", 12, sam.vision().heads(), "vision.heads"},
      {vision, "num_channels", 3, 3, ""},
      {vision, "image_size", 1024, sam.image_size(), "image_size"},
      {vision, "patch_size", 16, sam.patch_size(), "patch_size"},
      {vision, "hidden_act", "gelu", "gelu", ""},
      {vision, "layer_norm_eps", 1e-6, 1e-6, ""},
      {vision, "attention_dropout", 0.0, 0.0, ""},
      {vision, "qkv_bias", true, true, ""},
      {vision, "use_abs_pos", true, true, ""},
      {vision, "use_rel_pos", true, true, ""},
      {vision, "window_size", 14, sam.window_size(), "window_size"},
      {vision,
       "global_attn_indexes",
       {2, 5, 8, 11},
       global,
       "global_attention_layers"},
      {vision, "num_pos_feats", 128, channels / 2, ""},
      // Absent or null it follows from mlp_ratio.
      {vision, "mlp_dim", nullptr, sam.vision().mlp_size(), "vision.mlp_size"},
      {prompt, "hidden_size", 256, channels, "prompt_channels"},
      {prompt, "image_size", 1024, sam.image_size(), "image_size"},
      {prompt, "patch_size", 16, sam.patch_size(), "patch_size"},
      {prompt, "mask_input_channels", 16, sam.mask_input_channels(),
       "mask_input_channels"},
      {prompt, "num_point_embeddings", 4, 4, ""},
      {prompt, "hidden_act", "gelu", "gelu", ""},
      {prompt, "layer_norm_eps", 1e-6, 1e-6, ""},
      {decoder, "hidden_size", 256, channels, "prompt_channels"},
      {decoder, "hidden_act", "relu", "relu", ""},
      {decoder, "mlp_dim", 2048, sam.decoder_mlp_size(), "decoder_mlp_size"},
      {decoder, "num_hidden_layers", 2, sam.decoder_layers(), "decoder_layers"},
      {decoder, "num_attention_heads", 8, sam.decoder_heads(), "decoder_heads"},
      {decoder, "attention_downsample_rate", 2, 2, ""},
      {decoder, "num_multimask_outputs", 3, 3, ""},
      {decoder, "iou_head_depth", 3, sam.iou_head_layers(), "iou_head_layers"},
      {decoder, "iou_head_hidden_dim", 256, IouHeadSize(sam), "iou_head_size"},
      {decoder, "layer_norm_eps", 1e-6, 1e-6, ""},
  };
}

std::vector<ConfigField> Fields(const ModelSpec& spec, HuggingFaceModel model) {
  return model == HuggingFaceModel::kSiglip ? SiglipFields(*SiglipOf(spec))
                                            : SamFields(*SamOf(spec));
}

// The value that `config` gives to a field.
Json ValueOf(const Json& config, const ConfigField& field) {
  const Json* section = &config;
  if (!field.section.empty()) {
    const auto nested = config.find(field.section);
    if (nested == config.end() || nested->is_null()) return field.fallback;
    section = &*nested;
  }
  const auto value = section->find(field.key);
  return value == section->end() ? field.fallback : *value;
}

// SAM's MLP width where mlp_dim does not say it: int(hidden_size * mlp_ratio).
Json MlpFromRatio(const Json& config, const std::string& section) {
  const Json width =
      ValueOf(config, {section, "hidden_size", 768, nullptr, ""});
  const Json ratio = ValueOf(config, {section, "mlp_ratio", 4.0, nullptr, ""});
  if (!width.is_number() || !ratio.is_number()) return nullptr;
  const double product = width.get<double>() * ratio.get<double>();
  if (!(product >= 0 && product < 1e9)) return nullptr;
  return static_cast<int64_t>(product);
}

// Shortened, because it is a stranger's.
std::string Text(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

std::string SpecPath(const ModelSpec& spec, HuggingFaceModel model,
                     const std::string& field) {
  return absl::StrCat("model.", NetworkName(spec), ".",
                      HuggingFacePrefix(model), field);
}

absl::Status CheckConfig(const std::string& path, const ModelSpec& spec,
                         HuggingFaceModel model) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxConfigBytes));
  absl::StatusOr<Json> config = ParseStrictJson(text, path);
  if (!config.ok()) return absl::DataLossError(config.status().message());
  if (!config->is_object()) {
    return absl::DataLossError(absl::StrCat(path, ": is not a JSON object"));
  }
  std::vector<std::string> problems;
  for (const char* section : {"vision_config", "text_config",
                              "prompt_encoder_config", "mask_decoder_config"}) {
    const auto nested = config->find(section);
    if (nested != config->end() && !nested->is_object() && !nested->is_null()) {
      problems.push_back(
          absl::StrCat(section, " is ", Text(*nested), ", must be an object"));
    }
  }
  if (problems.empty()) {
    for (const ConfigField& field : Fields(spec, model)) {
      Json value = ValueOf(*config, field);
      if (field.key == "mlp_dim" && value.is_null()) {
        value = MlpFromRatio(*config, field.section);
      }
      if (value == field.wanted) continue;
      const std::string name = absl::StrCat(
          field.section, field.section.empty() ? "" : ".", field.key);
      problems.push_back(
          field.spec_field.empty()
              ? absl::StrCat(name, " is ", Text(value),
                             ", the network is built for ", Text(field.wanted))
              : absl::StrCat(name, " is ", Text(value), ", ",
                             SpecPath(spec, model, field.spec_field), " is ",
                             Text(field.wanted)));
      // Of another model everything differs.
      if (field.key == "model_type") break;
    }
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, " disagrees with the spec: ", absl::StrJoin(problems, "; ")));
}

// Names of the tensors in the files; `unbuilt` are those that the network does
// not have. What nothing reads may be absent.
std::map<std::string, WantedTensor> Wanted(const ModelSpec& spec,
                                           HuggingFaceModel model,
                                           std::set<std::string>* unbuilt) {
  std::map<std::string, WantedTensor> wanted;
  for (TensorInfo& tensor : TensorTable(spec)) {
    absl::string_view name = tensor.name;
    if (tensor.adapter ||
        !absl::ConsumePrefix(&name, HuggingFacePrefix(model))) {
      continue;
    }
    if (!tensor.used) unbuilt->insert(std::string(name));
    wanted[std::string(name)] = {std::move(tensor.shape),
                                 !tensor.used || tensor.dead};
  }
  return wanted;
}

}  // namespace

absl::string_view HuggingFacePrefix(HuggingFaceModel model) {
  return model == HuggingFaceModel::kSiglip ? "siglip." : "sam.";
}

bool HasHuggingFacePart(const ModelSpec& spec, HuggingFaceModel model) {
  return model == HuggingFaceModel::kSiglip ? SiglipOf(spec) != nullptr
                                            : SamOf(spec) != nullptr;
}

bool IsSkippedWhenRead(absl::string_view name) {
  return absl::StartsWith(name, kPoolingHead) ||
         absl::EndsWith(name, ".position_ids") || name == kTiedMatrixAgain;
}

absl::StatusOr<HuggingFaceWeights> OpenHuggingFace(const std::string& directory,
                                                   const ModelSpec& spec,
                                                   HuggingFaceModel model) {
  const std::string config = absl::StrCat(directory, "/", kConfigFile);
  TRANSECT_RETURN_IF_ERROR(CheckConfig(config, spec, model));
  HuggingFaceWeights weights;
  TRANSECT_ASSIGN_OR_RETURN(weights.set, TensorSet::OpenDirectory(directory));
  StoredTensors stored = weights.set.tensors();
  const auto again = stored.find(kTiedMatrixAgain);
  if (again != stored.end()) stored.emplace(kTiedMatrix, again->second);

  std::set<std::string> unbuilt;
  const std::map<std::string, WantedTensor> wanted =
      Wanted(spec, model, &unbuilt);
  TRANSECT_RETURN_IF_ERROR(
      CheckTensors(directory, stored, wanted, IsSkippedWhenRead));
  for (const auto& [name, place] : stored) {
    if (wanted.count(name) == 0) continue;
    if (unbuilt.count(name) > 0) {
      weights.unused[name] = place;
    } else {
      weights.tensors[absl::StrCat(HuggingFacePrefix(model), name)] = place;
    }
  }
  return weights;
}

std::string HuggingFaceConfigJson(const ModelSpec& spec, HuggingFaceModel model,
                                  bool has_pooling_head,
                                  absl::string_view type) {
  const bool siglip = model == HuggingFaceModel::kSiglip;
  nlohmann::ordered_json config;
  config["architectures"] = {siglip ? "SiglipModel" : "SamModel"};
  config["torch_dtype"] = std::string(type);
  for (const ConfigField& field : Fields(spec, model)) {
    if (field.section.empty()) {
      config[field.key] = field.wanted;
    } else {
      config[field.section][field.key] = field.wanted;
    }
  }
  if (siglip) {
    // Ids of our tokenizers: pad and end are one token.
    config["text_config"]["pad_token_id"] = 1;
    config["text_config"]["eos_token_id"] = 1;
    config["text_config"]["model_type"] = "siglip_text_model";
    config["vision_config"]["model_type"] = "siglip_vision_model";
    if (!has_pooling_head) config["vision_config"]["vision_use_head"] = false;
  }
  return config.dump(2) + "\n";
}

std::string HubName(const ModelSpec& spec, HuggingFaceModel model) {
  if (model == HuggingFaceModel::kSiglip) {
    const SiglipSpec::Variant variant = SiglipOf(spec)->variant();
    if (variant == SiglipSpec::TINY || variant == SiglipSpec::UNSPECIFIED) {
      return "";
    }
    // The schema's names are those of the hub.
    return absl::StrCat(
        "google/siglip-",
        absl::StrReplaceAll(
            absl::AsciiStrToLower(SiglipSpec::Variant_Name(variant)),
            {{"_", "-"}}));
  }
  switch (SamOf(spec)->variant()) {
    case SamSpec::VIT_B:
      return "facebook/sam-vit-base";
    case SamSpec::VIT_L:
      return "facebook/sam-vit-large";
    case SamSpec::VIT_H:
      return "facebook/sam-vit-huge";
    case SamSpec::TINY:
    case SamSpec::UNSPECIFIED:
      break;
  }
  return "";
}

}  // namespace transect
