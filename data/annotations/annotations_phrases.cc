// RefSegRS and RISBench: lines of text beside images and mask images.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/io/file.h"
#include "data/io/utf8.h"
#include "data/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct Layout {
  const char* images;
  const char* masks;
  const char* extension;
};

constexpr Layout kRefSegRs = {"images", "masks", ".tif"};
constexpr Layout kRisBench = {"img_rgb", "mask", ".png"};

const Layout& LayoutOf(FoundDataset::Format format) {
  return format == FoundDataset::REFSEGRS ? kRefSegRs : kRisBench;
}

}  // namespace

absl::Status ParsePhrases(absl::string_view text, FoundDataset::Format format,
                          const std::string& root, const std::string& file,
                          std::vector<IndexedRecord>* records,
                          std::vector<std::string>* ids) {
  const Layout& layout = LayoutOf(format);
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    absl::ConsumeSuffix(&line, "\r");
    if (line.empty()) {
      continue;
    }
    const std::string where = absl::StrCat(root, "/", file, ":", number, ":");
    TRANSECT_RETURN_IF_ERROR(InPlace(where, CheckUtf8(line)));
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    if (parts.second.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          where, " must be an id, one space and a phrase, is \"", line, "\""));
    }
    TRANSECT_RETURN_IF_ERROR(
        InPlace(where, CheckName(parts.first, /*may_nest=*/false)));
    IndexedRecord& record = records->emplace_back();
    record.set_image(
        absl::StrCat(layout.images, "/", parts.first, layout.extension));
    record.set_mask_file(
        absl::StrCat(layout.masks, "/", parts.first, layout.extension));
    record.set_sentence(std::string(parts.second));
    record.set_category_id(-1);
    record.set_given_area(-1);
    record.set_place(absl::StrCat(file, ":", number));
    ids->emplace_back(parts.first);
  }
  return absl::OkStatus();
}

absl::StatusOr<Annotations> ReadPhraseAnnotations(FoundDataset::Format format,
                                                  const std::string& root) {
  Annotations all;
  std::vector<std::string> ids;
  bool found = false;
  for (size_t i = 0; i < kSplitNames.size(); ++i) {
    const std::string file =
        absl::StrCat("output_phrase_", kSplitNames[i], ".txt");
    if (FileExists(absl::StrCat(root, "/", file))) {
      found = true;
      TRANSECT_ASSIGN_OR_RETURN(
          const std::string text,
          ReadFile(absl::StrCat(root, "/", file), kMaxAnnotationBytes));
      TRANSECT_RETURN_IF_ERROR(
          ParsePhrases(text, format, root, file, &all.split[i], &ids));
    }
  }
  if (!found) {
    return absl::NotFoundError(absl::StrCat(
        "no data set in the layout ", FoundDataset::Format_Name(format), " in ",
        root, ": there is no output_phrase_train.txt, _val.txt or _test.txt"));
  }
  NumberRecords(ids, &all);
  return all;
}

}  // namespace transect
