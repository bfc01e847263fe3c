#include "metrics/describe_log.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"

namespace transect {

std::string DescribeLog(const MetricLog& log, absl::string_view name) {
  const size_t n = log.records.size();
  std::string text =
      absl::StrCat("# ", name, ": ", n, n == 1 ? " record\n" : " records\n");
  if (log.torn_tail) {
    absl::StrAppend(&text,
                    "# The end is cut off; bytes that belong to nothing "
                    "whole: ",
                    log.torn_bytes, "\n");
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
