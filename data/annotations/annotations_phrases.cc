// RefSegRS and RISBench: lines of text beside images and mask images.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/annotations.h"
#include "data/io/file.h"
#include "data/io/utf8.h"
#include "data/spec.h"
#include "data/text/canonical.h"
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

struct Phrase {
  std::string id;
  std::string sentence;
};

// A line without what is white space for Python's str.split, which other
// readers of these files call; empty for a line of nothing else.
absl::StatusOr<Phrase> ParseLine(absl::string_view line) {
  TRANSECT_RETURN_IF_ERROR(CheckUtf8(line));
  TRANSECT_ASSIGN_OR_RETURN(const std::u32string points, Utf32FromUtf8(line));
  const std::u32string whole = StripLeft(StripRight(points));
  const auto end = std::find_if(whole.begin(), whole.end(), IsSpace);
  if (end == whole.end() && !whole.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("must be an id, white space and a phrase, is \"",
                     Utf8FromUtf32(whole), "\""));
  }
  return Phrase{Utf8FromUtf32({whole.begin(), end}),
                Utf8FromUtf32(StripLeft({end, whole.end()}))};
}

}  // namespace

absl::Status ParsePhrases(absl::string_view text, FoundDataset::Format format,
                          const std::string& root, const std::string& file,
                          std::vector<IndexedRecord>* records,
                          std::vector<std::string>* ids) {
  const Layout& layout = LayoutOf(format);
  text = WithoutByteOrderMark(text);
  int64_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::string place = absl::StrCat(file, ":", ++number, ":1");
    const std::string where = absl::StrCat(root, "/", place, ":");
    TRANSECT_ASSIGN_OR_RETURN(const Phrase phrase,
                              InPlace(where, ParseLine(line)));
    if (phrase.id.empty()) continue;
    TRANSECT_RETURN_IF_ERROR(
        InPlace(where, CheckName(phrase.id, /*may_nest=*/false)));
    IndexedRecord& record = records->emplace_back();
    record.set_image(
        absl::StrCat(layout.images, "/", phrase.id, layout.extension));
    record.set_mask_file(
        absl::StrCat(layout.masks, "/", phrase.id, layout.extension));
    record.set_sentence(phrase.sentence);
    record.set_category_id(-1);
    record.set_given_area(-1);
    record.set_place(place);
    ids->push_back(phrase.id);
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
