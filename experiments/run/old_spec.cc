#include "experiments/run/old_spec.h"

#include "absl/status/statusor.h"
#include "data/io/field_options.pb.h"
#include "data/io/inert.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

// The field of the name that `field` has in ids said what `field` says today.
void TakeFormerField(const FieldDescriptor& field, Message* message) {
  const FieldDescriptor* const former =
      field.containing_type()->FindFieldByName(
          field.options().GetExtension(name_in_ids));
  TRANSECT_CHECK(former != nullptr) << field.full_name();
  if (message->GetReflection()->HasField(*message, former)) {
    SetScalar(field, GetScalar(*message, *former, 0), message);
  }
}

void Complete(Message* message) {
  const Descriptor& type = *message->GetDescriptor();
  const Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool is_message = field.message_type() != nullptr;
    if (field.is_repeated()) {
      const int size = is_message ? reflection.FieldSize(*message, &field) : 0;
      for (int j = 0; j < size; ++j) {
        Complete(reflection.MutableRepeatedMessage(message, &field, j));
      }
      continue;
    }
    if (field.options().HasExtension(name_in_ids) &&
        !field.options().GetExtension(operational) &&
        !reflection.HasField(*message, &field)) {
      TakeFormerField(field, message);
      continue;
    }
    const bool is_new = field.options().HasExtension(old_specs_meant);
    // Old specs had no member of a oneof that came later.
    const bool is_meant = is_new && field.containing_oneof() == nullptr;
    if (is_message) {
      if (is_meant || reflection.HasField(*message, &field)) {
        Complete(reflection.MutableMessage(message, &field));
      }
    } else if (is_meant && !reflection.HasField(*message, &field)) {
      const absl::StatusOr<Scalar> meant =
          ParseScalar(field, field.options().GetExtension(old_specs_meant));
      TRANSECT_CHECK(meant.ok()) << meant.status();
      SetScalar(field, *meant, message);
    }
  }
}

}  // namespace

void CompleteOldSpec(google::protobuf::Message* run) {
  Complete(run);
  // A field may be absent because it cannot matter.
  EraseInert(run);
}

}  // namespace transect
