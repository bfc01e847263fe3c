#include "data/io/proto_json.h"

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "data/io/message_strings.h"
#include "data/io/utf8.h"
#include "google/protobuf/util/json_util.h"

namespace transect {
namespace {

// `json`, which is valid UTF-8, with an escape for what acts on text: Protobuf
// escapes most of it, but not what turns directions. Outside of strings there
// are only line feeds.
std::string EscapeWhatActs(absl::string_view json) {
  std::string escaped;
  escaped.reserve(json.size());
  for (size_t at = 0; at < json.size();) {
    const std::optional<Utf8Point> point = ReadUtf8Point(json, at);
    const size_t bytes = point.has_value() ? point->bytes : 1;
    if (!point.has_value() || point->point == '\n' ||
        !ActsOnText(point->point)) {
      absl::StrAppend(&escaped, json.substr(at, bytes));
    } else if (point->point > 0xFFFF) {
      const uint32_t rest = static_cast<uint32_t>(point->point) - 0x10000;
      absl::StrAppendFormat(&escaped, "\\u%04x\\u%04x", 0xD800 + (rest >> 10),
                            0xDC00 + (rest & 0x3FF));
    } else {
      absl::StrAppendFormat(&escaped, "\\u%04x",
                            static_cast<uint32_t>(point->point));
    }
    at += bytes;
  }
  return escaped;
}

}  // namespace

absl::StatusOr<std::string> PrintProtoJson(
    const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  const std::unique_ptr<google::protobuf::Message> valid(message.New());
  valid->CopyFrom(message);
  ChangeStrings(valid.get(), ReplaceInvalidUtf8);
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(*valid, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat("cannot print ",
                                            message.GetTypeName(),
                                            " as JSON: ", status.ToString()));
  }
  return EscapeWhatActs(json);
}

}  // namespace transect
