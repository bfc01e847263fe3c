#include "data/index/index_build.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "data/defects.h"
#include "data/image/decode.h"
#include "data/image/mask_image.h"
#include "data/image/probe.h"
#include "data/index/file_names.h"
#include "data/index/record_files.h"
#include "data/io/file.h"
#include "data/masks/mask_checks.h"
#include "data/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr double kFarOverlap = 0.5;
// All but one of so many pixels are the whole image.
constexpr int64_t kWholeOf = 100;

absl::StatusOr<ImageSize> DecodedSize(const std::string& path,
                                      std::string* digest) {
  // The header first, so that nothing too large is read or decoded.
  TRANSECT_RETURN_IF_ERROR(ProbeImage(path).status());
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (digest != nullptr) {
    *digest = Sha256(bytes);
  }
  TRANSECT_ASSIGN_OR_RETURN(const Image image, DecodeImageBytes(bytes, path));
  return ImageSize{image.height, image.width};
}

template <typename Owner>
void SetMask(const std::vector<uint8_t>& pixels, const ImageSize& size,
             Owner* owner) {
  const Rle rle = RleFromMask(pixels, size.height, size.width);
  owner->set_mask_height(rle.height);
  owner->set_mask_width(rle.width);
  owner->mutable_runs()->Add(rle.runs.begin(), rle.runs.end());
}

// Images that were decoded: several records may show one.
class DecodedImages {
 public:
  // `digest` is not null where digests are wanted.
  absl::StatusOr<ImageSize> SizeOf(const std::string& path,
                                   std::string* digest) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto known = images_.find(path);
      if (known != images_.end()) {
        if (digest != nullptr) *digest = known->second.digest;
        return known->second.size;
      }
    }
    // Two threads that meet here do the same.
    std::string own;
    const absl::StatusOr<ImageSize> size =
        DecodedSize(path, digest != nullptr ? &own : nullptr);
    if (digest != nullptr) *digest = own;
    const std::lock_guard<std::mutex> lock(mutex_);
    images_.try_emplace(path, Decoded{size, std::move(own)});
    return size;
  }

 private:
  struct Decoded {
    absl::StatusOr<ImageSize> size;
    std::string digest;
  };

  std::mutex mutex_;
  absl::flat_hash_map<std::string, Decoded> images_;
};

// `decoded` is null where headers suffice.
void LookAtImage(const std::string& root, DecodedImages* decoded,
                 std::string* digest, IndexedRecord* record) {
  const std::string path = absl::StrCat(root, "/", record->image());
  const absl::StatusOr<ImageSize> size =
      decoded != nullptr ? decoded->SizeOf(path, digest) : ProbeImage(path);
  if (!size.ok()) {
    AddDefect(
        absl::IsNotFound(size.status()) ? kImageMissing : kImageUnreadable,
        size.status().message(), record);
    return;
  }
  record->set_image_height(size->height);
  record->set_image_width(size->width);
}

void LookAtMaskFile(const std::string& root, int ignored_label,
                    IndexedRecord* record) {
  const absl::StatusOr<MaskImage> mask = ReadMaskImage(
      absl::StrCat(root, "/", record->mask_file()), ignored_label);
  if (!mask.ok()) {
    AddDefect(absl::IsNotFound(mask.status()) ? kMaskMissing : kMaskUnreadable,
              mask.status().message(), record);
    return;
  }
  if (!mask->in_alpha.empty()) {
    AddDefect(kMaskInAlpha, mask->in_alpha, record);
  }
  if (!mask->many_values.empty()) {
    AddDefect(kMaskOfManyValues, mask->many_values, record);
  }
  SetMask(mask->pixels, mask->size, record);
  if (!mask->ignored.empty()) {
    SetMask(mask->ignored, mask->size, record->mutable_ignored());
  }
}

void LookAtBox(const Rle& mask, IndexedRecord* record) {
  if (record->box_size() != 4) {
    return;
  }
  const std::array<int, 4> box = {record->box(0), record->box(1),
                                  record->box(2), record->box(3)};
  // Where image and mask differ in size, which is a defect of its own, the box
  // was drawn in one of them.
  const int height = std::max(record->image_height(), mask.height);
  const int width = std::max(record->image_width(), mask.width);
  const std::string text = absl::StrCat("box ", absl::StrJoin(box, ", "));
  if (box[0] < 0 || box[1] < 0 || box[0] >= box[2] || box[1] >= box[3] ||
      (height > 0 && (box[2] > width || box[3] > height))) {
    AddDefect(kBoxInvalid,
              absl::StrCat(text, " in an image of ", height, " x ", width),
              record);
    return;
  }
  const std::array<int, 4> extent = RleBox(mask);
  if (extent[2] > 0 && BoxOverlap(box, mask) < kFarOverlap) {
    AddDefect(kBoxFarFromMask,
              absl::StrCat(text, ", mask within ", absl::StrJoin(extent, ", ")),
              record);
  }
}

