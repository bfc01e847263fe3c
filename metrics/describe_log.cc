#include "metrics/describe_log.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "data/io/terminal_text.h"
#include "google/protobuf/text_format.h"

namespace transect {

std::string DescribeLog(const MetricLog& log, absl::string_view name) {
  std::string text = absl::StrCat(
      "# ", name, ": ",
      CountText(static_cast<int64_t>(log.records.size()), "record"), "\n");
  if (log.torn_tail) {
    absl::StrAppend(&text, "# The log is cut off: ",
                    CountText(static_cast<int64_t>(log.torn_bytes), "byte"),
                    " skipped at its end\n");
  }
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  for (const MetricRecord& record : log.records) {
    std::string line;
    printer.PrintToString(record, &line);
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  }
  return text;
}

}  // namespace transect
