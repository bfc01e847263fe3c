#include "experiments/run/validate_weights.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "experiments/run/trained_parts.h"
#include "experiments/run/weight_parts.h"
#include "model/tensor_table.h"

namespace transect {
namespace {

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

bool Takes(const WeightsSpec& weights, WeightsSpec::Part part) {
  return std::find(weights.parts().begin(), weights.parts().end(), part) !=
         weights.parts().end();
}

// `list` of parts without repeats.
template <typename Parts>
void CheckNoRepeats(const Parts& list, const std::string& field,
                    const std::function<std::string(int)>& name,
                    Problems* problems) {
  std::set<int> seen;
  for (int i = 0; i < list.size(); ++i) {
    if (!seen.insert(list[i]).second) {
      problems->Add(absl::StrCat(field, "[", i, "]"),
                    absl::StrCat("is ", name(list[i]), ", given before it"));
    }
  }
}

// Published weights: roles and parts say the same, and the model has them.
void CheckFound(const RunSpec& run, const std::string& field,
                bool model_is_valid, Problems* problems) {
  const WeightsSpec& weights = run.weights();
  struct Source {
    WeightsSpec::Part part;
    absl::string_view name;
    bool set;
    const std::string& role;
  };
  const Source sources[] = {
      {WeightsSpec::SIGLIP, "siglip_role", weights.found().has_siglip_role(),
       weights.found().siglip_role()},
      {WeightsSpec::SAM, "sam_role", weights.found().has_sam_role(),
       weights.found().sam_role()}};
  if (!sources[0].set && !sources[1].set) {
    problems->Add(absl::StrCat(field, ".found"),
                  "names no weights: set siglip_role, sam_role or both");
    return;
  }
  std::set<WeightsSpec::Part> in_model;
  if (model_is_valid) {
    for (const TensorInfo& tensor : TensorTable(run.model())) {
      in_model.insert(PartOf(tensor));
    }
  }
  for (const Source& source : sources) {
    const std::string part = WeightsSpec::Part_Name(source.part);
    const std::string role = absl::StrCat(field, ".found.", source.name);
    if (source.set && source.role.empty()) {
      problems->Add(role, "is empty, must name a role of the site file");
    } else if (source.set && model_is_valid &&
               in_model.count(source.part) == 0) {
      problems->Add(role, absl::StrCat("is set, but the model has no ", part));
    } else if (source.set && !Takes(weights, source.part)) {
      problems->Add(role, absl::StrCat("is set, but parts leaves out ", part));
    } else if (!source.set && Takes(weights, source.part)) {
      problems->Add(role,
                    absl::StrCat("is not set, but parts asks for ", part));
    }
  }
  if (Takes(weights, WeightsSpec::PROMPTER)) {
    problems->Add(absl::StrCat(field, ".parts"),
                  "has PROMPTER, which published weights do not have; it is "
                  "drawn from the seed, or comes from adapters");
  }
}

// Adapters: only what the run trains can be applied to its weights.
void CheckAdapters(const RunSpec& run, const std::string& field,
                   Problems* problems) {
  const FoundAdapters& adapters = run.weights().adapters();
  if (adapters.role().empty()) {
    problems->Add(absl::StrCat(field, ".role"),
                  "is empty, must name a role of the site file");
  }
  CheckNoRepeats(
      adapters.parts(), absl::StrCat(field, ".parts"),
      [](int part) {
        return FoundAdapters::Part_Name(static_cast<FoundAdapters::Part>(part));
      },
      problems);
  const std::vector<FoundAdapters::Part> trained = TrainedParts(run.model());
  if (trained.empty()) {
    problems->Add(field, "is set, but the model has no adapters");
    return;
  }
  for (int i = 0; i < adapters.parts_size(); ++i) {
    if (std::find(trained.begin(), trained.end(), adapters.parts(i)) ==
        trained.end()) {
      problems->Add(
          absl::StrCat(field, ".parts[", i, "]"),
          absl::StrCat("is ", FoundAdapters::Part_Name(adapters.parts(i)),
                       ", which the model does not train"));
    }
  }
}

}  // namespace

void ValidateWeights(const RunSpec& run, const std::string& field,
                     bool model_is_valid, Problems* problems) {
  const WeightsSpec& weights = run.weights();
  const std::vector<WeightsSpec::Part> parts = PartsOf(run.model());
  for (int i = 0; i < weights.parts_size(); ++i) {
    if (std::find(parts.begin(), parts.end(), weights.parts(i)) ==
        parts.end()) {
      problems->Add(
          absl::StrCat(field, ".parts[", i, "]"),
          absl::StrCat("is ", WeightsSpec::Part_Name(weights.parts(i)),
                       ", a part that the model does not have"));
    }
  }
  CheckNoRepeats(
      weights.parts(), absl::StrCat(field, ".parts"),
      [](int part) {
        return WeightsSpec::Part_Name(static_cast<WeightsSpec::Part>(part));
      },
      problems);
  if (weights.has_adapters()) {
    CheckAdapters(run, absl::StrCat(field, ".adapters"), problems);
  }
  if (weights.has_found()) CheckFound(run, field, model_is_valid, problems);
  if (weights.source_case() == WeightsSpec::SOURCE_NOT_SET) {
    problems->Add(absl::StrCat(field, ".source"),
                  "is not set, must be random, trained or found");
  }
}

void ValidateTakenTensors(const ModelSpec& needs, const ModelSpec& has,
                          const WeightsSpec& weights, const std::string& field,
                          Problems* problems) {
  constexpr size_t kListed = 3;
  std::map<std::string, std::vector<int64_t>> shapes;
  for (TensorInfo& tensor : TensorTable(has)) {
    if (tensor.used) {
      shapes.emplace(std::move(tensor.name), std::move(tensor.shape));
    }
  }
  std::vector<std::string> wrong;
  for (const TensorInfo& tensor : TensorTable(needs)) {
    if (!tensor.used || tensor.dead || !Takes(weights, PartOf(tensor))) {
      continue;
    }
    const auto found = shapes.find(tensor.name);
    if (found == shapes.end()) {
      wrong.push_back(absl::StrCat(tensor.name, " is not there"));
    } else if (found->second != tensor.shape) {
      wrong.push_back(absl::StrCat(tensor.name, " is ",
                                   ShapeText(found->second), ", needed is ",
                                   ShapeText(tensor.shape)));
    }
  }
  if (!wrong.empty()) {
    const size_t listed = std::min(wrong.size(), kListed);
    problems->Add(
        field,
        absl::StrCat("makes other tensors than the model takes from it, ",
                     wrong.size(), " of them: ",
                     absl::StrJoin(wrong.begin(), wrong.begin() + listed, "; "),
                     listed < wrong.size() ? "; ..." : ""));
  }
}

}  // namespace transect