void LookAtMask(IndexedRecord* record) {
  const Rle mask = MaskOf(*record);
  LookAtBox(mask, record);
  if (mask.height == 0) {
    return;
  }
  if (record->image_height() > 0 && (record->image_height() != mask.height ||
                                     record->image_width() != mask.width)) {
    AddDefect(kSizeMismatch,
              absl::StrCat("mask of ", mask.height, " x ", mask.width,
                           ", image of ", record->image_height(), " x ",
                           record->image_width(), " (height x width)"),
              record);
  }
  const int64_t area = RleArea(mask);
  if (area == 0) {
    AddDefect(kEmptyMask, absl::StrCat("0 of ", mask.height, " x ", mask.width),
              record);
  }
  const int64_t pixels = int64_t{mask.height} * mask.width;
  if (area * kWholeOf >= pixels * (kWholeOf - 1)) {
    AddDefect(kMaskOfWholeImage, absl::StrCat(area, " of ", pixels, " pixels"),
              record);
  }
  if (record->given_area() >= 0 && record->given_area() != area) {
    AddDefect(kWrongArea,
              absl::StrCat("area ", record->given_area(), ", the mask has ",
                           area, " pixels"),
              record);
  }
  if (FollowsJpegGrid(mask)) {
    AddDefect(kRingingMask,
              absl::StrCat(mask.runs.size(), " runs within ",
                           absl::StrJoin(RleBox(mask), ", ")),
              record);
  }
}

void LookAtSentence(IndexedRecord* record) {
  const std::string& text = record->sentence();
  const auto beyond = std::find_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x7F;
  });
  if (beyond != text.end()) {
    AddDefect(
        kNonAsciiSentence,
        absl::StrCat("byte ", beyond - text.begin(), " of \"", text, "\""),
        record);
  }
}

// Adds `kind` to each record whose key occurs in another split too.
void FindShared(const char* kind,
                const std::string& (IndexedRecord::*key)() const,
                Annotations* all) {
  absl::flat_hash_map<absl::string_view, unsigned> splits;
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    for (const IndexedRecord& record : all->split[s]) {
      splits[(record.*key)()] |= 1u << s;
    }
  }
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    for (IndexedRecord& record : all->split[s]) {
      const unsigned in = splits[(record.*key)()];
      if (in == 1u << s) {
        continue;
      }
      std::string others;
      for (size_t other = 0; other < kSplitNames.size(); ++other) {
        if (other != s && (in >> other & 1) != 0) {
          absl::StrAppend(&others, others.empty() ? "" : " and ",
                          kSplitNames[other]);
        }
      }
      AddDefect(kind,
                absl::StrCat("\"", (record.*key)(), "\" is also in ", others),
                &record);
    }
  }
}

}  // namespace

Rle MaskOf(const IndexedRecord& record) {
  return {record.mask_height(),
          record.mask_width(),
          {record.runs().begin(), record.runs().end()}};
}

absl::StatusOr<Annotations> BuildIndex(FoundDataset::Format format,
                                       const std::string& root,
                                       const IndexBuildOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(
      Annotations all, ReadAnnotations(format, root, options.sentence_field));
  // Details of defects are cached and name files, so they must not depend on
  // the current directory.
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(root, error);
  const std::string files = error ? root : whole.string();
  std::vector<IndexedRecord*> records;
  for (auto& split : all.split) {
    std::sort(split.begin(), split.end(),
              [](const IndexedRecord& a, const IndexedRecord& b) {
                return a.id() < b.id();
              });
    for (IndexedRecord& record : split) {
      records.push_back(&record);
    }
  }
  std::vector<std::string>* const digests = options.image_digests;
  if (digests != nullptr) {
    digests->assign(records.size(), "");
  }
  const RecordFiles directory(files);
  FileNames names(files);
  DecodedImages decoded;
  ForEachInParallel(
      static_cast<int64_t>(records.size()),
      [&](int64_t i) {
        IndexedRecord* record = records[i];
        record->set_image(names.Find(record->image()));
        record->set_mask_file(names.Find(record->mask_file()));
        // Before they are read, so that a change meanwhile is noticed later.
        record->set_files(directory.StateOf(*record));
        LookAtImage(files, options.decode_images ? &decoded : nullptr,
                    digests != nullptr ? &(*digests)[i] : nullptr, record);
        if (!record->mask_file().empty()) {
          LookAtMaskFile(files, options.ignored_label, record);
        }
        LookAtMask(record);
        LookAtSentence(record);
      },
      options.progress);
  FindShared(kImageInTwoSplits, &IndexedRecord::image, &all);
  FindShared(kSentenceInTwoSplits, &IndexedRecord::sentence, &all);
  return all;
}

}  // namespace transect
