#include "model/checkpoint/describe.h"

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/safetensors.h"
#include "model/parts.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kOther = "other";

// Keys of adapter_config.json that say what an adapter is; the others are for
// training it or for methods other than LoRA.
constexpr const char* kAdapterKeys[] = {"peft_type",
                                        "r",
                                        "lora_alpha",
                                        "use_rslora",
                                        "use_dora",
                                        "bias",
                                        "lora_dropout",
                                        "target_modules",
                                        "exclude_modules",
                                        "rank_pattern",
                                        "alpha_pattern",
                                        "modules_to_save",
                                        "base_model_name_or_path"};
constexpr size_t kMaxShownBytes = 200;

// In the order of CostPart::name.
constexpr absl::string_view kOrder[] = {
    "siglip.vision",    "siglip.text", "sam.encoder", "sam.prompt_encoder",
    "sam.mask_decoder", "prompter",    "adapters",    kOther};

using Row = std::vector<std::string>;

// 1234567 as "1,234,567".
std::string Grouped(int64_t n) {
  std::string text = absl::StrCat(n);
  for (int64_t i = static_cast<int64_t>(text.size()) - 3; i > 0; i -= 3) {
    text.insert(static_cast<size_t>(i), ",");
  }
  return text;
}

std::string Gflop(int64_t flops) {
  return absl::StrFormat("%.3f", static_cast<double>(flops) / 1e9);
}

std::string Tuned(const CostPart& part) {
  return part.trainable_parameters == 0                 ? "none"
         : part.trainable_parameters == part.parameters ? "all"
                                                        : "some";
}

struct Sum {
  int64_t tensors = 0;
  int64_t elements = 0;
  int64_t bytes = 0;

  void Add(const Sum& other) {
    tensors += other.tensors;
    elements += other.elements;
    bytes += other.bytes;
  }
  Row AsRow(absl::string_view name) const {
    return {std::string(name), Grouped(tensors), Grouped(elements),
            Grouped(bytes)};
  }
};

Sum Of(const SafetensorsInfo& tensor) {
  const int64_t bytes = static_cast<int64_t>(tensor.end - tensor.begin);
  return {1, bytes / SafetensorsDtypeSize(tensor.dtype), bytes};
}

}  // namespace

std::string DescribeWeights(const TensorSet& set) {
  std::vector<Row> tensors = {{"tensor", "dtype", "shape", "part"}};
  std::map<std::string, Sum, std::less<>> parts;
  Sum all;
  for (const auto& [name, place] : set.tensors()) {
    const SafetensorsInfo& tensor = *place.info;
    const std::string part = PartOfTensor(name);
    tensors.push_back(
        {absl::Utf8SafeCEscape(name),
         std::string(SafetensorsDtypeName(tensor.dtype)),
         absl::StrCat("[", absl::StrJoin(tensor.shape, ", "), "]"), part});
    parts[part].Add(Of(tensor));
    all.Add(Of(tensor));
  }
  std::vector<Row> sums = {{"part", "tensors", "elements", "bytes"}};
  for (const absl::string_view part : kOrder) {
    const auto sum = parts.find(part);
    if (sum != parts.end()) sums.push_back(sum->second.AsRow(part));
  }
  sums.push_back(all.AsRow("sum"));

  std::string text =
      absl::StrCat(set.path(), ": ", CountText(all.tensors, "tensor"));
  const auto files = static_cast<int64_t>(set.files().size());
  if (files > 1) absl::StrAppend(&text, " in ", CountText(files, "file"));
  absl::StrAppend(&text, "\n");
  std::map<std::string, std::string> metadata;
  for (const auto& file : set.files()) {
    metadata.insert(file->metadata().begin(), file->metadata().end());
  }
  for (const auto& [key, value] : metadata) {
    absl::StrAppend(&text, absl::Utf8SafeCEscape(key), ": ",
                    absl::Utf8SafeCEscape(value), "\n");
  }
  return absl::StrCat(text, "\n", AlignColumns(tensors), "\n",
                      AlignColumns(sums, {.left_columns = 1}));
}

absl::StatusOr<std::string> DescribeAdapter(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/", kAdapterConfigFile);
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxAdapterConfigBytes));
  TRANSECT_ASSIGN_OR_RETURN(const nlohmann::json config,
                            ParseAdapterConfig(text, path));
  TRANSECT_ASSIGN_OR_RETURN(
      const TensorSet set,
      TensorSet::OpenFile(absl::StrCat(directory, "/", kAdapterFile)));
  std::vector<Row> rows;
  for (const char* key : kAdapterKeys) {
    const auto value = config.find(key);
    if (value == config.end() || value->is_null() ||
        (value->is_structured() && value->empty())) {
      continue;
    }
    // As in the file: ASCII, control characters escaped.
    std::string shown = value->dump(-1, ' ', /*ensure_ascii=*/true,
                                    nlohmann::json::error_handler_t::replace);
    if (shown.size() > kMaxShownBytes) {
      shown = absl::StrCat(shown.substr(0, kMaxShownBytes), "...");
    }
    if (value->is_array()) {
      absl::StrAppend(
          &shown, " (",
          CountText(static_cast<int64_t>(value->size()), "entry", "entries"),
          ")");
    }
    rows.push_back({key, shown});
  }
  return absl::StrCat(
      directory, ": an adapter\n",
      rows.empty() ? "" : AlignColumns(rows, {.left_columns = 2}), "\n",
      DescribeWeights(set));
}

std::string DescribeModel(const ModelSpec& spec, const CostOptions& options) {
  const ModelCost cost = EstimateCost(spec, options);
  std::vector<Row> rows = {{"part", "tuned", "parameters", "trainable",
                            "forward GFLOP", "train GFLOP"}};
  for (const CostPart& part : cost.parts) {
    if (part.parameters == 0 && part.forward_flops == 0) continue;
    rows.push_back({part.name, Tuned(part), Grouped(part.parameters),
                    Grouped(part.trainable_parameters),
                    Gflop(part.forward_flops),
                    Gflop(part.forward_flops + part.backward_flops)});
  }
  rows.push_back({"sum", "", Grouped(cost.parameters),
                  Grouped(cost.trainable_parameters), Gflop(cost.forward_flops),
                  Gflop(cost.train_flops)});
  return absl::StrCat(
      AlignColumns(rows, {.left_columns = 2}),
      "GFLOP of one image and a sentence of ",
      CountText(options.text_tokens, "token"), "; activations of an image: ",
      QuantityText(static_cast<double>(cost.activation_bytes), "B"), " at ",
      options.element_bytes, " bytes a number",
      options.checkpoint_activations ? ", blocks recomputed" : "", "\n");
}

}  // namespace transect
