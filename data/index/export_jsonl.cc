#include "data/index/export_jsonl.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/annotations/rrsisd.h"
#include "data/defects.h"
#include "data/index/index_build.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/masks/rle.h"
#include "data/spec.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::nlohmann::ordered_json;

std::string ImageDirectory(FoundDataset::Format format,
                           const std::string& root) {
  switch (format) {
    case FoundDataset::RRSISD:
      return kRrsisdImages;
    case FoundDataset::REFSEGRS:
      return "images";
    case FoundDataset::RISBENCH:
      return "img_rgb";
    default:
      return JsonlImageDirectory(root);
  }
}

std::string NameOf(FoundDataset::Format format) {
  return format == FoundDataset::JSONL
             ? "data"
             : absl::AsciiStrToLower(FoundDataset::Format_Name(format));
}

absl::Status WriteRows(FoundDataset::Format format, const Annotations& all,
                       const std::string& images,
                       const std::string& directory) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(absl::StrCat(directory, "/datainfo")));
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    std::string text;
    for (const IndexedRecord& record : all.split[s]) {
      if (record.mask_height() == 0) {
        return absl::InvalidArgumentError(absl::StrCat(
            record.place(), " (id ", record.id(), ") has no readable mask, ",
            "which a row must have: ",
            record.defect_size() > 0 ? record.defect(0).detail() : ""));
      }
      for (const Defect& defect : record.defect()) {
        // A row of run lengths would look as if nothing were wrong.
        if (defect.kind() == kMaskOfManyValues ||
            defect.kind() == kMaskInAlpha) {
          return absl::InvalidArgumentError(absl::StrCat(
              record.place(), " (id ", record.id(), "): ", defect.kind(), ": ",
              defect.detail(), "; write a mask file of two values first"));
        }
      }
      absl::StrAppend(&text, JsonlRow(record, kSplitNames[s], images), "\n");
    }
    if (!text.empty()) {
      TRANSECT_RETURN_IF_ERROR(
          WriteFile(absl::StrCat(directory, "/datainfo/", NameOf(format), "_",
                                 kSplitNames[s], ".jsonl"),
                    text));
    }
  }
  return absl::OkStatus();
}

absl::Status LinkImages(const fs::path& target, const std::string& directory) {
  const std::string link = absl::StrCat(directory, "/images");
  std::error_code error;
  fs::create_directory_symlink(fs::absolute(target), link, error);
  return error ? absl::InternalError(absl::StrCat("cannot link ", link, " to ",
                                                  target.string(), ": ",
                                                  error.message()))
               : absl::OkStatus();
}

}  // namespace

std::string JsonlRow(const IndexedRecord& record, absl::string_view split,
                     absl::string_view image_directory) {
  absl::string_view file = record.image();
  if (absl::ConsumePrefix(&file, image_directory)) {
    absl::ConsumePrefix(&file, "/");
  }
  const ordered_json segmentation = {
      {"size", {record.mask_height(), record.mask_width()}},
      {"counts", EncodeRleString(MaskOf(record))}};
  ordered_json row = {{"split", std::string(split)}};
  // A number where the image has that of the record, as in RRSIS-D.
  const std::string stem = fs::path(std::string(file)).stem().string();
  if (record.category_id() >= 0 && stem == RrsisdFileName(record.id(), "")) {
    row["image_id"] = record.id();
  } else {
    row["image_id"] = stem;
  }
  row["sent"] = record.sentence();
  row["file_name"] = std::string(file);
  if (record.category_id() < 0) {
    row["segmentation"] = segmentation;
    return row.dump();
  }
  const auto category = static_cast<size_t>(record.category_id());
  row["category_id"] = record.category_id();
  if (category < kRrsisdCategories.size()) {
    row["category_name"] = kRrsisdCategories[category].name;
  }
  row["ann_id"] = record.id();
  if (record.box_size() == 4) {
    row["bbox"] = std::vector<int>(record.box().begin(), record.box().end());
  }
  row["segmentation"] = ordered_json::array({segmentation});
  if (record.given_area() >= 0) {
    row["area"] = record.given_area();
  }
  return row.dump();
}

absl::StatusOr<ExportedRows> ExportJsonl(const FoundDataset& reading,
                                         const std::string& root,
                                         const std::string& out) {
  const FoundDataset::Format format = reading.format();
  if (FileExists(out)) {
    return absl::AlreadyExistsError(absl::StrCat(out, " exists already"));
  }
  // With mask files; the images' headers cost little beside them.
  IndexBuildOptions build;
  build.ignored_label = reading.ignored_label();
  build.sentence_field = reading.sentence_field();
  TRANSECT_ASSIGN_OR_RETURN(const Annotations all,
                            BuildIndex(format, root, build));
  const std::string images = ImageDirectory(format, root);
  TRANSECT_RETURN_IF_ERROR(
      MakeNewDirectory(out, [&](const std::string& directory) -> absl::Status {
        TRANSECT_RETURN_IF_ERROR(WriteRows(format, all, images, directory));
        return LinkImages(fs::path(root) / images, directory);
      }));
  ExportedRows exported;
  exported.rows = all.records();
  for (const auto& split : all.split) {
    exported.with_ignored +=
        std::ranges::count_if(split, &IndexedRecord::has_ignored);
  }
  return exported;
}

}  // namespace transect
