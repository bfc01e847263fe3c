#include "data/annotations/annotations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/rrsisd.h"
#include "data/defects.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/io/utf8.h"
#include "data/masks/rle.h"
#include "data/masks/segmentation_json.h"
#include "data/spec.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Of a file of JSON lines.
constexpr size_t kMaxLineBytes = size_t{16} << 20;

}  // namespace

int64_t Annotations::records() const {
  int64_t count = 0;
  for (const auto& records : split) {
    count += static_cast<int64_t>(records.size());
  }
  return count;
}

void AddDefect(const char* kind, absl::string_view detail,
               IndexedRecord* record) {
  Defect* defect = record->add_defect();
  defect->set_kind(kind);
  defect->set_detail(std::string(detail));
}

absl::StatusOr<Annotations> ReadAnnotations(
    FoundDataset::Format format, const std::string& root,
    FoundDataset::SentenceField sentence_field) {
  if (!FileExists(root)) {
    return absl::NotFoundError(absl::StrCat("no data set in ", root,
                                            ": the directory does not exist"));
  }
  if (!std::filesystem::is_directory(root)) {
    return absl::NotFoundError(
        absl::StrCat("no data set in ", root, ": it is not a directory"));
  }
  switch (format) {
    case FoundDataset::RRSISD:
      return ReadRrsisdAnnotations(root, sentence_field);
    case FoundDataset::REFSEGRS:
    case FoundDataset::RISBENCH:
      return ReadPhraseAnnotations(format, root);
    case FoundDataset::JSONL:
      return ReadJsonlAnnotations(root, sentence_field);
    case FoundDataset::UNSPECIFIED:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("layout ", FoundDataset::Format_Name(format),
                   ", must be RRSISD, REFSEGRS, RISBENCH or JSONL"));
}

std::vector<std::string> AnnotationPaths(FoundDataset::Format format,
                                         const std::string& root) {
  const auto phrases = [](std::vector<std::string> directories) {
    for (const char* split : kSplitNames) {
      directories.push_back(absl::StrCat("output_phrase_", split, ".txt"));
    }
    return directories;
  };
  switch (format) {
    case FoundDataset::RRSISD:
      return {kRrsisdRefs, kRrsisdInstances, kRrsisdScenes, kRrsisdImages};
    case FoundDataset::REFSEGRS:
      return phrases({"images", "masks"});
    case FoundDataset::RISBENCH:
      return phrases({"img_rgb", "mask"});
    case FoundDataset::JSONL: {
      // The directory tells which files there are, not what is in them.
      std::vector<std::string> paths = {JsonlDirectory(root),
                                        JsonlImageDirectory(root), kJsonlMasks};
      const absl::StatusOr<std::vector<std::string>> files =
          ListDirectory(absl::StrCat(root, "/", paths[0]));
      if (files.ok()) {
        for (const std::string& file : *files) {
          if (file.size() > 6 && file.substr(file.size() - 6) == ".jsonl") {
            paths.push_back(absl::StrCat(paths[0], "/", file));
          }
        }
      }
      return paths;
    }
    case FoundDataset::UNSPECIFIED:
      break;
  }
  return {};
}

absl::Status InPlace(absl::string_view where, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(where, " ", status.message()));
}

absl::Status ForEachJsonLine(
    absl::string_view text, absl::string_view path,
    const std::function<absl::Status(int64_t, const nlohmann::json&)>& use) {
  text = WithoutByteOrderMark(text);
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string where = absl::StrCat(path, ":", ++number, ":1:");
    absl::ConsumeSuffix(&line, "\r");
    if (line.empty()) {
      continue;
    }
    if (line.size() > kMaxLineBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " line of ", line.size(), " bytes, at most ",
                       kMaxLineBytes, " are allowed"));
    }
    TRANSECT_ASSIGN_OR_RETURN(const nlohmann::json value,
                              ParseStrictJson(line, path, number));
    TRANSECT_RETURN_IF_ERROR(InPlace(where, use(number, value)));
  }
  return absl::OkStatus();
}

