#include "experiments/reading/field_path.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/suggestion.h"
#include "experiments/reading/scalar_text.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::OneofDescriptor;

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->name());
  }
  return names;
}

namespace {

// Calls `visit` for every field below `type`, whose path begins with `prefix`.
// `around` holds the types on the way.
void VisitFields(const Descriptor& type, const std::string& prefix,
                 std::vector<const Descriptor*>* around,
                 const std::function<void(const std::string& path,
                                          const FieldDescriptor&)>& visit) {
  if (std::ranges::find(*around, &type) != around->end()) {
    return;
  }
  around->push_back(&type);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    visit(path, field);
    if (field.message_type() != nullptr) {
      VisitFields(*field.message_type(), absl::StrCat(path, "."), around,
                  visit);
    }
  }
  around->pop_back();
}

// `; did you mean "a" or "b"?`, with some of many paths.
std::string PathsText(const std::vector<std::string>& paths) {
  constexpr size_t kMost = 4;
  const size_t shown = std::min(paths.size(), kMost);
  return absl::StrCat(
      "; did you mean \"",
      absl::StrJoin(paths.begin(), paths.begin() + shown, "\" or \""), "\"",
      shown < paths.size()
          ? absl::StrCat(" or ", paths.size() - shown, " others")
          : "",
      "?");
}

}  // namespace

std::vector<std::string> PathsEndingWith(absl::string_view end,
                                         const Descriptor& root) {
  std::vector<std::string> paths;
  const std::string dotted = absl::StrCat(".", end);
  std::vector<const Descriptor*> around;
  VisitFields(root, "", &around,
              [&](const std::string& path, const FieldDescriptor&) {
                if (path == end || absl::EndsWith(path, dotted)) {
                  paths.push_back(path);
                }
              });
  return paths;
}

absl::Status NoSuchField(absl::string_view name, const Descriptor& type,
                         const Descriptor& root) {
  const std::vector<std::string> own = FieldNames(type);
  std::vector<std::string> paths;
  if (!name.empty()) {
    paths = PathsEndingWith(name, root);
    if (paths.empty() && NearNames(name, own).empty()) {
      std::set<std::string> all;
      std::vector<const Descriptor*> around;
      VisitFields(root, "", &around,
                  [&all](const std::string&, const FieldDescriptor& field) {
                    all.insert(field.name());
                  });
      for (const std::string& near :
           NearNames(name, {all.begin(), all.end()})) {
        const std::vector<std::string> of_near = PathsEndingWith(near, root);
        paths.insert(paths.end(), of_near.begin(), of_near.end());
      }
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(type.name(), " has no field ", Quoted(name),
                   paths.empty() ? DidYouMean(name, own) : PathsText(paths)));
}

absl::StatusOr<FieldPath> FieldPath::Parse(absl::string_view path,
                                           const Descriptor& root) {
  if (path.empty()) {
    return absl::InvalidArgumentError("the path of a field is empty");
  }
  FieldPath result;
  result.text_ = std::string(path);
  const Descriptor* type = &root;
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), " goes on after \"", result.fields_.back()->name(),
          "\", which is a single value"));
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), ": ", NoSuchField(name, *type, root).message()));
    }
    if (field->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(path), ": \"", name,
                       "\" is a list; a path leads to a single value"));
    }
    result.fields_.push_back(field);
    type = field->message_type();
  }
  if (type != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(path),
                     " is a message; go on with one of its "
                     "fields",
                     DidYouMean("", FieldNames(*type))));
  }
  return result;
}

absl::StatusOr<std::string> FieldPath::Canonical(
    absl::string_view value) const {
  TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar,
                            ParseScalar(*fields_.back(), value));
  return ScalarText(scalar);
}

absl::Status FieldPath::Set(absl::string_view value, Message* root) const {
  TRANSECT_CHECK(root->GetDescriptor() == fields_[0]->containing_type())
      << text_;
  TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar,
                            ParseScalar(*fields_.back(), value));
  // First look, then make: a refusal leaves the message as it was.
  const Message* present = root;
  for (const FieldDescriptor* field : fields_) {
    const OneofDescriptor* oneof = field->containing_oneof();
    if (oneof != nullptr) {
      const FieldDescriptor* set =
          present->GetReflection()->GetOneofFieldDescriptor(*present, oneof);
      if (set != nullptr && set != field) {
        return absl::FailedPreconditionError(
            absl::StrCat("\"", text_, "\" enters \"", field->name(), "\", but ",
                         oneof->name(), " is \"", set->name(), "\" here"));
      }
    }
    if (field->message_type() == nullptr ||
        !present->GetReflection()->HasField(*present, field)) {
      break;
    }
    present = &present->GetReflection()->GetMessage(*present, field);
  }
  Message* parent = root;
  for (const FieldDescriptor* field : fields_) {
    if (field->message_type() == nullptr) {
      SetScalar(*field, scalar, parent);
    } else {
      parent = parent->GetReflection()->MutableMessage(parent, field);
    }
  }
  return absl::OkStatus();
}

std::optional<std::string> FieldPath::Get(const Message& root) const {
  const Message* message = &root;
  for (const FieldDescriptor* field : fields_) {
    if (!message->GetReflection()->HasField(*message, field)) {
      return std::nullopt;
    }
    if (field->message_type() == nullptr) {
      break;
    }
    message = &message->GetReflection()->GetMessage(*message, field);
  }
  return ScalarText(GetScalar(*message, *fields_.back()));
}

std::string FieldPath::GetOrDefault(const Message& root) const {
  const Message* message = &root;
  for (const FieldDescriptor* field : fields_) {
    if (field->message_type() != nullptr) {
      message = &message->GetReflection()->GetMessage(*message, field);
    }
  }
  return ScalarText(GetScalar(*message, *fields_.back()));
}

}  // namespace transect
