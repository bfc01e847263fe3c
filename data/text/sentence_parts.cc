#include "data/text/sentence_parts.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace transect {
namespace {

constexpr absl::string_view kColors[] = {
    "beige", "black",  "blue",  "brown", "cyan",   "dark",   "gray",
    "green", "grey",   "light", "navy",  "orange", "pink",   "purple",
    "red",   "silver", "tan",   "white", "gold",   "yellow", "golden"};
constexpr absl::string_view kSizes[] = {
    "big",  "bigger", "biggest", "huge",  "large",   "larger",   "largest",
    "long", "longer", "longest", "short", "shorter", "shortest", "small",
    "tiny", "medium", "smaller", "giant", "little",  "smallest"};
// Relations where "of" and a thing follow, else places.
constexpr absl::string_view kDirections[] = {
    "bottom", "center", "centre", "corner",     "down",     "left",
    "lower",  "middle", "right",  "top",        "up",       "upper",
    "east",   "west",   "north",  "south",      "leftmost", "rightmost",
    "edge",   "side",   "part",   "bottommost", "topmost"};
constexpr absl::string_view kRelations[] = {
    "above",   "adjacent", "alongside", "around",     "behind", "below",
    "beneath", "beside",   "between",   "close",      "inside", "near",
    "next",    "opposite", "over",      "surrounded", "under",  "underneath"};
constexpr absl::string_view kImages[] = {"image", "picture", "photo", "scene",
                                         "view"};

template <size_t kCount>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[kCount]) {
  return std::ranges::find(words, word) != std::end(words);
}

// Whether "of" and something that is not the image follow the direction at
// `at`.
bool IsOfAThing(const std::vector<std::string>& words, size_t at) {
  while (at < words.size() &&
         (IsOneOf(words[at], kDirections) || words[at] == "hand")) {
    ++at;
  }
  if (at >= words.size() || words[at] != "of") return false;
  ++at;
  while (at < words.size() && (words[at] == "the" || words[at] == "a")) ++at;
  return at < words.size() && !IsOneOf(words[at], kImages);
}

}  // namespace

SentenceParts PartsOfSentence(absl::string_view sentence) {
  const std::string lower = absl::AsciiStrToLower(sentence);
  const std::vector<std::string> words = absl::StrSplit(
      lower, absl::ByAnyChar(" \t\n.,;:!?\"'()-"), absl::SkipEmpty());
  SentenceParts parts;
  for (size_t i = 0; i < words.size(); ++i) {
    parts.color |= IsOneOf(words[i], kColors);
    parts.size |= IsOneOf(words[i], kSizes);
    parts.relation |= IsOneOf(words[i], kRelations);
    if (!IsOneOf(words[i], kDirections)) continue;
    (IsOfAThing(words, i) ? parts.relation : parts.position) = true;
  }
  return parts;
}

}  // namespace transect
