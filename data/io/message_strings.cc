#include "data/io/message_strings.h"

#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace transect {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

void ChangeStrings(Message* message,
                   std::string (*change)(absl::string_view text)) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) {
      continue;
    }
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection.FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->message_type() != nullptr) {
        ChangeStrings(repeated
                          ? reflection.MutableRepeatedMessage(message, field, i)
                          : reflection.MutableMessage(message, field),
                      change);
      } else if (field->type() == FieldDescriptor::TYPE_STRING) {
        std::string text =
            repeated ? reflection.GetRepeatedString(*message, field, i)
                     : reflection.GetString(*message, field);
        std::string changed = change(text);
        if (changed == text) {
          continue;
        }
        if (repeated) {
          reflection.SetRepeatedString(message, field, i, std::move(changed));
        } else {
          reflection.SetString(message, field, std::move(changed));
        }
      }
    }
  }
}

}  // namespace transect
