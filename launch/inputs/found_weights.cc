#include "launch/inputs/found_weights.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/hugging_face.h"
#include "model/checkpoint/tensor_set.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The directories that an export may have.
AdapterParts AllParts() {
  FoundAdapters all;
  const auto& values = *FoundAdapters::Part_descriptor();
  for (int i = 0; i < values.value_count(); ++i) {
    all.add_parts(static_cast<FoundAdapters::Part>(values.value(i)->number()));
  }
  return PartsOf(all);
}

// Remembers how directories fit, so that runs that ask the same are checked
// once.
class Checker {
 public:
  explicit Checker(const std::map<std::string, std::string>& directories)
      : directories_(directories) {}

  WeightsFitByRole Check(const RunSpec& run) {
    const WeightsSpec& weights = run.weights();
    WeightsFitByRole all;
    if (weights.has_trained()) all = Check(weights.trained().run());
    if (!weights.has_found() && !weights.has_adapters()) return all;
    const std::string asked = absl::StrCat(run.model().SerializeAsString(),
                                           "\n", weights.SerializeAsString());
    auto own = seen_.find(asked);
    if (own == seen_.end()) own = seen_.emplace(asked, CheckOwn(run)).first;
    for (const auto& [role, status] : own->second) {
      absl::Status& known = all.try_emplace(role).first->second;
      if (known.ok()) known = status;
    }
    return all;
  }

 private:
  WeightsFitByRole CheckOwn(const RunSpec& run) const {
    WeightsFitByRole own;
    for (const InputInfo& info : kRunInputs) {
      const auto source = SourceOf(info.name, run);
      // A run without sources is refused before this.
      if (info.kind != InputKind::kWeights || !source.ok() ||
          !source->has_value()) {
        continue;
      }
      const std::string& role = (*source)->role;
      const auto directory = directories_.find(role);
      if (role.empty() || directory == directories_.end()) continue;
      absl::Status& known = own.try_emplace(role).first->second;
      if (known.ok()) known = Open(info.name, directory->second, run);
    }
    return own;
  }

  // `name` is kSiglip, kSam or kAdapters: only these are found by role.
  static absl::Status Open(InputName name, const std::string& directory,
                           const RunSpec& run) {
    if (name == InputName::kAdapters) {
      return OpenAdapters(directory, run.model(),
                          PartsOf(run.weights().adapters()))
          .status();
    }
    return OpenHuggingFace(directory, run.model(),
                           name == InputName::kSam ? HuggingFaceModel::kSam
                                                   : HuggingFaceModel::kSiglip)
        .status();
  }

  const std::map<std::string, std::string>& directories_;
  // By the network and the sources of its weights.
  std::map<std::string, WeightsFitByRole> seen_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> FoundWeightFiles(
    const std::string& directory) {
  std::vector<std::string> files;
  const auto there = [&directory](absl::string_view name) {
    return FileExists(absl::StrCat(directory, "/", name));
  };
  if (there(kConfigFile)) {
    TRANSECT_ASSIGN_OR_RETURN(files, TensorSetFiles(directory));
    files.push_back(std::string(kConfigFile));
  } else {
    for (const std::string& tower : AllParts().towers) {
      for (const absl::string_view file : {kAdapterConfigFile, kAdapterFile}) {
        std::string name = absl::StrCat(tower, "/", file);
        if (there(name)) files.push_back(std::move(name));
      }
    }
    if (there(kRestFile)) files.push_back(std::string(kRestFile));
    if (files.empty()) {
      return absl::NotFoundError(absl::StrCat(
          directory,
          ": is neither a directory of published weights (config.json and "
          "safetensors) nor one that `transect export --peft` writes "
          "(siglip_vision/, siglip_text/, sam_vision/, rest.safetensors)"));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

AdapterParts PartsOf(const FoundAdapters& adapters) {
  AdapterParts parts;
  for (const int part : adapters.parts()) {
    if (part == FoundAdapters::REST) {
      parts.rest = true;
    } else if (part != FoundAdapters::UNSPECIFIED) {
      // A tower's directory is named like its part.
      parts.towers.push_back(absl::AsciiStrToLower(
          FoundAdapters::Part_Name(static_cast<FoundAdapters::Part>(part))));
    }
  }
  return parts;
}

std::vector<WeightsFitByRole> CheckFoundWeights(
    absl::Span<const RunSpec* const> runs,
    const std::map<std::string, std::string>& directories) {
  Checker checker(directories);
  std::vector<WeightsFitByRole> fits;
  for (const RunSpec* run : runs) fits.push_back(checker.Check(*run));
  return fits;
}

}  // namespace transect
