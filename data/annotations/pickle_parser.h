// Python's stack machine, reduced to values. Internal to pickle.cc.
#ifndef TRANSECT_DATA_ANNOTATIONS_PICKLE_PARSER_H_
#define TRANSECT_DATA_ANNOTATIONS_PICKLE_PARSER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/annotations/pickle.h"
#include "data/annotations/pickle_opcodes.h"
#include "data/annotations/pickle_text.h"
#include "data/io/utf8.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

// Values go through a stack; marks and a memo are as in Python.
class PickleParser {
 public:
  explicit PickleParser(std::string bytes) {
    document_.bytes_ = std::make_unique<const std::string>(std::move(bytes));
    input_ = *document_.bytes_;
  }

  absl::StatusOr<PickleDocument> Run() {
    if (static_cast<int64_t>(input_.size()) > kMaxPickleBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("pickle of ", input_.size(), " bytes, at most ",
                       kMaxPickleBytes, " are allowed"));
    }
    TRANSECT_RETURN_IF_ERROR(CheckStart());
    while (!stopped_) {
      opcode_offset_ = offset_;
      TRANSECT_ASSIGN_OR_RETURN(const uint64_t opcode, Number(1));
      TRANSECT_RETURN_IF_ERROR(Execute(static_cast<uint8_t>(opcode)));
    }
    if (offset_ != input_.size()) {
      return Error(absl::StrCat(input_.size() - offset_,
                                " bytes follow the end of the pickle"));
    }
    TRANSECT_RETURN_IF_ERROR(CheckDepth());
    return std::move(document_);
  }

 private:
  using Kind = PickleDocument::Kind;
  using Node = PickleDocument::Node;

  uint8_t Byte(size_t i) const { return static_cast<uint8_t>(input_[i]); }

  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("pickle, offset ", opcode_offset_, ": ", what));
  }

  // A little-endian unsigned number of `size` bytes.
  absl::StatusOr<uint64_t> Number(size_t size) {
    if (input_.size() - offset_ < size) {
      return Error("the file ends inside of an opcode");
    }
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) {
      value |= uint64_t{Byte(offset_ + i)} << (8 * i);
    }
    offset_ += size;
    return value;
  }

  absl::Status Push(Node node) {
    if (static_cast<int64_t>(document_.nodes_.size()) >= kMaxPickleObjects) {
      return Error(absl::StrCat("more than ", kMaxPickleObjects, " values"));
    }
    stack_.push_back(static_cast<uint32_t>(document_.nodes_.size()));
    document_.nodes_.push_back(std::move(node));
    return absl::OkStatus();
  }

  absl::Status PushInt(int64_t value, Kind kind = Kind::kInt) {
    return Push({.kind = kind, .integer = value, .text = {}, .items = {}});
  }

  absl::Status PushContainer(Kind kind, std::vector<uint32_t> items = {}) {
    return Push(
        {.kind = kind, .integer = 0, .text = {}, .items = std::move(items)});
  }

  absl::Status PushString(size_t length_bytes) {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t length, Number(length_bytes));
    if (length > input_.size() - offset_) {
      return Error(absl::StrCat("string of ", length, " bytes where ",
                                input_.size() - offset_, " are left"));
    }
    const absl::string_view text = input_.substr(offset_, length);
    if (const absl::Status valid = CheckUtf8(text); !valid.ok()) {
      return Error(
          absl::StrCat("string of ", length, " bytes: ", valid.message()));
    }
    offset_ += length;
    return PushText(text);
  }

  // `text` lives as long as the document.
  absl::Status PushText(absl::string_view text) {
    return Push(
        {.kind = Kind::kString, .integer = 0, .text = text, .items = {}});
  }

  absl::Status PushOwn(absl::StatusOr<std::string> text) {
    if (!text.ok()) return Error(text.status().message());
    document_.own_.push_back(*std::move(text));
    return PushText(document_.own_.back());
  }

  // The bytes of a string of Python 2.
  absl::Status PushBytes(size_t length_bytes) {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t length, Number(length_bytes));
    if (length > input_.size() - offset_) {
      return Error(absl::StrCat("string of ", length, " bytes where ",
                                input_.size() - offset_, " are left"));
    }
    const absl::string_view bytes = input_.substr(offset_, length);
    offset_ += length;
    const bool ascii =
        std::all_of(bytes.begin(), bytes.end(), absl::ascii_isascii);
    return ascii ? PushText(bytes) : PushOwn(Utf8FromLatin1(bytes));
  }

  // An argument of protocol 0, without its line feed.
  absl::StatusOr<absl::string_view> Line() {
    const size_t end = input_.find('\n', offset_);
    if (end == absl::string_view::npos) {
      return Error("the file ends inside of an opcode");
    }
    const absl::string_view line = input_.substr(offset_, end - offset_);
    offset_ = end + 1;
    return line;
  }

  absl::StatusOr<int64_t> IntegerLine() {
    TRANSECT_ASSIGN_OR_RETURN(const absl::string_view line, Line());
    const absl::StatusOr<int64_t> value = IntegerOfLine(line);
    return value.ok() ? value : Error(value.status().message());
  }

  absl::Status PushIntegerLine() {
    const absl::string_view rest = input_.substr(offset_);
    const bool is_bool =
        absl::StartsWith(rest, "00\n") || absl::StartsWith(rest, "01\n");
    TRANSECT_ASSIGN_OR_RETURN(const int64_t value, IntegerLine());
    return PushInt(value, is_bool ? Kind::kBool : Kind::kInt);
  }

  absl::Status PushDict(absl::StatusOr<std::vector<uint32_t>> items) {
    TRANSECT_RETURN_IF_ERROR(items.status());
    TRANSECT_RETURN_IF_ERROR(PushContainer(Kind::kDict));
    return AddToTop(Kind::kDict, std::move(items));
  }

  absl::Status PushTuple(absl::StatusOr<std::vector<uint32_t>> popped) {
    TRANSECT_ASSIGN_OR_RETURN(std::vector<uint32_t> values, std::move(popped));
    return PushContainer(Kind::kTuple, std::move(values));
  }

  absl::Status PushList(absl::StatusOr<std::vector<uint32_t>> popped) {
    TRANSECT_ASSIGN_OR_RETURN(std::vector<uint32_t> values, std::move(popped));
    return PushContainer(Kind::kList, std::move(values));
  }

  absl::Status PushUnsigned(size_t size) {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t value, Number(size));
    return PushInt(static_cast<int64_t>(value));
  }

  absl::Status PushLong() {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t size, Number(1));
    return PushSigned(size);
  }

  absl::Status PushSigned(size_t size) {
    if (size > 8) {
      return Error(absl::StrCat("integer of ", size, " bytes, at most 8 fit"));
    }
    TRANSECT_ASSIGN_OR_RETURN(uint64_t value, Number(size));
    if (size > 0 && size < 8 && (value >> (8 * size - 1) & 1) != 0) {
      value |= ~uint64_t{0} << (8 * size);
    }
    return PushInt(static_cast<int64_t>(value));
  }

  // Number of stack entries that belong to the innermost open mark.
  size_t Floor() const { return marks_.empty() ? 0 : marks_.back(); }

  // Takes the `count` top values off the stack, in their order.
  absl::StatusOr<std::vector<uint32_t>> Pop(size_t count) {
    if (stack_.size() - Floor() < count) {
      return Error("takes more values than the stack holds");
    }
    std::vector<uint32_t> values(stack_.end() - count, stack_.end());
    stack_.resize(stack_.size() - count);
    return values;
  }

  absl::StatusOr<std::vector<uint32_t>> PopToMark() {
    if (marks_.empty()) {
      return Error("no MARK is open");
    }
    std::vector<uint32_t> values(stack_.begin() + marks_.back(), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return values;
  }

  absl::Status AddToTop(Kind kind,
                        absl::StatusOr<std::vector<uint32_t>> popped) {
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<uint32_t> values,
                              std::move(popped));
    if (stack_.size() <= Floor() ||
        document_.nodes_[stack_.back()].kind != kind) {
      return Error(absl::StrCat("adds to something that is not a ",
                                kind == Kind::kList ? "list" : "dictionary"));
    }
    if (kind == Kind::kDict) {
      if (values.size() % 2 != 0) {
        return Error("a key without a value");
      }
      for (size_t i = 0; i < values.size(); i += 2) {
        const Kind key = document_.nodes_[values[i]].kind;
        if (key != Kind::kString && key != Kind::kInt) {
          return Error("a dictionary's key is neither a string nor an integer");
        }
      }
    }
    std::vector<uint32_t>& items = document_.nodes_[stack_.back()].items;
    items.insert(items.end(), values.begin(), values.end());
    return absl::OkStatus();
  }

  absl::Status Put(uint64_t index) {
    if (stack_.size() <= Floor()) {
      return Error("memoizes a value that is not on the stack");
    }
    if (index >= input_.size()) {
      return Error(absl::StrCat("memo index ", index,
                                " is beyond the size of the file"));
    }
    if (index >= memo_.size()) {
      memo_.resize(index + 1, kEmpty);
    }
    memo_[index] = stack_.back();
    return absl::OkStatus();
  }

  absl::Status Get(uint64_t index) {
    if (index >= memo_.size() || memo_[index] == kEmpty) {
      return Error(absl::StrCat("memo index ", index, " was never set"));
    }
    if (stack_.size() >= static_cast<size_t>(kMaxPickleObjects)) {
      return Error("stack is too deep");
    }
    stack_.push_back(memo_[index]);
    return absl::OkStatus();
  }

  // The text `depth` below the top of the stack; empty where there is none.
  absl::string_view TextBelow(size_t depth) const {
    return stack_.size() > depth
               ? document_.nodes_[stack_[stack_.size() - 1 - depth]].text
               : absl::string_view();
  }

  absl::Status PutNumbered(size_t size) {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t index, Number(size));
    return Put(index);
  }

  absl::Status GetNumbered(size_t size) {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t index, Number(size));
    return Get(index);
  }

  absl::Status Protocol() {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t protocol, Number(1));
    if (protocol < 2 || protocol > 5) {
      return Error(absl::StrCat("protocol ", protocol, ", must be 2 to 5"));
    }
    return absl::OkStatus();
  }

  absl::Status Frame() {
    TRANSECT_ASSIGN_OR_RETURN(const uint64_t length, Number(8));
    if (length > input_.size() - offset_) {
      return Error(absl::StrCat("frame of ", length, " bytes where ",
                                input_.size() - offset_, " are left"));
    }
    return absl::OkStatus();
  }

  absl::Status Stop() {
    if (stack_.size() != 1 || !marks_.empty()) {
      return Error(absl::StrCat("STOP with ", stack_.size(), " values and ",
                                marks_.size(),
                                " open marks, must be one value"));
    }
    document_.root_ = stack_[0];
    stopped_ = true;
    return absl::OkStatus();
  }

  absl::Status CheckStart() const;
  absl::Status Execute(uint8_t opcode);
  absl::Status ExecuteOfPython2(uint8_t opcode);
  absl::Status Refuse(uint8_t opcode);
  // Refuses the class or function `name` of `module`; `after` was read before.
  absl::Status RefuseGlobal(absl::string_view opcode, absl::string_view module,
                            absl::string_view name, absl::string_view after);
  absl::Status CheckDepth();

  static constexpr uint32_t kEmpty = std::numeric_limits<uint32_t>::max();

  PickleDocument document_;
  absl::string_view input_;
  size_t offset_ = 0;
  size_t opcode_offset_ = 0;
  bool stopped_ = false;
  std::vector<uint32_t> stack_;
  std::vector<size_t> marks_;
  std::vector<uint32_t> memo_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_PICKLE_PARSER_H_
