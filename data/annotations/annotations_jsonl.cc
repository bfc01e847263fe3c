// The JSON-lines form that RSRefSeg's code reads.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/annotations/sentence_fields.h"
#include "data/defects.h"
#include "data/io/file.h"
#include "data/io/strict_json.h"
#include "data/spec.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

constexpr char kImageDirectories[][32] = {"images/rrsisd/JPEGImages",
                                          "JPEGImages", "img_rgb", "images"};

std::string Below(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name)
                           : absl::StrCat(directory, "/", name);
}

// The file of a split, relative to `root`, or "" where there is none.
absl::StatusOr<std::string> FileOfSplit(const std::string& root,
                                        absl::string_view split) {
  const std::string directory = JsonlDirectory(root);
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            ListDirectory(Below(root, directory)));
  std::vector<std::string> fitting;
  for (const std::string& name : names) {
    if (name == absl::StrCat(split, ".jsonl") ||
        absl::EndsWith(name, absl::StrCat("_", split, ".jsonl"))) {
      fitting.push_back(Below(directory, name));
    }
  }
  if (fitting.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        root, ": split ", split, " has ", fitting.size(), " files: ",
        absl::StrJoin(fitting, ", "), "; a directory holds one data set"));
  }
  return fitting.empty() ? std::string() : fitting[0];
}

// The record's own id as text; "" where it has none.
std::string OwnId(const json& row) {
  for (const char* key : {"ann_id", "image_id"}) {
    const auto value = row.find(key);
    if (value != row.end() && value->is_number_integer()) {
      return absl::StrCat(value->get<int64_t>());
    }
    if (value != row.end() && value->is_string()) {
      return value->get<std::string>();
    }
  }
  return "";
}

// Whether the row has the field; tools write null for what they do not know.
bool Has(const json& row, const char* field) {
  const auto value = row.find(field);
  return value != row.end() && !value->is_null();
}

// Of `sent`, `raw` and `tokens`, which must have the right type where they are.
absl::StatusOr<SentenceFields> SentencesOf(const json& row) {
  SentenceFields fields;
  if (Has(row, "sent")) {
    TRANSECT_ASSIGN_OR_RETURN(fields.sent, JsonString(row, "sent"));
  }
  if (Has(row, "raw")) {
    TRANSECT_ASSIGN_OR_RETURN(fields.raw, JsonString(row, "raw"));
  }
  if (Has(row, "tokens")) {
    TRANSECT_ASSIGN_OR_RETURN(const json* tokens, JsonArray(row, "tokens"));
    fields.tokens.emplace();
    for (const json& token : *tokens) {
      if (!token.is_string()) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"tokens\" has an element of type ",
                         token.type_name(), ", must be a string"));
      }
      fields.tokens->push_back(token.get<std::string>());
    }
  }
  return fields;
}

absl::Status ReadMaskFile(const json& row, IndexedRecord* record) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string file,
                            JsonString(row, "mask_file"));
  TRANSECT_RETURN_IF_ERROR(CheckName(file, /*may_nest=*/true));
  if (row.contains("segmentation")) {
    return absl::InvalidArgumentError(
        "has \"mask_file\" and \"segmentation\", must have one of them");
  }
  record->set_mask_file(Below(kJsonlMasks, file));
  return absl::OkStatus();
}

absl::Status ReadRow(const json& row, absl::string_view split,
                     const std::string& images,
                     FoundDataset::SentenceField sentence_field,
                     IndexedRecord* record) {
  if (!row.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("is of type ", row.type_name(), ", must be object"));
  }
  TRANSECT_ASSIGN_OR_RETURN(const SentenceFields fields, SentencesOf(row));
  TRANSECT_RETURN_IF_ERROR(SetSentence(fields, sentence_field, record));
  TRANSECT_ASSIGN_OR_RETURN(const std::string file,
                            JsonString(row, "file_name"));
  TRANSECT_RETURN_IF_ERROR(CheckName(file, /*may_nest=*/true));
  if (row.contains("split")) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string own, JsonString(row, "split"));
    if (own != split) {
      return absl::InvalidArgumentError(
          absl::StrCat("has split \"", own, "\" in the file of split ", split));
    }
  }
  record->set_image(Below(images, file));
  record->set_category_id(-1);
  if (row.contains("category_id")) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t category,
                              JsonInt(row, "category_id"));
    if (category >= 0 && category <= 1'000'000) {
      record->set_category_id(static_cast<int32_t>(category));
    } else {
      AddDefect(kUnknownCategory, absl::StrCat("category ", category), record);
    }
  }
  if (row.contains("mask_file")) {
    TRANSECT_RETURN_IF_ERROR(ReadMaskFile(row, record));
  } else {
    ReadMask(row, SizeOfJson(row), record);
  }
  ReadBoxAndArea(row, BoxForm::kCorners, record);
  return absl::OkStatus();
}

}  // namespace

std::string JsonlImageDirectory(const std::string& root) {
  for (const char* directory : kImageDirectories) {
    if (FileExists(Below(root, directory))) {
      return directory;
    }
  }
  return "";
}

std::string JsonlDirectory(const std::string& root) {
  return FileExists(Below(root, "datainfo")) ? "datainfo" : "";
}

absl::Status ParseJsonl(absl::string_view text, const std::string& root,
                        const std::string& file, absl::string_view split,
                        const std::string& images,
                        FoundDataset::SentenceField sentence_field,
                        HeldBytes* held, std::vector<IndexedRecord>* records,
                        std::vector<std::string>* ids) {
  return ForEachJsonLine(
      text, absl::StrCat(root, "/", file),
      [&](int64_t number, const json& row) -> absl::Status {
        IndexedRecord& record = records->emplace_back();
        record.set_place(absl::StrCat(file, ":", number, ":1"));
        ids->push_back(OwnId(row));
        TRANSECT_RETURN_IF_ERROR(
            ReadRow(row, split, images, sentence_field, &record));
        return held->Add(MaskBytes(record));
      });
}

absl::StatusOr<Annotations> ReadJsonlAnnotations(
    const std::string& root, FoundDataset::SentenceField sentence_field) {
  const std::string images = JsonlImageDirectory(root);
  Annotations all;
  std::vector<std::string> ids;
  bool found = false;
  for (size_t i = 0; i < kSplitNames.size(); ++i) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string file,
                              FileOfSplit(root, kSplitNames[i]));
    if (!file.empty()) {
      found = true;
      TRANSECT_ASSIGN_OR_RETURN(
          const std::string text,
          ReadFile(Below(root, file), kMaxAnnotationBytes));
      HeldBytes held(Below(root, file));
      TRANSECT_RETURN_IF_ERROR(ParseJsonl(text, root, file, kSplitNames[i],
                                          images, sentence_field, &held,
                                          &all.split[i], &ids));
    }
  }
  if (!found) {
    return absl::NotFoundError(absl::StrCat(
        "no data set in the layout JSONL in ", root,
        ": there is no NAME_train.jsonl, NAME_val.jsonl or NAME_test.jsonl in ",
        Below(root, JsonlDirectory(root))));
  }
  NumberRecords(ids, &all);
  return all;
}

}  // namespace transect
