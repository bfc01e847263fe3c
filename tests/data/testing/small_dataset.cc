#include "tests/data/testing/small_dataset.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/annotations/pickle.h"
#include "data/annotations/rrsisd.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::nlohmann::json;

void AddReference(const SmallRecord& record, PickleWriter* refs) {
  const auto integer = [&](const char* key, int64_t value) {
    refs->String(key);
    refs->Int(value);
  };
  refs->BeginDict();
  integer("image_id", record.id);
  integer("ann_id", record.id);
  integer("ref_id", record.id);
  integer("category_id", record.category_id);
  refs->String("split");
  refs->String(record.split);
  refs->String("file_name");
  refs->String(RrsisdFileName(record.id, ".jpg"));
  refs->String("sentences");
  refs->BeginList();
  refs->BeginDict();
  integer("sent_id", record.id);
  refs->String("sent");
  refs->String(record.sentence);
  refs->EndDict();
  refs->EndList();
  refs->EndDict();
}

Rle MaskRle(const SmallRecord& record) {
  std::vector<uint8_t> pixels(record.mask_height * record.mask_width, 0);
  for (int y = record.mask[1]; y < record.mask[3]; ++y) {
    for (int x = record.mask[0]; x < record.mask[2]; ++x) {
      pixels[y * record.mask_width + x] = 1;
    }
  }
  return RleFromMask(pixels, record.mask_height, record.mask_width);
}

json AnnotationOf(const SmallRecord& record) {
  const Rle rle = MaskRle(record);
  return {{"id", record.id},
          {"image_id", record.id},
          {"categories_id", record.annotation_category_id},
          {"bbox", record.box},
          {"area", record.area < 0 ? RleArea(rle) : record.area},
          {"segmentation",
           {{{"size", {record.mask_height, record.mask_width}},
             {"counts",
              record.counts.empty() ? EncodeRleString(rle) : record.counts}}}}};
}

std::string XmlOf(const SmallRecord& record) {
  return absl::StrCat("<annotation><size><width>", record.image_width,
                      "</width><height>", record.image_height,
                      "</height></size><object><name>dam</name><bndbox>",
                      "<xmin>", record.box[0], "</xmin><ymin>", record.box[1],
                      "</ymin><xmax>", record.box[2], "</xmax><ymax>",
                      record.box[3], "</ymax></bndbox><description>",
                      record.sentence, "</description></object></annotation>");
}

}  // namespace

std::string NewDatasetDir() {
  std::string path = absl::StrCat(testing::TempDir(), "/data.XXXXXX");
  TRANSECT_CHECK(mkdtemp(path.data()) != nullptr);
  return absl::StrCat(path, "/set");
}

std::string SmallJpeg(int height, int width, int64_t number) {
  Image image{height, width, {}};
  for (int i = 0; i < height * width * 3; ++i) {
    image.bgr.push_back(static_cast<uint8_t>((i * 7 + number * 31) % 251));
  }
  return *EncodeJpeg(image, 90);
}

std::string SmallMask(int height, int width, int rows) {
  Image image{height, width, std::vector<uint8_t>(height * width * 3, 0)};
  std::fill_n(image.bgr.begin(), rows * width * 3, 255);
  return *EncodeJpeg(image, 100);
}

std::string RingingCounts() {
  const int height = 24, width = 32;
  std::vector<uint8_t> pixels(height * width, 0);
  for (int y = 8; y < 16; ++y) {
    for (int x = 8; x < 16; ++x) {
      pixels[y * width + x] = (x + y) % 2;
    }
  }
  return EncodeRleString(RleFromMask(pixels, height, width));
}

void PutFile(const std::string& root, const std::string& path,
             const std::string& contents) {
  const std::string full = absl::StrCat(root, "/", path);
  TRANSECT_CHECK(
      MakeDirs(std::filesystem::path(full).parent_path().string()).ok());
  TRANSECT_CHECK(WriteFile(full, contents).ok());
}

std::string SmallImagePath(const std::string& root, int64_t id) {
  return absl::StrCat(root, "/", kRrsisdImages, "/",
                      RrsisdFileName(id, ".jpg"));
}

void WriteSmallDataset(const std::string& root,
                       const std::vector<SmallRecord>& records) {
  PickleWriter refs;
  refs.BeginList();
  json annotations = json::array();
  TRANSECT_CHECK(MakeDirs(absl::StrCat(root, "/", kRrsisdImages)).ok());
  for (const SmallRecord& record : records) {
    AddReference(record, &refs);
    if (record.with_annotation) {
      annotations.push_back(AnnotationOf(record));
    }
    if (record.with_image) {
      PutFile(
          root,
          absl::StrCat(kRrsisdImages, "/", RrsisdFileName(record.id, ".jpg")),
          SmallJpeg(record.image_height, record.image_width, record.id));
    }
    PutFile(root,
            absl::StrCat(kRrsisdBoxes, "/", RrsisdFileName(record.id, ".xml")),
            XmlOf(record));
  }
  refs.EndList();
  PutFile(root, kRrsisdRefs, std::move(refs).Finish());
  PutFile(root, kRrsisdInstances, json{{"annotations", annotations}}.dump());
}

}  // namespace transect
