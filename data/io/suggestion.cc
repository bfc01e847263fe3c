#include "data/io/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace transect {
namespace {

constexpr size_t kMostNear = 3;
constexpr size_t kMostListed = 12;

char Folded(char letter) {
  return letter == '-' ? '_' : absl::ascii_tolower(letter);
}

std::vector<std::string> WordsOf(absl::string_view name) {
  std::string folded(name);
  std::transform(folded.begin(), folded.end(), folded.begin(), Folded);
  return absl::StrSplit(folded, '_', absl::SkipEmpty());
}

// "lr" of "learning_rate"; "" of a single word.
std::string Initials(absl::string_view name) {
  std::string initials;
  for (const std::string& word : WordsOf(name)) {
    initials += word[0];
  }
  return initials.size() < 2 ? "" : initials;
}

bool HasAllWords(absl::string_view candidate,
                 const std::vector<std::string>& words) {
  const std::vector<std::string> has = WordsOf(candidate);
  return !words.empty() &&
         std::all_of(words.begin(), words.end(), [&](const std::string& word) {
           return std::find(has.begin(), has.end(), word) != has.end();
         });
}

// The candidates nearest to `name` that are near at all.
std::vector<std::string> Nearest(absl::string_view name,
                                 const std::vector<std::string>& candidates) {
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;
  std::vector<std::string> nearest;
  for (const std::string& candidate : candidates) {
    const size_t distance = EditDistance(name, candidate);
    if (distance > least || distance >= candidate.size()) {
      continue;
    }
    if (distance < least) {
      nearest.clear();
      least = distance;
    }
    nearest.push_back(candidate);
  }
  return nearest;
}

}  // namespace

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = Folded(a[i - 1]) == Folded(b[j - 1]);
      const size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string Quoted(absl::string_view text, size_t longest) {
  // Not within a character.
  size_t end = std::min(text.size(), longest);
  while (end > 0 && end < text.size() &&
         (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, end)),
                      text.size() > longest ? "..." : "", "\"");
}

std::vector<std::string> NearNames(absl::string_view name,
                                   const std::vector<std::string>& candidates) {
  // A name longer than this is not a typo of anything, and the distance takes
  // time in proportion to it.
  constexpr size_t kLongest = 200;
  if (name.size() > kLongest) {
    return {};
  }
  const std::string initials = Initials(name);
  if (!initials.empty() && std::find(candidates.begin(), candidates.end(),
                                     initials) != candidates.end()) {
    return {initials};
  }
  std::vector<std::string> near = Nearest(name, candidates);
  if (near.empty()) {
    const std::vector<std::string> words = WordsOf(name);
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(near),
                 [&](const std::string& candidate) {
                   return HasAllWords(candidate, words);
                 });
  }
  near.resize(std::min(near.size(), kMostNear));
  return near;
}

std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates) {
  const std::vector<std::string> near = NearNames(name, candidates);
  if (!near.empty()) {
    return absl::StrCat("; did you mean \"", absl::StrJoin(near, "\" or \""),
                        "\"?");
  }
  if (candidates.empty()) {
    return "";
  }
  const size_t listed = std::min(candidates.size(), kMostListed);
  return absl::StrCat(
      "; it can be ",
      absl::StrJoin(candidates.begin(), candidates.begin() + listed, ", "),
      listed < candidates.size() ? ", ..." : "");
}

}  // namespace transect
