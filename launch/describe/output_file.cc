#include "launch/describe/output_file.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/text/model_file.h"
#include "data/text/sentencepiece_model.pb.h"
#include "launch/describe/sheet.h"
#include "metrics/log_reader.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Of a text file that is read whole.
constexpr int64_t kMostBytes = int64_t{1} << 30;

constexpr absl::string_view kPngStart = "\x89PNG\r\n\x1a\n";
// Width stands there, then height, big-endian.
constexpr size_t kPngSize = 16;

absl::Status NotWhatItsNameSays(const std::string& path,
                                absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": is called like ", what, " and is none"));
}

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

int64_t CountLines(absl::string_view text) {
  return std::count(text.begin(), text.end(), '\n');
}

absl::StatusOr<std::string> DescribePng(const std::string& path,
                                        absl::string_view bytes) {
  if (!absl::StartsWith(bytes, kPngStart) || bytes.size() < kPngSize + 8) {
    return NotWhatItsNameSays(path, "a PNG picture");
  }
  Sheet sheet(
      path, absl::StrCat("a PNG picture of ", BigEndian(bytes.substr(kPngSize)),
                         " x ", BigEndian(bytes.substr(kPngSize + 4)),
                         " pixels (width x height)"));
  sheet.Add("size", FileSizeText(path));
  return sheet.Text();
}

absl::StatusOr<std::string> DescribeTokenizer(const std::string& path,
                                              const std::string& bytes,
                                              const std::string& program) {
  TRANSECT_ASSIGN_OR_RETURN(const SentencepieceModel model,
                            ParseModelFile(bytes, path));
  Sheet sheet(path, "a SentencePiece tokenizer");
  sheet.Add("holds", CountText(model.pieces_size(), "piece"));
  sheet.Add("size", FileSizeText(path));
  sheet.Add("use", absl::StrCat(program, " data check DIR --tokenizer ", path));
  return sheet.Text();
}

std::string DescribeJson(const std::string& path, const nlohmann::json& json) {
  Sheet sheet(path, "JSON");
  const bool results = json.is_array() && !json.empty() &&
                       json[0].is_object() && json[0].contains("segmentation");
  if (results) {
    sheet =
        Sheet(path,
              "predicted masks in COCO's form of results, as `transect data "
              "export --run` writes them");
    sheet.Add("holds", CountText(static_cast<int64_t>(json.size()), "mask"));
    sheet.Add("Python", "pycocotools.coco.COCO(...).loadRes(FILE)");
  } else if (json.is_object() && json.contains("traceEvents")) {
    sheet = Sheet(path,
                  "a trace of training steps (training.profile_steps) in the "
                  "Chrome trace format");
    sheet.Add(
        "holds",
        CountText(static_cast<int64_t>(json["traceEvents"].size()), "event"));
    sheet.Add("use", "open it at ui.perfetto.dev or chrome://tracing");
  } else if (json.is_object()) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : json.items()) {
      if (keys.size() < 20) keys.push_back(key);
    }
    sheet.Add("holds",
              absl::StrCat("an object with ", absl::StrJoin(keys, ", ")));
  } else {
    sheet.Add("holds", absl::StrCat(json.size(), " values"));
  }
  sheet.Add("size", FileSizeText(path));
  return sheet.Text();
}

// Lines of `evaluate --items`, or rows of a data set.
absl::StatusOr<std::string> DescribeLines(const std::string& path,
                                          const std::string& text) {
  const std::string first = text.substr(0, text.find('\n'));
  const nlohmann::json json =
      nlohmann::json::parse(first, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return NotWhatItsNameSays(path, "lines of JSON");
  const bool items = json.contains("iou") && json.contains("item");
  Sheet sheet(path,
              items ? "an evaluation, a line for each item, as `transect "
                      "evaluate --items` writes it"
              : json.contains("sent")
                  ? "annotations of a data set, a line for each record (layout "
                    "JSONL)"
                  : "lines of JSON");
  sheet.Add("holds", CountText(CountLines(text), "line"));
  sheet.Add("size", FileSizeText(path));
  return sheet.Text();
}

std::string DescribeCsv(const std::string& path, const std::string& text) {
  const std::string header = text.substr(0, text.find_first_of("\r\n"));
  const bool items = absl::StartsWith(header, "item,split,");
  Sheet sheet(path, items ? "an evaluation, a line for each item, as `transect "
                            "evaluate --items` writes it"
                          : "a table of comma-separated values");
  sheet.Add("columns", header);
  sheet.Add("holds",
            CountText(std::max<int64_t>(0, CountLines(text) - 1), "line"));
  sheet.Add("size", FileSizeText(path));
  return sheet.Text();
}

std::string DescribePage(const std::string& path, absl::string_view what) {
  Sheet sheet(path, what);
  sheet.Add("size", FileSizeText(path));
  return sheet.Text();
}

absl::StatusOr<std::string> DescribeMasks(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const MetricLog log, ReadMetricLog(path));
  int64_t masks = 0;
  for (const MetricRecord& record : log.records) {
    masks += record.has_predicted_mask() ? 1 : 0;
  }
  Sheet sheet(path, "predicted masks of one rank of an evaluation");
  sheet.Add("holds", CountText(masks, "mask"));
  sheet.Add("size", FileSizeText(path));
  sheet.Add("use",
            "`transect data export --run ID` writes those of all ranks "
            "for pycocotools");
  return sheet.Text();
}

}  // namespace

absl::StatusOr<std::optional<std::string>> DescribeOutputFile(
    const std::string& path, const std::string& program) {
  const auto ends = [&](absl::string_view end) {
    return absl::EndsWith(path, end);
  };
  if (ends(".masks")) return DescribeMasks(path);
  if (!ends(".png") && !ends(".model") && !ends(".json") && !ends(".jsonl") &&
      !ends(".csv") && !ends(".html") && !ends(".md") && !ends(".log") &&
      !ends(".sha256")) {
    return std::nullopt;
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMostBytes));
  if (ends(".png")) return DescribePng(path, text);
  if (ends(".model")) return DescribeTokenizer(path, text, program);
  if (ends(".jsonl")) return DescribeLines(path, text);
  if (ends(".csv")) return DescribeCsv(path, text);
  if (ends(".html")) {
    return DescribePage(path,
                        "an HTML page; those of `transect data gallery` open "
                        "in a browser without anything else");
  }
  if (ends(".md")) {
    return DescribePage(
        path, absl::StrContains(text, "<!-- transect: ")
                  ? "the report that `transect run` kept of an experiment, in "
                    "Markdown"
                  : "Markdown");
  }
  if (ends(".log")) {
    return DescribePage(
        path, absl::StrCat("a log of ", CountText(CountLines(text), "line"),
                           ", which is text"));
  }
  if (ends(".sha256")) {
    return DescribePage(
        path, absl::StrCat("digests of ", CountText(CountLines(text), "file"),
                           ", which `sha256sum -c` checks"));
  }
  const nlohmann::json json =
      nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return NotWhatItsNameSays(path, "JSON");
  return DescribeJson(path, json);
}

}  // namespace transect
