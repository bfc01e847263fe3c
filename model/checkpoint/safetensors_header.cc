#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/io/suggestion.h"
#include "model/checkpoint/safetensors.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct DtypeEntry {
  absl::string_view name;
  int64_t size;
};

// Indexed by SafetensorsDtype.
constexpr std::array<DtypeEntry, 10> kDtypes = {{{"BOOL", 1},
                                                 {"U8", 1},
                                                 {"I8", 1},
                                                 {"I16", 2},
                                                 {"F16", 2},
                                                 {"BF16", 2},
                                                 {"I32", 4},
                                                 {"F32", 4},
                                                 {"F64", 8},
                                                 {"I64", 8}}};

std::optional<SafetensorsDtype> FindDtype(absl::string_view name) {
  for (size_t i = 0; i < kDtypes.size(); ++i) {
    if (kDtypes[i].name == name) return static_cast<SafetensorsDtype>(i);
  }
  return std::nullopt;
}

std::string QuotedName(absl::string_view name) {
  return Quoted(name, kLongestShownName);
}

// Builds the header from parser events. A document tree would keep only one of
// two equal keys, so duplicates would pass unseen.
class HeaderSax : public nlohmann::json_sax<nlohmann::json> {
 public:
  const std::string& error() const { return error_; }
  SafetensorsHeader TakeHeader() { return std::move(header_); }

  bool null() override { return Unexpected("null"); }
  bool boolean(bool value) override {
    return Unexpected(value ? "true" : "false");
  }
  bool number_float(number_float_t, const string_t& text) override {
    return Unexpected(absl::StrCat("number ", text));
  }
  bool binary(binary_t&) override { return Unexpected("binary value"); }

  bool number_integer(number_integer_t value) override {
    return Unexpected(absl::StrCat("number ", value));
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (state_ != State::kArray) {
      return Unexpected(absl::StrCat("number ", value));
    }
    numbers_.push_back(value);
    // Two offsets, or a shape.
    const size_t most = field_ == "data_offsets" ? 2 : kMaxSafetensorsRank;
    if (numbers_.size() > most) {
      return Fail(absl::StrCat(Where(), " has more than ", most, " values"));
    }
    return true;
  }

  bool string(string_t& value) override {
    if (state_ == State::kMetadata) {
      header_.metadata[field_] = std::move(value);
      return true;
    }
    if (state_ != State::kEntry || field_ != "dtype") {
      return Unexpected(absl::StrCat("string ", QuotedName(value)));
    }
    const std::optional<SafetensorsDtype> dtype = FindDtype(value);
    if (!dtype.has_value()) {
      std::string known;
      for (const DtypeEntry& entry : kDtypes) {
        absl::StrAppend(&known, known.empty() ? "" : ", ", entry.name);
      }
      return Fail(absl::StrCat(Where(), " is ", QuotedName(value),
                               ", which is none of ", known));
    }
    tensor_.dtype = *dtype;
    return true;
  }

  bool start_object(std::size_t) override {
    if (state_ == State::kStart) {
      state_ = State::kTop;
      return true;
    }
    if (state_ != State::kTop) return Unexpected("object");
    fields_.clear();
    if (name_ == "__metadata__") {
      state_ = State::kMetadata;
    } else {
      state_ = State::kEntry;
      tensor_ = SafetensorsInfo();
      tensor_.name = name_;
    }
    return true;
  }

  bool key(string_t& value) override {
    if (state_ == State::kTop) {
      if (!names_.insert(value).second) {
        return Fail(absl::StrCat("duplicate key ", QuotedName(value)));
      }
      name_ = std::move(value);
      field_.clear();
      return true;
    }
    if (!fields_.insert(value).second) {
      return Fail(absl::StrCat("duplicate key ", QuotedName(value), " in ",
                               QuotedName(name_)));
    }
    if (state_ == State::kEntry && value != "dtype" && value != "shape" &&
        value != "data_offsets") {
      return Fail(absl::StrCat("unknown key ", QuotedName(value), " in ",
                               QuotedName(name_),
                               ": only dtype, shape and data_offsets may stand "
                               "there"));
    }
    field_ = std::move(value);
    return true;
  }

  bool end_object() override {
    if (state_ == State::kEntry) {
      for (const char* field : {"dtype", "shape", "data_offsets"}) {
        if (fields_.count(field) == 0) {
          return Fail(
              absl::StrCat("tensor ", QuotedName(name_), " has no ", field));
        }
      }
      header_.tensors.push_back(std::move(tensor_));
    }
    state_ = state_ == State::kTop ? State::kEnd : State::kTop;
    return true;
  }

  bool start_array(std::size_t) override {
    if (state_ != State::kEntry || field_ == "dtype") {
      return Unexpected("array");
    }
    state_ = State::kArray;
    numbers_.clear();
    return true;
  }

