#include "data/index/file_names.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isascii);
}

std::string Below(absl::string_view directory, absl::string_view name) {
  return directory.empty() ? std::string(name)
                           : absl::StrCat(directory, "/", name);
}

}  // namespace

std::string ComposedForm(absl::string_view text) {
  if (IsAscii(text) || !IsUtf8(text)) return std::string(text);
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* const form = unorm2_getNFCInstance(&error);
  // No code point of UTF-8 takes more units of UTF-16, and composing makes no
  // more than three of one.
  std::vector<UChar> units(text.size() + 1);
  std::vector<UChar> composed(3 * text.size() + 1);
  int32_t size = 0;
  u_strFromUTF8(units.data(), static_cast<int32_t>(units.size()), &size,
                text.data(), static_cast<int32_t>(text.size()), &error);
  const int32_t composed_size =
      unorm2_normalize(form, units.data(), size, composed.data(),
                       static_cast<int32_t>(composed.size()), &error);
  std::string result(3 * composed.size(), '\0');
  u_strToUTF8(result.data(), static_cast<int32_t>(result.size()), &size,
              composed.data(), composed_size, &error);
  if (U_FAILURE(error)) return std::string(text);
  result.resize(size);
  return result;
}

FileNames::FileNames(std::string root) : root_(std::move(root)) {}

const std::map<std::string, std::string>& FileNames::NamesIn(
    const std::string& directory) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [entry, is_new] = directories_.try_emplace(directory);
  if (is_new) {
    const absl::StatusOr<std::vector<std::string>> names =
        ListDirectory(absl::StrCat(root_, "/", directory));
    if (names.ok()) {
      for (const std::string& name : *names) {
        entry->second.emplace(ComposedForm(name), name);
      }
    }
  }
  return entry->second;
}

std::string FileNames::Find(const std::string& path) {
  if (IsAscii(path) || FileExists(absl::StrCat(root_, "/", path))) return path;
  std::string found;
  for (const absl::string_view step : absl::StrSplit(path, '/')) {
    std::string next = Below(found, step);
    if (!FileExists(absl::StrCat(root_, "/", next))) {
      const std::map<std::string, std::string>& names = NamesIn(found);
      const auto name = names.find(ComposedForm(step));
      if (name == names.end()) return path;
      next = Below(found, name->second);
    }
    found = std::move(next);
  }
  return found;
}

}  // namespace transect
