#include "data/io/textproto.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "data/io/suggestion.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::TextFormat;

// Specifications of ours nest a handful of messages; a recursive message type
// could otherwise exhaust the stack.
constexpr int kMaxDepth = 64;

// The message types that can occur inside `root`, itself included.
std::vector<const Descriptor*> ReachableTypes(const Descriptor* root) {
  std::vector<const Descriptor*> types = {root};
  absl::flat_hash_set<const Descriptor*> seen = {root};
  for (size_t i = 0; i < types.size(); ++i) {
    for (int f = 0; f < types[i]->field_count(); ++f) {
      const Descriptor* type = types[i]->field(f)->message_type();
      if (type != nullptr && seen.insert(type).second) {
        types.push_back(type);
      }
    }
  }
  return types;
}

// A name that the schema does not have, and those that it has there.
struct WrongName {
  absl::string_view name;
  std::vector<std::string> candidates;
};

// Protobuf's parser says where and what, but not what would have been right.
// Its messages name the enclosing type or the field; the names that are valid
// there come from the descriptors.
WrongName FindWrongName(const Descriptor* root, absl::string_view message) {
  // Quoted parts of the message are the odd elements.
  const std::vector<absl::string_view> parts = absl::StrSplit(message, '"');
  const bool is_field = absl::StrContains(message, "has no field named");
  if (parts.size() < 5 ||
      (!is_field && !absl::StartsWith(message, "Unknown enumeration value"))) {
    return {};
  }
  WrongName wrong = {is_field ? parts[3] : parts[1], {}};
  const auto add = [&wrong](const std::string& name) {
    std::vector<std::string>& all = wrong.candidates;
    if (std::find(all.begin(), all.end(), name) == all.end()) {
      all.push_back(name);
    }
  };
  for (const Descriptor* type : ReachableTypes(root)) {
    if (is_field && parts[1] == type->full_name()) {
      for (int i = 0; i < type->field_count(); ++i) {
        add(type->field(i)->name());
      }
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(parts[3]));
    if (!is_field && field != nullptr && field->enum_type() != nullptr) {
      for (int i = 0; i < field->enum_type()->value_count(); ++i) {
        add(field->enum_type()->value(i)->name());
      }
    }
  }
  return wrong;
}

// Offset in `text` of line and column as the parser counts them: from 0, a tab
// reaching to the next multiple of 8.
size_t OffsetOf(absl::string_view text, int line, int column) {
  size_t offset = 0;
  for (; line > 0; --line) {
    const size_t end = text.find('\n', offset);
    if (end == absl::string_view::npos) {
      return text.size();
    }
    offset = end + 1;
  }
  for (int at = 0; at < column && offset < text.size(); ++offset) {
    at = text[offset] == '\t' ? (at / 8 + 1) * 8 : at + 1;
  }
  return offset;
}

class ErrorLines : public google::protobuf::io::ErrorCollector {
 public:
  ErrorLines(absl::string_view file_name, absl::string_view text,
             const Descriptor* root)
      : file_name_(file_name), text_(text), root_(root) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    // The parser counts from 0 and says -1 where it has no position. Of a wrong
    // name it knows only the token behind it, which can be lines below.
    const auto [name, candidates] = FindWrongName(root_, message);
    if (line >= 0 && !name.empty()) {
      const absl::string_view before =
          text_.substr(0, OffsetOf(text_, line, column));
      const size_t at = before.rfind(name);
      if (at != absl::string_view::npos) {
        const absl::string_view above = before.substr(0, at);
        line = static_cast<int>(std::count(above.begin(), above.end(), '\n'));
        // npos + 1 is 0: the first line.
        column = static_cast<int>(at - (above.rfind('\n') + 1));
      }
    }
    const std::string where =
        line < 0 ? file_name_
                 : absl::StrCat(file_name_, ":", line + 1, ":", column + 1);
    const absl::string_view sentence = absl::StripSuffix(message, ".");
    lines_.push_back(
        absl::StrCat(where, ": ", sentence, DidYouMean(name, candidates)));
  }

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::string file_name_;
  absl::string_view text_;
  const Descriptor* root_;
  std::vector<std::string> lines_;
};

template <typename Real>
std::string ShortestNumber(Real value) {
  if (std::isnan(value)) {
    return "nan";
  }
  if (std::isinf(value)) {
    return value > 0 ? "inf" : "-inf";
  }
  char buffer[32];
  const std::to_chars_result end =
      std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, end.ptr);
}

class ReadableValuePrinter : public TextFormat::FastFieldValuePrinter {
 public:
  void PrintFloat(float value,
                  TextFormat::BaseTextGenerator* generator) const override {
    generator->PrintString(ShortestNumber(value));
  }
  void PrintDouble(double value,
                   TextFormat::BaseTextGenerator* generator) const override {
    generator->PrintString(ShortestNumber(value));
  }
  void PrintString(const std::string& value,
                   TextFormat::BaseTextGenerator* generator) const override {
    generator->PrintString(
        absl::StrCat("\"", absl::Utf8SafeCEscape(value), "\""));
  }
};

}  // namespace

absl::Status ParseTextproto(absl::string_view text, absl::string_view file_name,
                            Message* message) {
  ErrorLines errors(file_name, text, message->GetDescriptor());
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kMaxDepth);
  message->Clear();
  if (!parser.ParseFromString(std::string(text), message) ||
      !errors.lines().empty()) {
    return absl::InvalidArgumentError(
        errors.lines().empty()
            ? absl::StrCat(file_name, ": not a text message of type ",
                           message->GetDescriptor()->full_name())
            : absl::StrJoin(errors.lines(), "\n"));
  }
  return absl::OkStatus();
}

std::string PrintTextproto(const Message& message) {
  TextFormat::Printer printer;
  printer.SetUseShortRepeatedPrimitives(true);
  printer.SetDefaultFieldValuePrinter(new ReadableValuePrinter);
  std::string text;
  printer.PrintToString(message, &text);
  return text;
}

absl::Status WriteTextprotoAtomic(const std::string& path,
                                  const Message& message) {
  return WriteFileAtomic(path, PrintTextproto(message));
}

}  // namespace transect
