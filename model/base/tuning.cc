#include "model/base/tuning.h"

#include "google/protobuf/descriptor.h"

namespace transect {

Tuning TuningOfNetwork(const google::protobuf::Message& network) {
  const google::protobuf::FieldDescriptor* field =
      network.GetDescriptor()->FindFieldByName("tuning");
  if (field == nullptr || field->enum_type() == nullptr) {
    return Tuning::kAdapters;
  }
  const auto& value = network.GetReflection()->GetEnum(network, field)->name();
  return value == "ALL"    ? Tuning::kEverything
         : value == "NONE" ? Tuning::kNothing
                           : Tuning::kAdapters;
}

}  // namespace transect
