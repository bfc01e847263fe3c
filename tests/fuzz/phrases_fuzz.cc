// Phrase files of RefSegRS and RISBench: any bytes are an error or records with
// a sentence each whose files lie in the data set's directories.

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"
#include "data/io/utf8.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<transect::IndexedRecord> records;
  std::vector<std::string> ids;
  const absl::Status status =
      transect::ParsePhrases(text, transect::FoundDataset::RISBENCH, "root",
                             "output_phrase_train.txt", &records, &ids);
  if (!status.ok()) {
    TRANSECT_CHECK(
        absl::StartsWith(status.message(), "root/output_phrase_train.txt:"));
    return 0;
  }
  TRANSECT_CHECK(records.size() == ids.size());
  for (size_t i = 0; i < records.size(); ++i) {
    TRANSECT_CHECK(!records[i].sentence().empty());
    TRANSECT_CHECK(transect::IsUtf8(records[i].sentence()));
    TRANSECT_CHECK(!ids[i].empty() && !absl::StrContains(ids[i], "/"));
    TRANSECT_CHECK(records[i].image() ==
                   absl::StrCat("img_rgb/", ids[i], ".png"));
    TRANSECT_CHECK(records[i].mask_file() ==
                   absl::StrCat("mask/", ids[i], ".png"));
  }
  return 0;
}