absl::Status CheckName(absl::string_view name, bool may_nest) {
  bool good = !name.empty() && name.find('\0') == absl::string_view::npos;
  int steps = 0;
  for (const absl::string_view step : absl::StrSplit(name, '/')) {
    good = good && !step.empty() && step != "." && step != "..";
    ++steps;
  }
  if (!good || (steps > 1 && !may_nest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("names the file \"", name,
                     "\", must be a file below the data set's directory"));
  }
  return absl::OkStatus();
}

GivenSize SizeOfJson(const nlohmann::json& owner) {
  const absl::StatusOr<int64_t> height = JsonInt(owner, "height");
  const absl::StatusOr<int64_t> width = JsonInt(owner, "width");
  return height.ok() && width.ok() ? GivenSize{*height, *width} : GivenSize();
}

absl::Status HeldBytes::Add(int64_t bytes) {
  if (bytes <= left_) {
    left_ -= bytes;
    return absl::OkStatus();
  }
  left_ = 0;
  return absl::ResourceExhaustedError(
      absl::StrCat(file_, ": what it describes would take more than ",
                   limit_ >> 20, " MiB, counting what records share for each ",
                   "of them; no published data set takes a tenth of that"));
}

int64_t MaskBytes(const IndexedRecord& record) {
  int64_t runs = record.runs_size();
  for (const IndexedObject& other : record.other()) runs += other.runs_size();
  return runs * static_cast<int64_t>(sizeof(uint32_t));
}

void ReadMask(const nlohmann::json& owner, const GivenSize& image,
              IndexedRecord* record) {
  const auto segmentation = owner.find("segmentation");
  if (segmentation == owner.end()) {
    AddDefect(kMaskMissing, "has no \"segmentation\"", record);
    return;
  }
  const absl::StatusOr<Rle> rle = RleFromJson(*segmentation, image);
  if (!rle.ok()) {
    AddDefect(kMaskUnreadable, rle.status().message(), record);
    return;
  }
  record->set_mask_height(rle->height);
  record->set_mask_width(rle->width);
  record->mutable_runs()->Add(rle->runs.begin(), rle->runs.end());
}

void ReadBoxAndArea(const nlohmann::json& owner, BoxForm form,
                    IndexedRecord* record) {
  const auto area = owner.find("area");
  record->set_given_area(-1);
  if (area != owner.end() && area->is_number_integer()) {
    record->set_given_area(area->get<int64_t>());
  }
  const auto box = owner.find("bbox");
  if (box == owner.end() || box->is_null()) {
    return;
  }
  if (!box->is_array() || box->size() != 4 ||
      !std::all_of(box->begin(), box->end(), [](const nlohmann::json& number) {
        return number.is_number() && std::abs(number.get<double>()) <= 1e9;
      })) {
    AddDefect(kBoxInvalid, "\"bbox\" must be [x1, y1, x2, y2]", record);
    return;
  }
  const bool has_size = form == BoxForm::kCornerAndSize;
  for (size_t i = 0; i < 4; ++i) {
    const double start = has_size && i >= 2 ? (*box)[i - 2].get<double>() : 0;
    record->add_box(static_cast<int32_t>(
        std::clamp(std::round(start + (*box)[i].get<double>()), -1e9, 1e9)));
  }
}

void NumberRecords(const std::vector<std::string>& own, Annotations* all) {
  absl::flat_hash_set<int64_t> seen;
  std::vector<int64_t> ids;
  for (const std::string& text : own) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(text, &id) || id < 0 || !seen.insert(id).second) {
      break;
    }
    ids.push_back(id);
  }
  const bool use_own = ids.size() == own.size();
  size_t number = 0;
  for (auto& records : all->split) {
    for (IndexedRecord& record : records) {
      record.set_id(use_own ? ids[number] : static_cast<int64_t>(number));
      ++number;
    }
  }
}

}  // namespace transect
