#include "data/io/textproto.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "data/io/misplaced_character.h"
#include "data/io/stand_in.h"
#include "data/io/suggestion.h"
#include "data/io/utf8.h"
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

class ErrorLines : public google::protobuf::io::ErrorCollector {
 public:
  ErrorLines(absl::string_view file_name, absl::string_view text,
             const Descriptor* root)
      : file_name_(file_name),
        text_(text),
        places_(text, file_name),
        root_(root) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    // The parser counts from 0 and says -1 where it has no position. Of a wrong
    // name it knows only the token behind it, which can be lines below.
    const auto [name, candidates] = FindWrongName(root_, message);
    std::string where = line < 0 ? file_name_ : places_.At(line, column);
    if (line >= 0 && !name.empty()) {
      const size_t at =
          text_.substr(0, places_.OffsetOf(line, column)).rfind(name);
      if (at != absl::string_view::npos) {
        where = PlaceInText(file_name_, text_, at);
      }
    }
    const absl::string_view sentence = absl::StripSuffix(message, ".");
    lines_.push_back(
        absl::StrCat(where, ": ", sentence, DidYouMean(name, candidates)));
  }

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::string file_name_;
  absl::string_view text_;
  TokenPlaces places_;
  const Descriptor* root_;
  std::vector<std::string> lines_;
};

// -0 and 0 are one value; only their texts and bits differ.
void MakeZerosPositive(Message* message) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection.FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          MakeZerosPositive(
              repeated ? reflection.MutableRepeatedMessage(message, field, i)
                       : reflection.MutableMessage(message, field));
          break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
          if (repeated) {
            if (reflection.GetRepeatedDouble(*message, field, i) == 0) {
              reflection.SetRepeatedDouble(message, field, i, 0);
            }
          } else if (reflection.GetDouble(*message, field) == 0) {
            reflection.SetDouble(message, field, 0);
          }
          break;
        case FieldDescriptor::CPPTYPE_FLOAT:
          if (repeated) {
            if (reflection.GetRepeatedFloat(*message, field, i) == 0) {
              reflection.SetRepeatedFloat(message, field, i, 0);
            }
          } else if (reflection.GetFloat(*message, field) == 0) {
            reflection.SetFloat(message, field, 0);
          }
          break;
        default:
          break;
      }
    }
  }
}

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

// `value` as it stands between quotes.
std::string Escaped(absl::string_view value) {
  const std::string escaped = absl::Utf8SafeCEscape(value);
  std::string text;
  text.reserve(escaped.size());
  for (size_t at = 0; at < escaped.size();) {
    const std::optional<Utf8Point> point = ReadUtf8Point(escaped, at);
    const size_t bytes = point.has_value() ? point->bytes : 1;
    if (point.has_value() && !ActsOnText(point->point)) {
      absl::StrAppend(&text, absl::string_view(escaped).substr(at, bytes));
    } else {
      for (size_t i = 0; i < bytes; ++i) {
        absl::StrAppendFormat(&text, "\\%03o",
                              static_cast<unsigned char>(escaped[at + i]));
      }
    }
    at += bytes;
  }
  return text;
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
    generator->PrintString(absl::StrCat("\"", Escaped(value), "\""));
  }
};

}  // namespace

TokenPlaces::TokenPlaces(absl::string_view text, absl::string_view file)
    : text_(text), file_(file), line_starts_({0}) {
  for (size_t at = text.find('\n'); at != absl::string_view::npos;
       at = text.find('\n', at + 1)) {
    line_starts_.push_back(at + 1);
  }
}

size_t TokenPlaces::OffsetOf(int line, int column) const {
  if (static_cast<size_t>(line) >= line_starts_.size()) {
    return text_.size();
  }
  size_t offset = line_starts_[line];
  for (int at = 0; at < column && offset < text_.size(); ++offset) {
    at = text_[offset] == '\t' ? (at / 8 + 1) * 8 : at + 1;
  }
  return offset;
}

std::string TokenPlaces::At(int line, int column) const {
  // Every token of a huge line would be counted from its beginning.
  constexpr int kMostCounted = 10'000;
  if (column > kMostCounted ||
      static_cast<size_t>(line) >= line_starts_.size()) {
    return absl::StrCat(file_, ":", line + 1, ":", column + 1);
  }
  const size_t start = line_starts_[line];
  return PlaceInText(file_, text_.substr(start), OffsetOf(line, column) - start,
                     line + 1);
}

absl::Status ParseTextproto(absl::string_view text, absl::string_view file_name,
                            Message* message) {
  message->Clear();
  const absl::string_view head = text.substr(0, kStandInHead);
  if (const std::string what = StandInText(head);
      !what.empty() && !head.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(file_name, ":1:1: ", what));
  }
  text = WithoutByteOrderMark(text);
  if (const std::optional<MisplacedCharacter> found =
          FindMisplacedCharacter(text);
      found.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        PlaceInText(file_name, text, found->offset), ": ", found->message));
  }
  ErrorLines errors(file_name, text, message->GetDescriptor());
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.SetRecursionLimit(kMaxDepth);
  if (!parser.ParseFromString(std::string(text), message) ||
      !errors.lines().empty()) {
    return absl::InvalidArgumentError(
        errors.lines().empty()
            ? absl::StrCat(file_name, ": not a text message of type ",
                           message->GetDescriptor()->full_name())
            : absl::StrJoin(errors.lines(), "\n"));
  }
  MakeZerosPositive(message);
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
