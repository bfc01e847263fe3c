#include "launch/describe/export_folder.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "launch/describe/sheet.h"
#include "launch/requests/export_origin_file.h"
#include "launch/store/store.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_set.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr const char* kTowers[] = {"siglip_vision", "siglip_text",
                                   "sam_vision"};
constexpr const char* kModels[] = {"siglip", "sam"};

// What is in an export, and how a spec names it.
struct Parts {
  std::vector<std::string> towers;
  std::vector<std::string> models;
  bool rest = false;
};

Parts PartsIn(const std::string& directory) {
  const auto has = [&](absl::string_view a, absl::string_view b) {
    return FileExists(absl::StrCat(directory, "/", a, "/", b));
  };
  Parts parts;
  for (const char* tower : kTowers) {
    if (has(tower, kAdapterConfigFile)) parts.towers.push_back(tower);
  }
  for (const char* model : kModels) {
    if (has(model, kConfigFile)) parts.models.push_back(model);
  }
  parts.rest = FileExists(absl::StrCat(directory, "/", kRestFile));
  return parts;
}

std::string TensorsText(const TensorSet& set) {
  int64_t bytes = 0;
  for (const auto& [name, place] : set.tensors()) {
    bytes += static_cast<int64_t>(place.info->end - place.info->begin);
  }
  return absl::StrCat(
      CountText(static_cast<int64_t>(set.tensors().size()), "tensor"), ", ",
      QuantityText(static_cast<double>(bytes), "B"));
}

// "LoRA of rank 16, alpha 32, 24 tensors, 1.2 MB".
absl::StatusOr<std::string> AdapterText(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/", kAdapterConfigFile);
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxAdapterConfigBytes));
  TRANSECT_ASSIGN_OR_RETURN(const nlohmann::json config,
                            ParseAdapterConfig(text, path));
  TRANSECT_ASSIGN_OR_RETURN(
      const TensorSet set,
      TensorSet::OpenFile(absl::StrCat(directory, "/", kAdapterFile)));
  std::string about = "adapter";
  if (config.contains("r") && config["r"].is_number_integer()) {
    absl::StrAppend(&about, " of rank ", config["r"].get<int64_t>());
  }
  if (config.contains("lora_alpha") && config["lora_alpha"].is_number()) {
    absl::StrAppend(&about, ", alpha ", config["lora_alpha"].get<double>());
  }
  return absl::StrCat(about, ", ", TensorsText(set));
}

void AddUse(const Parts& parts, const std::string& directory, Sheet* sheet) {
  const std::string whole =
      std::filesystem::absolute(directory).lexically_normal().string();
  const auto place = [&](absl::string_view role, absl::string_view below) {
    return absl::StrCat("weights { role: \"", role, "\" path: \"", whole, below,
                        "\" }");
  };
  std::vector<std::string> adapters;
  for (const std::string& tower : parts.towers) {
    adapters.push_back(absl::StrCat("parts: ", absl::AsciiStrToUpper(tower)));
  }
  if (parts.rest) adapters.push_back("parts: REST");
  std::vector<std::string> found;
  for (const std::string& model : parts.models) {
    sheet->Add("site file",
               place(absl::StrCat("my-", model), absl::StrCat("/", model)));
    found.push_back(absl::StrCat(model, "_role: \"my-", model, "\""));
  }
  if (!adapters.empty()) sheet->Add("site file", place("mine", ""));
  std::string spec = absl::StrCat(
      "weights { ",
      found.empty()
          ? "..."
          : absl::StrCat("found { ", absl::StrJoin(found, " "), " }"));
  if (!adapters.empty()) {
    absl::StrAppend(&spec, " adapters { role: \"mine\" ",
                    absl::StrJoin(adapters, " "), " }");
  }
  sheet->Add("spec", absl::StrCat(spec, " }"));
  for (const std::string& tower : parts.towers) {
    sheet->Add("Python",
               absl::StrCat("peft.PeftModel.from_pretrained(",
                            tower == "sam_vision" ? "SamModel" : "SiglipModel",
                            " of its base, \"", whole, "/", tower, "\")"));
  }
  for (const std::string& model : parts.models) {
    sheet->Add("Python",
               absl::StrCat("transformers.",
                            model == "sam" ? "SamModel" : "SiglipModel",
                            ".from_pretrained(\"", whole, "/", model, "\")"));
  }
}

