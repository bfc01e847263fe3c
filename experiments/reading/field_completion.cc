#include "experiments/reading/field_completion.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/field_search.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;

void AddField(const std::string& path, const FieldDescriptor& field,
              FieldUse use, std::vector<std::string>* found) {
  const bool message = field.message_type() != nullptr;
  if (use == FieldUse::kNamed) found->push_back(path);
  if (message && (use == FieldUse::kNamed || !field.is_repeated())) {
    found->push_back(absl::StrCat(path, "."));
  }
  if (use == FieldUse::kAssigned && (!message || field.is_repeated())) {
    found->push_back(absl::StrCat(path, "="));
  }
}

}  // namespace

std::vector<std::string> CompleteField(absl::string_view word,
                                       const Descriptor& root, FieldUse use) {
  const size_t dot = word.rfind('.');
  const absl::string_view around = dot == word.npos ? "" : word.substr(0, dot);
  const absl::string_view begun =
      dot == word.npos ? word : word.substr(dot + 1);
  const Descriptor* type = &root;
  if (dot != word.npos) {
    const FieldDescriptor* const field = FindField(around, root);
    type = field == nullptr ? nullptr : field->message_type();
  }
  std::vector<std::string> found;
  for (int i = 0; type != nullptr && i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (absl::StartsWith(field.name(), begun)) {
      AddField(absl::StrCat(around, around.empty() ? "" : ".", field.name()),
               field, use, &found);
    }
  }
  if (found.empty() && !begun.empty()) {
    for (const std::string& path : PathsEndingWith(word, root)) {
      AddField(path, *FindField(path, root), use, &found);
    }
  }
  return found;
}

std::vector<std::string> CompleteValue(absl::string_view path,
                                       const Descriptor& root) {
  const FieldDescriptor* const field = FindField(path, root);
  if (field == nullptr) return {};
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    return {absl::StrCat(path, "=true"), absl::StrCat(path, "=false")};
  }
  std::vector<std::string> found;
  const EnumDescriptor* const type = field->enum_type();
  for (int i = 0; type != nullptr && i < type->value_count(); ++i) {
    // Stands for absence; no file says it.
    if (type->value(i)->number() != 0) {
      found.push_back(absl::StrCat(path, "=", type->value(i)->name()));
    }
  }
  return found;
}

}  // namespace transect
