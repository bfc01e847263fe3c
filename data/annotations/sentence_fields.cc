#include "data/annotations/sentence_fields.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotations.h"
#include "data/defects.h"
#include "data/io/utf8.h"
#include "data/text/canonical.h"

namespace transect {
namespace {

constexpr size_t kLongestExample = 80;

// What two sentences with the same words have in common. Readers check that
// text is UTF-8; anything else has no words.
std::u32string Words(absl::string_view text) {
  const absl::StatusOr<std::u32string> points = Utf32FromUtf8(text);
  std::u32string words =
      points.ok() ? Canonicalize(LowerCase(*points)) : std::u32string();
  words.erase(std::remove_if(words.begin(), words.end(), IsSpace), words.end());
  return words;
}

std::string Example(const std::string& text) {
  const absl::StatusOr<std::u32string> points = Utf32FromUtf8(text);
  return points.ok() && points->size() > kLongestExample
             ? absl::StrCat("\"",
                            Utf8FromUtf32(points->substr(0, kLongestExample)),
                            "\"...")
             : absl::StrCat("\"", text, "\"");
}

}  // namespace

absl::Status SetSentence(const SentenceFields& fields,
                         FoundDataset::SentenceField field,
                         IndexedRecord* record) {
  const bool reads_raw = field == FoundDataset::RAW;
  const char* const name = reads_raw ? "raw" : "sent";
  const std::optional<std::string>& own = reads_raw ? fields.raw : fields.sent;
  if (!own.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("has no \"", name, "\"",
                     reads_raw ? ", which sentence_field: RAW reads" : ""));
  }
  record->set_sentence(*own);
  const std::u32string words = Words(*own);
  std::string others;
  const auto compare = [&](const char* other, const std::string& text) {
    if (Words(text) != words) {
      absl::StrAppend(&others, ", ", other, " says ", Example(text));
    }
  };
  const std::optional<std::string>& other =
      reads_raw ? fields.sent : fields.raw;
  if (other.has_value()) compare(reads_raw ? "sent" : "raw", *other);
  if (fields.tokens.has_value()) {
    compare("tokens", absl::StrJoin(*fields.tokens, " "));
  }
  if (!others.empty()) {
    AddDefect(kSentenceMismatch,
              absl::StrCat("read is ", name, ", ", Example(*own), others),
              record);
  }
  return absl::OkStatus();
}

}  // namespace transect
