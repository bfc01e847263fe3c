#include "experiments/reading/merge.h"

#include <vector>

#include "google/protobuf/descriptor.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// Protobuf's own merge differs from ours in one point: it appends to lists.
// Emptying them first makes it ours.
void EmptyReplacedLists(const Message& upper, Message* lower) {
  std::vector<const FieldDescriptor*> fields;
  upper.GetReflection()->ListFields(upper, &fields);
  for (const FieldDescriptor* field : fields) {
    const google::protobuf::Reflection& reflection = *lower->GetReflection();
    if (field->is_repeated()) {
      reflection.ClearField(lower, field);
    } else if (field->message_type() != nullptr &&
               reflection.HasField(*lower, field)) {
      EmptyReplacedLists(upper.GetReflection()->GetMessage(upper, field),
                         reflection.MutableMessage(lower, field));
    }
  }
}

}  // namespace

void MergeOver(const Message& upper, Message* lower) {
  EmptyReplacedLists(upper, lower);
  lower->MergeFrom(upper);
}

}  // namespace transect