// Where the frozen weights below adapters come from.
std::string BaseText(const ExportOrigin& origin) {
  const WeightsSpec& weights = origin.run().weights();
  std::vector<std::string> roles;
  for (const std::string* role :
       {&weights.found().siglip_role(), &weights.found().sam_role()}) {
    if (!role->empty()) roles.push_back(absl::StrCat("'", *role, "'"));
  }
  return !roles.empty() ? absl::StrCat("the published weights of role ",
                                       absl::StrJoin(roles, " and "))
         : weights.has_trained()
             ? "weights that Transect trained for the run"
             : "random weights, drawn from the seed of the run";
}

}  // namespace

std::optional<ExportOrigin> ReadExportOrigin(const std::string& directory) {
  absl::StatusOr<ExportOrigin> origin = ReadTextproto<ExportOrigin>(
      absl::StrCat(directory, "/", kExportOriginFile));
  if (!origin.ok()) return std::nullopt;
  return *std::move(origin);
}

std::string OriginText(const ExportOrigin& origin) {
  std::string text = absl::StrCat("run ", ShownId(origin.id()));
  if (!origin.job().empty()) absl::StrAppend(&text, ", ", origin.job());
  if (!origin.experiment().empty()) {
    absl::StrAppend(&text, " of experiment ", origin.experiment());
  }
  if (origin.has_steps()) {
    absl::StrAppend(&text, ", ", CountText(origin.steps(), "step"));
  }
  if (!origin.code().empty()) {
    absl::StrAppend(&text, ", code ", ShownCode(origin.code()));
  }
  return text;
}

bool IsExport(const std::string& directory) {
  const Parts parts = PartsIn(directory);
  return !parts.towers.empty() || !parts.models.empty() || parts.rest;
}

absl::StatusOr<std::string> DescribeExport(const std::string& directory,
                                           const std::string& program) {
  const Parts parts = PartsIn(directory);
  const std::optional<ExportOrigin> origin = ReadExportOrigin(directory);
  std::string what = parts.models.empty()
                         ? "adapters of a network, as `transect export --peft` "
                           "writes them"
                         : "whole models, adapters merged, as `transect export "
                           "--merged` writes them";
  Sheet sheet(directory, what);
  sheet.Add("from", origin.has_value()
                        ? OriginText(*origin)
                        : absl::StrCat("not recorded: there is no ",
                                       kExportOriginFile));
  if (origin.has_value() && !parts.towers.empty()) {
    sheet.Add("base", BaseText(*origin));
  }
  for (const std::string& tower : parts.towers) {
    TRANSECT_ASSIGN_OR_RETURN(std::string text,
                              AdapterText(absl::StrCat(directory, "/", tower)));
    sheet.Add("holds", absl::StrCat(tower, "/  ", text));
  }
  for (const std::string& model : parts.models) {
    TRANSECT_ASSIGN_OR_RETURN(
        const TensorSet set,
        TensorSet::OpenDirectory(absl::StrCat(directory, "/", model)));
    sheet.Add("holds", absl::StrCat(model, "/  ", TensorsText(set)));
  }
  if (parts.rest) {
    TRANSECT_ASSIGN_OR_RETURN(
        const TensorSet set,
        TensorSet::OpenFile(absl::StrCat(directory, "/", kRestFile)));
    sheet.Add("holds", absl::StrCat(kRestFile,
                                    "  what is trained and is no "
                                    "adapter, ",
                                    TensorsText(set)));
  }
  sheet.Add("size", SizeText(SizeOfTree(directory)));
  AddUse(parts, directory, &sheet);
  sheet.Add("tensors",
            absl::StrCat(program, " describe ", directory, "/",
                         !parts.towers.empty()   ? parts.towers[0]
                         : !parts.models.empty() ? parts.models[0]
                                                 : std::string(kRestFile)));
  return sheet.Text();
}

}  // namespace transect
