#include "experiments/reading/source_map.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "data/io/utf8.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::TextFormat;

using Places = std::map<std::string, std::string, std::less<>>;

class SilentCollector : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int, google::protobuf::io::ColumnNumber,
                const std::string&) override {}
};

void AddPlaces(const Message& message, TextFormat::ParseInfoTree* tree,
               const TokenPlaces& tokens, const std::string& path,
               Places* places) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool repeated = field->is_repeated();
    std::string place;
    for (int i = 0; i < CountValues(message, *field); ++i) {
      const std::string name = ValuePath(path, *field, i);
      // The parser notes one place for a list in brackets, at its first
      // element.
      const TextFormat::ParseLocation at =
          tree->GetLocation(field, repeated ? i : -1);
      if (at.line >= 0) {
        place = tokens.At(at.line, at.column);
      }
      if (!place.empty()) {
        places->insert_or_assign(name, place);
      }
      if (field->message_type() == nullptr) {
        continue;
      }
      TextFormat::ParseInfoTree* nested =
          tree->GetTreeForNested(field, repeated ? i : -1);
      if (nested != nullptr) {
        AddPlaces(GetMessage(message, *field, i), nested, tokens, name, places);
      }
    }
  }
}

}  // namespace

absl::StatusOr<SourceMap> SourceMap::Make(absl::string_view text,
                                          absl::string_view file,
                                          const Message& message) {
  text = WithoutByteOrderMark(text);
  const std::unique_ptr<Message> parsed(message.New());
  TextFormat::ParseInfoTree tree;
  // Without a collector the parser writes its errors to stderr.
  SilentCollector errors;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  if (!parser.ParseFromString(std::string(text), parsed.get())) {
    return absl::InvalidArgumentError(absl::StrCat(file, " does not parse"));
  }
  SourceMap map;
  AddPlaces(*parsed, &tree, TokenPlaces(text, file), "", &map.places_);
  map.places_.insert_or_assign("", std::string(file));
  return map;
}

void SourceMap::MergeOver(const SourceMap& upper) {
  for (const auto& [field, place] : upper.places_) {
    const size_t bracket = field.find('[');
    if (bracket == std::string::npos) {
      continue;
    }
    // In ASCII '\\' follows '[': the range is all that starts with list + '['.
    const std::string list = field.substr(0, bracket);
    places_.erase(places_.lower_bound(list + "["),
                  places_.lower_bound(list + "\\"));
  }
  for (const auto& [field, place] : upper.places_) {
    places_.insert_or_assign(field, place);
  }
}

void SourceMap::NoteReplaced(absl::string_view list, absl::string_view name,
                             absl::string_view place, absl::string_view by) {
  replaced_.insert_or_assign(std::pair(std::string(list), std::string(name)),
                             std::pair(std::string(place), std::string(by)));
}

std::string SourceMap::WhyGone(absl::string_view list,
                               absl::string_view name) const {
  const auto found =
      replaced_.find(std::pair(std::string(list), std::string(name)));
  if (found == replaced_.end()) {
    return "";
  }
  const auto& [place, by] = found->second;
  return absl::StrCat("; ", place, " declares it, but the list of ", list,
                      " at ", by,
                      " replaces all of an included file's: repeat it there");
}

void SourceMap::Replace(absl::string_view field, absl::string_view place) {
  const std::string name(field);
  // In ASCII '/' follows '.', and '\\' follows '['.
  for (const auto& [first, last] : {std::pair(name + ".", name + "/"),
                                    std::pair(name + "[", name + "\\")}) {
    places_.erase(places_.lower_bound(first), places_.lower_bound(last));
  }
  places_.insert_or_assign(name, std::string(place));
}

std::string SourceMap::Find(absl::string_view field) const {
  while (!field.empty()) {
    const auto found = places_.find(field);
    if (found != places_.end()) {
      return found->second;
    }
    const size_t end = field.find_last_of(".[");
    field = field.substr(0, end == absl::string_view::npos ? 0 : end);
  }
  const auto file = places_.find("");
  return file == places_.end() ? "" : file->second;
}

}  // namespace transect
