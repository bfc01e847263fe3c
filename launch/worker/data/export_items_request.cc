#include "launch/worker/data/export_items_request.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "data/annotations/rrsisd.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/masks/rle.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Json = nlohmann::ordered_json;

Json Iou(const PixelCounts& counts) {
  return ItemIou(
      {.intersection = counts.intersection(), .union_ = counts.union_()});
}

// A line: names and values in the order of the columns.
Json Line(const Sample& sample, const EvalItem& item) {
  const auto iou_or_null = [](bool has, const PixelCounts& counts) {
    return has ? Iou(counts) : Json();
  };
  const int category = sample.category_id;
  const bool known =
      category >= 0 && category < static_cast<int>(kRrsisdCategories.size());
  const PixelCounts& own = item.prediction();
  const int64_t true_pixels = RleArea(sample.mask);
  Json line;
  line["item"] = sample.id;
  line["split"] = sample.split;
  line["image"] = sample.image_path;
  line["sentence"] = sample.sentence;
  line["category_id"] = category;
  line["category"] = known ? Json(kRrsisdCategories[category].name) : Json();
  line["height"] = sample.image_height;
  line["width"] = sample.image_width;
  line["true_pixels"] = true_pixels;
  line["predicted_pixels"] = own.union_() - true_pixels + own.intersection();
  line["intersection"] = own.intersection();
  line["union"] = own.union_();
  line["iou"] = Iou(own);
  line["permuted_iou"] = iou_or_null(item.has_permuted(), item.permuted());
  line["permuted_within_category_iou"] = iou_or_null(
      item.has_permuted_within_category(), item.permuted_within_category());
  line["other_object_iou"] =
      iou_or_null(item.has_other_object(), item.other_object());
  line["all_objects_iou"] =
      iou_or_null(item.has_all_objects(), item.all_objects());
  line["distractor_iou"] =
      iou_or_null(item.has_distractor(), item.distractor());
  return line;
}

std::string JsonText(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A field of CSV: in quotes where it has to be (RFC 4180).
std::string CsvField(const Json& value) {
  if (value.is_null()) return "";
  if (!value.is_string()) return JsonText(value);
  const std::string& text = value.get_ref<const std::string&>();
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

void AppendCsv(const Json& line, std::string* text) {
  // A header before the first.
  for (const bool header : {true, false}) {
    if (header && !text->empty()) continue;
    absl::string_view separator = "";
    for (const auto& [name, value] : line.items()) {
      absl::StrAppend(text, separator, header ? name : CsvField(value));
      separator = ",";
    }
    absl::StrAppend(text, "\r\n");
  }
}

// The items of all ranks, ascending.
absl::StatusOr<std::vector<EvalItem>> ReadItems(const std::string& dir) {
  TRANSECT_ASSIGN_OR_RETURN(const Result result,
                            ReadTextproto<Result>(ResultPath(dir)));
  std::vector<EvalItem> items;
  for (int rank = 0; rank < result.ranks(); ++rank) {
    TRANSECT_ASSIGN_OR_RETURN(MetricLog log,
                              ReadMetricLog(RankMetricsPath(
                                  AttemptDir(dir, result.attempt()), rank)));
    for (MetricRecord& record : log.records) {
      if (record.has_eval_item()) {
        items.push_back(std::move(*record.mutable_eval_item()));
      }
    }
  }
  std::ranges::sort(items, {}, &EvalItem::item_id);
  return items;
}

}  // namespace

absl::StatusOr<ExitCode::Code> ExportItems(const ExportItemsRequest& request) {
  TRANSECT_ASSIGN_OR_RETURN(
      const DatasetIndex data,
      DatasetIndex::Open(request.job().data_root(), request.job().run().data(),
                         request.split()));
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<EvalItem> items,
                            ReadItems(request.evaluation_dir()));
  const std::vector<Sample>& samples = data.samples();
  const bool csv = absl::EndsWith(request.out(), ".csv");
  std::string text;
  for (const EvalItem& item : items) {
    const auto sample =
        std::ranges::lower_bound(samples, item.item_id(), {}, &Sample::id);
    if (sample == samples.end() || sample->id != item.item_id()) {
      return absl::DataLossError(absl::StrCat(
          "item ", item.item_id(), " was evaluated (", request.evaluation_dir(),
          ") and is not in split ", request.split(), " of ",
          request.job().data_root(), ", which changed since"));
    }
    const Json line = Line(*sample, item);
    if (csv) {
      AppendCsv(line, &text);
    } else {
      absl::StrAppend(&text, JsonText(line), "\n");
    }
  }
  TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(request.out(), text));
  return ExitCode::OK;
}

}  // namespace transect
