#include "data/io/strict_json.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/stand_in.h"
#include "data/io/suggestion.h"
#include "data/io/utf8.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

// Tells how far the parser has read: its events do not.
class CountingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *read_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const {
    return at_ == other.at_;
  }
  bool operator!=(const CountingIterator& other) const {
    return at_ != other.at_;
  }

 private:
  const char* at_;
  const char** read_;
};

constexpr size_t kMostDigits = 40;

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
      return Fail(absl::StrCat("integer ", text.substr(0, kMostDigits),
                               text.size() > kMostDigits ? "..." : "",
                               " does not fit 64 bits"));
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
      return Fail(absl::StrCat("key ", Quoted(value), " occurs twice"));
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
    const size_t parsing = error_.find(" - ");
    if (absl::StartsWith(error_, "syntax error") &&
        parsing != std::string::npos) {
      error_ = absl::StrCat("is not JSON: ", error_.substr(parsing + 3));
    }
    // It quotes what was read.
    constexpr size_t kLongest = 300;
    if (error_.size() > kLongest) {
      error_ = absl::StrCat(error_.substr(0, kLongest), "...");
    }
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

// Where the value or key begins that ends before `end`.
size_t TokenStart(absl::string_view text, size_t end) {
  while (end > 0 && (absl::ascii_isspace(text[end - 1]) ||
                     absl::string_view(":,]}").find(text[end - 1]) !=
                         absl::string_view::npos)) {
    --end;
  }
  if (end > 0 && text[end - 1] == '"') {
    const size_t quote = text.substr(0, end - 1).rfind('"');
    return quote == absl::string_view::npos ? end - 1 : quote;
  }
  while (end > 1 && (absl::ascii_isalnum(text[end - 2]) ||
                     absl::string_view("+-.").find(text[end - 2]) !=
                         absl::string_view::npos)) {
    --end;
  }
  return end > 0 ? end - 1 : 0;
}

absl::Status WrongType(absl::string_view key, const json& value,
                       absl::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", key, "\" is of type ", value.type_name(), ", must be ", wanted));
}

}  // namespace

absl::StatusOr<json> ParseStrictJson(absl::string_view text,
                                     absl::string_view file_name,
                                     int64_t first_line) {
  text = WithoutByteOrderMark(text);
  const auto error_at = [&](size_t offset, absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(
        PlaceInText(file_name, text, offset, first_line), ": ", why));
  };
  const char* read = text.data();
  StrictBuilder builder;
  const bool ok = json::sax_parse(
      CountingIterator(text.data(), &read),
      CountingIterator(text.data() + text.size(), &read), &builder);
  if (ok && builder.error().empty()) {
    return builder.TakeRoot();
  }
  const std::string stand_in = StandInText(text.substr(0, kStandInHead));
  if (!stand_in.empty()) {
    return error_at(0, stand_in);
  }
  const size_t position = builder.error_position();
  return error_at(
      position > 0 ? position - 1 : TokenStart(text, read - text.data()),
      builder.error());
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
