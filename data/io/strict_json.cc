#include "data/io/strict_json.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

// Builds the document from the parser's events, where the parser's own builder
// would let the last of two equal keys win.
class StrictBuilder : public json::json_sax_t {
 public:
  // Return values: false stops the parser.
  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value >
        static_cast<number_unsigned_t>(std::numeric_limits<int64_t>::max())) {
      return Fail(absl::StrCat("integer ", value, " does not fit 64 bits"));
    }
    return Add(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    // The parser falls back to a float where an integer is too long.
    if (text.find_first_of(".eE") == string_t::npos) {
      return Fail(absl::StrCat("integer ", text, " does not fit 64 bits"));
    }
    return Add(value);
  }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return Fail("binary value"); }
  bool start_object(std::size_t) override { return Open(json::object()); }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(json::array()); }
  bool end_array() override { return Close(); }
  bool key(string_t& value) override {
    if (open_.back()->contains(value)) {
      return Fail(absl::StrCat("key \"", value, "\" occurs twice"));
    }
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const json::exception& error) override {
    error_position_ = position;
    // "[json.exception.parse_error.101] parse error at line 1, column 2: why"
    const std::string text = error.what();
    const size_t why = text.find(": ");
    error_ = why == std::string::npos ? text : text.substr(why + 2);
    return false;
  }

  json TakeRoot() { return std::move(root_); }
  const std::string& error() const { return error_; }
  // Bytes read when the error was found; 0 if not known.
  size_t error_position() const { return error_position_; }

 private:
  bool Fail(std::string why) {
    error_ = std::move(why);
    return false;
  }

  json* Place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[key_] = std::move(value));
  }

  bool Add(json value) {
    Place(std::move(value));
    return true;
  }

  bool Open(json value) {
    if (static_cast<int>(open_.size()) == kMaxJsonDepth) {
      return Fail(absl::StrCat("nested deeper than ", kMaxJsonDepth));
    }
    // Safe to keep: a parent's members do not move while a child is open.
    open_.push_back(Place(std::move(value)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;
  std::string key_;
  std::string error_;
  size_t error_position_ = 0;
};

absl::Status ErrorAt(absl::string_view file_name, absl::string_view text,
                     size_t position, absl::string_view why) {
  if (position == 0) {
    return absl::InvalidArgumentError(absl::StrCat(file_name, ": ", why));
  }
  const absl::string_view before = text.substr(0, position - 1);
  const int64_t line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column =
      before.size() - (newline == absl::string_view::npos ? 0 : newline + 1);
  return absl::InvalidArgumentError(
      absl::StrCat(file_name, ":", line, ":", column + 1, ": ", why));
}

absl::Status WrongType(absl::string_view key, const json& value,
                       absl::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", key, "\" is of type ", value.type_name(), ", must be ", wanted));
}

}  // namespace

absl::StatusOr<json> ParseStrictJson(absl::string_view text,
                                     absl::string_view file_name) {
  if (absl::StartsWith(text, "\xEF\xBB\xBF")) {
    return absl::InvalidArgumentError(
        absl::StrCat(file_name, ":1:1: begins with a byte-order mark"));
  }
  StrictBuilder builder;
  const bool ok = json::sax_parse(text.begin(), text.end(), &builder);
  if (!ok || !builder.error().empty()) {
    return ErrorAt(file_name, text, builder.error_position(), builder.error());
  }
  return builder.TakeRoot();
}

absl::StatusOr<const json*> JsonMember(const json& object,
                                       absl::string_view key) {
  if (!object.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("is of type ", object.type_name(), ", must be object"));
  }
  const auto it = object.find(std::string(key));
  if (it == object.end()) {
    return absl::InvalidArgumentError(absl::StrCat("has no \"", key, "\""));
  }
  return &*it;
}

absl::StatusOr<const json*> JsonArray(const json& object,
                                      absl::string_view key) {
  TRANSECT_ASSIGN_OR_RETURN(const json* member, JsonMember(object, key));
  if (!member->is_array()) {
    return WrongType(key, *member, "array");
  }
  return member;
}

absl::StatusOr<int64_t> JsonInt(const json& object, absl::string_view key) {
  TRANSECT_ASSIGN_OR_RETURN(const json* member, JsonMember(object, key));
  if (!member->is_number_integer()) {
    return WrongType(key, *member, "an integer");
  }
  return member->get<int64_t>();
}

absl::StatusOr<std::string> JsonString(const json& object,
                                       absl::string_view key) {
  TRANSECT_ASSIGN_OR_RETURN(const json* member, JsonMember(object, key));
  if (!member->is_string()) {
    return WrongType(key, *member, "a string");
  }
  return member->get<std::string>();
}

}  // namespace transect
