// Text of any bytes on its way to a terminal, into columns, JSON and a text
// file of Protobuf: nothing in it acts, no line is too long, and what is
// printed for programs reads back.

#include <stddef.h>
#include <stdint.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/io/proto_json.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "data/io/utf8.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/check.h"

namespace {

using namespace transect;  // NOLINT

void CheckSafe(absl::string_view text) {
  TRANSECT_CHECK(TerminalSafe(text) == text);
  TRANSECT_CHECK(IsUtf8(text));
  const absl::StatusOr<std::u32string> points = Utf32FromUtf8(text);
  for (const char32_t point : *points) {
    TRANSECT_CHECK(point == U'\n' || point == U'\t' || !ActsOnText(point));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kLongest = 50;
  const std::string text(reinterpret_cast<const char*>(data), size);
  CheckSafe(TerminalSafe(text));
  const std::string cut = TerminalSafe(text, {.longest_line = kLongest});
  CheckSafe(cut);
  for (const absl::string_view line : absl::StrSplit(cut, '\n')) {
    // An escape of one byte has ten; the remark on what was cut is short.
    TRANSECT_CHECK(line.size() <= 10 * kLongest + 50);
  }
  const std::string line = OneLine(text);
  TRANSECT_CHECK(OneLine(line) == line);
  TRANSECT_CHECK(line.find('\n') == std::string::npos);
  DataSpec message;
  message.mutable_found()->set_role(text);
  const std::string printed = PrintTextproto(message);
  CheckSafe(printed);
  DataSpec again;
  TRANSECT_CHECK_OK(ParseTextproto(printed, "printed", &again));
  TRANSECT_CHECK(again.found().role() == text);
  const absl::StatusOr<std::string> json = PrintProtoJson(message);
  TRANSECT_CHECK_OK(json.status());
  CheckSafe(*json);
  TRANSECT_CHECK(nlohmann::json::parse(*json)["found"]["role"] ==
                 ReplaceInvalidUtf8(text));
  return 0;
}
