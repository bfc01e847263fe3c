#include "experiments/identity/field_diff.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
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
      const int a_size = a == nullptr ? 0 : CountValues(*a, *field);
      const int b_size = b == nullptr ? 0 : CountValues(*b, *field);
      const bool enters = in_id && ((a_size > 0 && EntersIds(*a, *field)) ||
                                    (b_size > 0 && EntersIds(*b, *field)));
      for (int i = 0; i < std::max(a_size, b_size); ++i) {
        Compare(*field, i, i < a_size ? a : nullptr, i < b_size ? b : nullptr,
                ValuePath(path, *field, i), enters);
      }
    }
  }

  std::vector<FieldDifference> Take() { return std::move(result_); }

 private:
  void Compare(const FieldDescriptor& field, int index, const Message* a,
               const Message* b, const std::string& name, bool in_id) {
    using Side = std::optional<std::string>;
    if (field.message_type() == nullptr) {
      // A spec that is older than the field meant this.
      const Side absent =
          field.options().HasExtension(old_specs_meant) && !field.is_repeated()
              ? Side(field.options().GetExtension(old_specs_meant))
              : Side();
      const auto text = [&](const Message* message) {
        return message == nullptr
                   ? absent
                   : ScalarText(GetScalar(*message, field, index));
      };
      if (text(a) != text(b)) {
        result_.push_back({name, text(a), text(b), in_id});
      }
      return;
    }
    const auto nested = [&](const Message* message) {
      return message == nullptr ? nullptr : &GetMessage(*message, field, index);
    };
    const size_t before = result_.size();
    Walk(*field.message_type(), nested(a), nested(b), name, in_id);
    // Messages that have nothing to tell them apart but their presence, which
    // says nothing where the field came later.
    if (result_.size() == before && (a == nullptr || b == nullptr) &&
        !field.options().HasExtension(old_specs_meant)) {
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

void RemoveFollowing(std::vector<FieldDifference>* fields) {
  const std::vector<FieldDifference> all = *fields;
  std::erase_if(*fields, [&all](const FieldDifference& field) {
    absl::string_view around = field.path;
    if (!absl::ConsumeSuffix(&around, ".alpha")) return false;
    const std::string rank = absl::StrCat(around, ".rank");
    return std::ranges::any_of(all, [&](const FieldDifference& other) {
      return other.path == rank && other.a == field.a && other.b == field.b;
    });
  });
}

}  // namespace transect
