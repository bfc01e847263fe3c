#include "data/io/textproto.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "data/io/field_search.h"
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

// A bracket that is open at some place of a text.
struct OpenBracket {
  char bracket;
  size_t offset;
  // Of the line that it stands in.
  size_t indent;
  // The field whose value it begins; empty where there is none.
  std::string field;
};

// Reads the brackets of a text up to some byte, in time proportional to it.
class BracketScan {
 public:
  BracketScan(absl::string_view text, size_t end) : text_(text.substr(0, end)) {
    for (size_t at = 0; at < text_.size();) at = Read(at);
  }

  // The outermost first.
  const std::vector<OpenBracket>& open() const { return open_; }
  // One whose end is probably missing, since what closed it stands further to
  // the left than the line on which it opens.
  const std::optional<OpenBracket>& suspect() const { return suspect_; }
  size_t deepest() const { return deepest_; }

 private:
  // Reads what begins at `at`; returns where it ends.
  size_t Read(size_t at) {
    constexpr absl::string_view kBrackets = "{[<}]>";
    const char c = text_[at];
    if (c == '\n') line_ = at + 1;
    if (c == '#') return std::min(text_.find('\n', at), text_.size());
    if (c == '"' || c == '\'') return EndOfString(at);
    if (absl::ascii_isalpha(c) || c == '_') {
      size_t end = at;
      while (end < text_.size() &&
             (absl::ascii_isalnum(text_[end]) || text_[end] == '_')) {
        ++end;
      }
      field_ = text_.substr(at, end - at);
      return end;
    }
    const size_t kind = kBrackets.find(c);
    if (kind < 3) Open(at);
    if (kind >= 3 && kind < kBrackets.size()) Close(kBrackets[kind - 3], at);
    if (!absl::ascii_isspace(c) && c != ':') field_ = "";
    return at + 1;
  }

  size_t EndOfString(size_t at) {
    for (size_t end = at + 1; end < text_.size(); ++end) {
      if (text_[end] == '\n') return end;
      if (text_[end] == text_[at]) return end + 1;
      if (text_[end] == '\\') ++end;
    }
    return text_.size();
  }

  size_t Indent(size_t at) const {
    return std::min(text_.find_first_not_of(" \t", line_), at) - line_;
  }

  void Open(size_t at) {
    const bool in_list = !open_.empty() && open_.back().bracket == '[';
    open_.push_back(
        {text_[at], at, Indent(at),
         field_.empty() && in_list ? open_.back().field : std::string(field_)});
    ++count_[text_[at]];
    deepest_ = std::max(deepest_, open_.size());
  }

  // Also closes those inside of it that lack an end.
  void Close(char opener, size_t at) {
    if (count_[opener] == 0) return;
    while (open_.back().bracket != opener) {
      --count_[open_.back().bracket];
      open_.pop_back();
    }
    const size_t indent = Indent(at);
    if (!suspect_.has_value() && line_ + indent == at &&
        indent < open_.back().indent) {
      suspect_ = open_.back();
    }
    --count_[opener];
    open_.pop_back();
  }

  absl::string_view text_;
  // Where the line begins.
  size_t line_ = 0;
  // The last word, if it may be the name of a field.
  absl::string_view field_;
  std::vector<OpenBracket> open_;
  std::map<char, int> count_;
  std::optional<OpenBracket> suspect_;
  size_t deepest_ = 0;
};

// The names in quotes of the parser's message: the type and the field that it
// lacks, or the enumerator and the field.
std::vector<std::string> QuotedNames(absl::string_view message) {
  const std::vector<absl::string_view> parts = absl::StrSplit(message, '"');
  std::vector<std::string> names;
  for (size_t i = 1; i < parts.size(); i += 2) names.emplace_back(parts[i]);
  return names;
}

constexpr absl::string_view kNoField = "has no field named";