  bool end_array() override {
    state_ = State::kEntry;
    if (field_ == "data_offsets") {
      if (numbers_.size() != 2) {
        return Fail(absl::StrCat(Where(), " has ", numbers_.size(),
                                 " values instead of 2"));
      }
      tensor_.begin = numbers_[0];
      tensor_.end = numbers_[1];
      return true;
    }
    for (uint64_t size : numbers_) {
      if (size > std::numeric_limits<int64_t>::max()) {
        return Fail(absl::StrCat(Where(), " has the size ", size,
                                 ", which is above 2^63 - 1"));
      }
      tensor_.shape.push_back(static_cast<int64_t>(size));
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& e) override {
    return Fail(absl::StrCat("header is not valid JSON in UTF-8 at offset ",
                             position, ": ", e.what()));
  }

 private:
  enum class State { kStart, kTop, kMetadata, kEntry, kArray, kEnd };

  bool Fail(std::string error) {
    error_ = std::move(error);
    return false;
  }

  std::string Where() const {
    if (name_ == "__metadata__") {
      return field_.empty() ? name_
                            : absl::StrCat(name_, "[", QuotedName(field_), "]");
    }
    if (field_.empty()) return absl::StrCat("tensor ", QuotedName(name_));
    return absl::StrCat(field_, " of tensor ", QuotedName(name_));
  }

  bool Unexpected(absl::string_view what) {
    absl::string_view wanted = "an object";
    if (state_ == State::kMetadata) {
      wanted = "a string";
    } else if (state_ == State::kArray) {
      wanted = "integers of at least 0 and below 2^64";
    } else if (state_ == State::kEntry) {
      wanted = field_ == "dtype" ? "a string" : "an array of integers";
    }
    return Fail(absl::StrCat(Where(), " holds the ", what, "; only ", wanted,
                             " may stand there"));
  }

  State state_ = State::kStart;
  std::string error_;
  SafetensorsHeader header_;
  std::set<std::string> names_;
  std::set<std::string> fields_;
  // Keys that lead to the current value, at the top and below it.
  std::string name_;
  std::string field_;
  SafetensorsInfo tensor_;
  std::vector<uint64_t> numbers_;
};

// Shape times element size equals the byte range (rule 3).
absl::Status CheckSize(const SafetensorsInfo& tensor) {
  if (tensor.begin > tensor.end) {
    return absl::DataLossError(absl::StrCat("tensor ", QuotedName(tensor.name),
                                            " begins at ", tensor.begin,
                                            ", behind its end ", tensor.end));
  }
  uint64_t bytes = static_cast<uint64_t>(SafetensorsDtypeSize(tensor.dtype));
  bool overflow = false;
  for (int64_t size : tensor.shape) {
    overflow |=
        __builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes);
  }
  if (overflow) {
    return absl::DataLossError(
        absl::StrCat("tensor ", QuotedName(tensor.name),
                     " has a shape whose product is above 2^64 - 1 bytes"));
  }
  if (bytes != tensor.end - tensor.begin) {
    return absl::DataLossError(absl::StrCat(
        "tensor ", QuotedName(tensor.name), " needs ", bytes,
        " bytes by dtype and shape but has ", tensor.end - tensor.begin));
  }
  return absl::OkStatus();
}

// The byte ranges tile the data (rules 4 and 5).
absl::Status CheckTiling(const std::vector<SafetensorsInfo>& tensors,
                         uint64_t data_size) {
  std::vector<const SafetensorsInfo*> by_offset;
  for (const SafetensorsInfo& tensor : tensors) by_offset.push_back(&tensor);
  std::sort(by_offset.begin(), by_offset.end(), [](auto* a, auto* b) {
    return std::make_pair(a->begin, a->end) < std::make_pair(b->begin, b->end);
  });
  uint64_t expected = 0;
  for (const SafetensorsInfo* tensor : by_offset) {
    if (tensor->begin != expected) {
      return absl::DataLossError(absl::StrCat(
          "tensor ", QuotedName(tensor->name), " begins at ", tensor->begin,
          tensor->begin < expected ? " and overlaps" : " and leaves a hole to",
          " the one before, which ends at ", expected));
    }
    expected = tensor->end;
  }
  if (expected != data_size) {
    return absl::DataLossError(
        absl::StrCat("tensors end at ", expected, " but ", data_size,
                     " bytes follow the header",
                     expected > data_size ? "; it is cut: get it again" : ""));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view SafetensorsDtypeName(SafetensorsDtype dtype) {
  return kDtypes[static_cast<size_t>(dtype)].name;
}

int64_t SafetensorsDtypeSize(SafetensorsDtype dtype) {
  return kDtypes[static_cast<size_t>(dtype)].size;
}

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(absl::string_view json,
                                                         uint64_t data_size) {
  if (json.empty() || json.front() != '{') {
    return absl::DataLossError("header does not begin with an opening brace");
  }
  HeaderSax sax;
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &sax)) {
    return absl::DataLossError(sax.error());
  }
  SafetensorsHeader header = sax.TakeHeader();
  for (const SafetensorsInfo& tensor : header.tensors) {
    TRANSECT_RETURN_IF_ERROR(CheckSize(tensor));
  }
  TRANSECT_RETURN_IF_ERROR(CheckTiling(header.tensors, data_size));
  std::sort(header.tensors.begin(), header.tensors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return header;
}

}  // namespace transect
