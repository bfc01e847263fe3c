#include "model/parts.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "data/io/problems.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "model/sam/spec.h"
#include "model/siglip/spec.h"
#include "model/spec.h"
#include "model/tensor_table.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

const FieldDescriptor* NetworkField(const ModelSpec& spec) {
  return ModelSpec::descriptor()->FindFieldByNumber(spec.model_case());
}

// Null where no network is set.
const Message* NetworkOf(const ModelSpec& spec) {
  const FieldDescriptor* field = NetworkField(spec);
  return field == nullptr ? nullptr
                          : &spec.GetReflection()->GetMessage(spec, field);
}

// The network's field of type T; null where it has none.
template <typename T>
const T* TowerOf(const ModelSpec& spec) {
  const Message* network = NetworkOf(spec);
  if (network == nullptr) return nullptr;
  const auto& type = *network->GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    if (type.field(i)->message_type() == T::descriptor()) {
      return static_cast<const T*>(
          &network->GetReflection()->GetMessage(*network, type.field(i)));
    }
  }
  return nullptr;
}

}  // namespace

const SiglipSpec* SiglipOf(const ModelSpec& spec) {
  return TowerOf<SiglipSpec>(spec);
}

const SamSpec* SamOf(const ModelSpec& spec) { return TowerOf<SamSpec>(spec); }

std::string NetworkName(const ModelSpec& spec) {
  const FieldDescriptor* field = NetworkField(spec);
  return field == nullptr ? "" : std::string(field->name());
}

bool HasPart(const ModelSpec& spec, absl::string_view name) {
  const Message* network = NetworkOf(spec);
  if (network == nullptr) return false;
  const FieldDescriptor* field =
      network->GetDescriptor()->FindFieldByName(std::string(name));
  return field != nullptr && field->message_type() != nullptr;
}

int64_t InputImageSize(const ModelSpec& spec) {
  if (const SamSpec* sam = SamOf(spec)) return sam->image_size();
  const SiglipSpec* siglip = SiglipOf(spec);
  return siglip == nullptr ? 0 : siglip->image_size();
}

Tuning TuningOf(const ModelSpec& spec) {
  const Message* network = NetworkOf(spec);
  return network == nullptr ? Tuning::kAdapters : TuningOfNetwork(*network);
}

bool TrainsEverything(const ModelSpec& spec) {
  return TuningOf(spec) == Tuning::kEverything;
}

bool TrainsNothing(const ModelSpec& spec) {
  if (TuningOf(spec) == Tuning::kNothing) return true;
  return AdapterTowers(spec).empty() && !TrainsMoreThanAdapters(spec);
}

ModelSpec WithDefaultTuning(const ModelSpec& spec) {
  ModelSpec copy = spec;
  const FieldDescriptor* network = NetworkField(spec);
  if (network == nullptr) return copy;
  Message* message = copy.GetReflection()->MutableMessage(&copy, network);
  const FieldDescriptor* tuning =
      message->GetDescriptor()->FindFieldByName("tuning");
  if (tuning != nullptr) message->GetReflection()->ClearField(message, tuning);
  return copy;
}

std::vector<AdapterTower> AdapterTowers(const ModelSpec& spec) {
  std::vector<AdapterTower> towers;
  if (const SiglipSpec* siglip = SiglipOf(spec)) {
    towers = SiglipAdapterTowers(*siglip);
  }
  if (const SamSpec* sam = SamOf(spec)) {
    for (const AdapterTower& tower : SamAdapterTowers(*sam)) {
      towers.push_back(tower);
    }
  }
  return towers;
}

bool TrainsMoreThanAdapters(const ModelSpec& spec) {
  // SAM's mask decoder is trained wherever anything is.
  if (SamOf(spec) != nullptr && TuningOf(spec) != Tuning::kNothing) return true;
  Problems problems;
  ValidateModelSpec(spec, "model", &problems);
  // The table may be asked for valid sizes only.
  if (!problems.empty()) return true;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (tensor.trainable && !tensor.adapter) return true;
  }
  return false;
}

std::string PartOfTensor(absl::string_view name) {
  if (absl::StrContains(name, ".lora_")) return "adapters";
  absl::string_view rest = name;
  if (absl::ConsumePrefix(&rest, "prompter.")) return "prompter";
  absl::string_view part;
  if (absl::ConsumePrefix(&rest, "siglip.")) {
    part = SiglipPartOf(rest);
  } else if (absl::ConsumePrefix(&rest, "sam.")) {
    part = SamPartOf(rest);
  } else {
    part = SiglipPartOf(name);
    if (part.empty()) part = SamPartOf(name);
  }
  return std::string(part.empty() ? "other" : part);
}

}  // namespace transect