// What protobuf's parser finds, with what it does not say: what would have been
// right, and which bracket is open.
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
    if (lines_.size() == kMostLines) {
      ++more_;
      return;
    }
    // The parser counts from 0 and says -1 where it has no position.
    if (line < 0) {
      lines_.push_back(absl::StrCat(file_name_, ": ", message));
      return;
    }
    const size_t token = places_.OffsetOf(line, column);
    const absl::string_view sentence = absl::StripSuffix(message, ".");
    const bool no_field = absl::StrContains(message, kNoField);
    const std::vector<std::string> names = QuotedNames(message);
    if (names.size() < 2 ||
        (!no_field && !absl::StartsWith(message, "Unknown enumeration"))) {
      // It follows from the wrong name before it.
      if (token == behind_name_) return;
      const bool ends =
          token >= absl::StripTrailingAsciiWhitespace(text_).size();
      lines_.push_back(absl::StrCat(places_.At(line, column), ": ",
                                    ends ? "the text ends here" : sentence,
                                    BracketHint(token, ends, message)));
      return;
    }
    // Of a wrong name the parser knows only the token behind it, which can be
    // lines below.
    behind_name_ = token;
    const size_t found = text_.substr(0, token).rfind(names[no_field ? 1 : 0]);
    const size_t at = found == absl::string_view::npos ? token : found;
    lines_.push_back(absl::StrCat(
        PlaceInText(file_name_, text_, at), ": ", sentence,
        no_field ? WayToField(names[1], Around(at, names[0]))
                 : DidYouMean(names[0], EnumeratorsOf(names[1], *root_))));
  }

  // A field that is not known, where the parser goes on behind it.
  void AddWarning(int line, google::protobuf::io::ColumnNumber column,
                  const std::string& message) override {
    if (absl::StrContains(message, kNoField)) AddError(line, column, message);
  }

  std::string Text() const {
    return absl::StrCat(
        absl::StrJoin(lines_, "\n"),
        more_ > 0 ? absl::StrCat("\nand ", more_, " more problems") : "");
  }
  bool empty() const { return lines_.empty(); }

  // Whether the parser can go on behind unknown fields: it enters them without
  // a limit of depth.
  bool IsShallow() const {
    return BracketScan(text_, text_.size()).deepest() <= kMaxDepth;
  }

 private:
  std::string Place(size_t offset) const {
    // Of the same file.
    return std::string(absl::StripPrefix(PlaceInText("", text_, offset), ":"));
  }

  std::string BracketHint(size_t token, bool ends,
                          absl::string_view message) const {
    const BracketScan here(text_, token);
    const bool closes = !ends && absl::StrContains("}]>", text_[token]);
    if (here.open().empty()) {
      return closes ? "; it closes nothing that is open" : "";
    }
    const OpenBracket& last = here.open().back();
    if (last.bracket == '[' && absl::StartsWith(message, "Expected \",\"")) {
      return absl::StrCat("; the list that begins at ", Place(last.offset),
                          " is not closed, or lacks a comma");
    }
    if (!ends) return "";
    const OpenBracket& open = here.suspect().value_or(last);
    return absl::StrCat("; the ", std::string(1, open.bracket),
                        open.field.empty() ? "" : " of ", open.field, " at ",
                        Place(open.offset), " is not closed");
  }

  // The messages around the byte `at`; the innermost is called `type`.
  std::vector<FieldPlace> Around(size_t at, const std::string& type) const {
    std::vector<FieldPlace> around = {{root_, ""}};
    const BracketScan scan(text_, at);
    for (const OpenBracket& open : scan.open()) {
      if (open.bracket == '[') continue;
      const FieldDescriptor* const field =
          around.back().type->FindFieldByName(open.field);
      if (field == nullptr || field->message_type() == nullptr) break;
      const std::string& path = around.back().path;
      around.push_back(
          {field->message_type(),
           absl::StrCat(path, path.empty() ? "" : ".", open.field)});
    }
    if (around.back().type->full_name() == type) return around;
    const Descriptor* const other =
        root_->file()->pool()->FindMessageTypeByName(type);
    if (other != nullptr) around = {{other, ""}};
    return around;
  }

  std::string file_name_;
  absl::string_view text_;
  TokenPlaces places_;
  const Descriptor* root_;
  // The first, and how many there are besides.
  static constexpr size_t kMostLines = 20;
  std::vector<std::string> lines_;
  int64_t more_ = 0;
  size_t behind_name_ = absl::string_view::npos;
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
  if (!parser.ParseFromString(std::string(text), message) || !errors.empty()) {
    // Again, but past the fields that it does not know.
    ErrorLines all(file_name, text, message->GetDescriptor());
    if (errors.IsShallow()) {
      parser.RecordErrorsTo(&all);
      parser.AllowUnknownField(true);
      parser.ParseFromString(std::string(text), message);
    }
    const std::string lines = all.empty() ? errors.Text() : all.Text();
    return absl::InvalidArgumentError(
        lines.empty() ? absl::StrCat(file_name, ": not a text message of type ",
                                     message->GetDescriptor()->full_name())
                      : lines);
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
