#include "experiments/identity/field_diff.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/field_options.pb.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

class Differ {
 public:
  // Either message may be null, which is to say absent.
  void Walk(const Descriptor& type, const Message* a, const Message* b,
            const std::string& path, bool in_id) {
    std::vector<const FieldDescriptor*> fields;
    for (int i = 0; i < type.field_count(); ++i) {
      fields.push_back(type.field(i));
    }
    std::sort(fields.begin(), fields.end(),
              [](const FieldDescriptor* x, const FieldDescriptor* y) {
                return x->number() < y->number();
              });
    for (const FieldDescriptor* field : fields) {
      const int a_size = Size(a, *field);
      const int b_size = Size(b, *field);
      const bool enters = in_id && !field->options().GetExtension(operational);
      for (int i = 0; i < std::max(a_size, b_size); ++i) {
        std::string name =
            absl::StrCat(path, path.empty() ? "" : ".", field->name());
        if (field->is_repeated()) {
          absl::StrAppend(&name, "[", i, "]");
        }
        Compare(*field, i, i < a_size ? a : nullptr, i < b_size ? b : nullptr,
                name, enters);
      }
    }
  }

  std::vector<FieldDifference> Take() { return std::move(result_); }

 private:
  // How many values `message` has in `field`: 0 or 1 where it is singular.
  static int Size(const Message* message, const FieldDescriptor& field) {
    if (message == nullptr) {
      return 0;
    }
    const auto& reflection = *message->GetReflection();
    return field.is_repeated() ? reflection.FieldSize(*message, &field)
           : reflection.HasField(*message, &field) ? 1
                                                   : 0;
  }

  static const Message* Get(const Message* message,
                            const FieldDescriptor& field, int index) {
    if (message == nullptr) {
      return nullptr;
    }
    const auto& reflection = *message->GetReflection();
    return field.is_repeated()
               ? &reflection.GetRepeatedMessage(*message, &field, index)
               : &reflection.GetMessage(*message, &field);
  }

  static std::optional<std::string> Text(const Message* message,
                                         const FieldDescriptor& field,
                                         int index) {
    if (message == nullptr) {
      return std::nullopt;
    }
    return ScalarText(field.is_repeated()
                          ? GetRepeatedScalar(*message, field, index)
                          : GetScalar(*message, field));
  }

  void Compare(const FieldDescriptor& field, int index, const Message* a,
               const Message* b, const std::string& name, bool in_id) {
    if (field.message_type() == nullptr) {
      std::optional<std::string> a_text = Text(a, field, index);
      std::optional<std::string> b_text = Text(b, field, index);
      if (a_text != b_text) {
        result_.push_back({name, std::move(a_text), std::move(b_text), in_id});
      }
      return;
    }
    const size_t before = result_.size();
    Walk(*field.message_type(), Get(a, field, index), Get(b, field, index),
         name, in_id);
    // Messages that have nothing to tell them apart but their presence.
    if (result_.size() == before && (a == nullptr || b == nullptr)) {
      using Side = std::optional<std::string>;
      result_.push_back({name, a == nullptr ? Side() : Side("{}"),
                         b == nullptr ? Side() : Side("{}"), in_id});
    }
  }

  std::vector<FieldDifference> result_;
};

}  // namespace

std::vector<FieldDifference> DiffFields(const Message& a, const Message& b) {
  TRANSECT_CHECK(a.GetDescriptor() == b.GetDescriptor());
  Differ differ;
  differ.Walk(*a.GetDescriptor(), &a, &b, "", true);
  return differ.Take();
}

}  // namespace transect
