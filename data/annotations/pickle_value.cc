#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/pickle.h"

namespace transect {

PickleValue PickleDocument::root() const { return PickleValue(this, root_); }

absl::string_view PickleValue::TypeName() const {
  // By Kind.
  constexpr absl::string_view kNames[] = {"None", "bool",  "int", "str",
                                          "list", "tuple", "dict"};
  return kNames[static_cast<int>(node().kind)];
}

absl::Status PickleValue::WrongType(absl::string_view wanted) const {
  return absl::InvalidArgumentError(
      absl::StrCat("is a ", TypeName(), ", must be a ", wanted));
}

absl::StatusOr<int64_t> PickleValue::AsInt() const {
  if (node().kind != PickleDocument::Kind::kInt) {
    return WrongType("int");
  }
  return node().integer;
}

absl::StatusOr<absl::string_view> PickleValue::AsString() const {
  if (node().kind != PickleDocument::Kind::kString) {
    return WrongType("str");
  }
  return node().text;
}

absl::StatusOr<std::vector<PickleValue>> PickleValue::AsList() const {
  if (node().kind != PickleDocument::Kind::kList &&
      node().kind != PickleDocument::Kind::kTuple) {
    return WrongType("list");
  }
  std::vector<PickleValue> values;
  values.reserve(node().items.size());
  for (const uint32_t item : node().items) {
    values.push_back(PickleValue(document_, item));
  }
  return values;
}

absl::StatusOr<PickleValue> PickleValue::Get(absl::string_view key) const {
  if (node().kind != PickleDocument::Kind::kDict) {
    return WrongType("dict");
  }
  const std::vector<uint32_t>& items = node().items;
  for (size_t i = items.size(); i > 0; i -= 2) {
    const PickleDocument::Node& candidate = document_->nodes_[items[i - 2]];
    if (candidate.kind == PickleDocument::Kind::kString &&
        candidate.text == key) {
      return PickleValue(document_, items[i - 1]);
    }
  }
  return absl::NotFoundError(absl::StrCat("has no key \"", key, "\""));
}

}  // namespace transect
