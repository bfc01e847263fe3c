#include "data/io/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace transect {
namespace {

constexpr size_t kMostNear = 3;
constexpr size_t kMostListed = 12;

size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same =
          absl::ascii_tolower(a[i - 1]) == absl::ascii_tolower(b[j - 1]);
      const size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Quoted(absl::string_view text) {
  constexpr size_t kLongest = 60;
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, kLongest)),
                      text.size() > kLongest ? "..." : "", "\"");
}

std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates) {
  // A name longer than this is not a typo of anything, and the distance takes
  // time in proportion to it.
  constexpr size_t kLongest = 200;
  size_t least = std::max<size_t>(2, name.size() / 3) + 1;
  std::vector<std::string> nearest;
  for (const std::string& candidate : candidates) {
    if (name.size() > kLongest) {
      break;
    }
    const size_t distance = EditDistance(name, candidate);
    if (distance > least || distance >= candidate.size()) {
      continue;
    }
    if (distance < least) {
      nearest.clear();
      least = distance;
    }
    if (nearest.size() < kMostNear) {
      nearest.push_back(absl::StrCat("\"", candidate, "\""));
    }
  }
  if (!nearest.empty()) {
    return absl::StrCat("; did you mean ", absl::StrJoin(nearest, " or "), "?");
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
