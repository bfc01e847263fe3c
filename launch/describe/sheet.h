/// \file
/// A description as text: what it is, then a line for each fact.
#ifndef TRANSECT_LAUNCH_DESCRIBE_SHEET_H_
#define TRANSECT_LAUNCH_DESCRIBE_SHEET_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// Collects the lines of one description.
class Sheet {
 public:
  /// "PATH: WHAT".
  Sheet(absl::string_view path, absl::string_view what);

  /// Adds a fact under `label`, a word; the same word is not repeated in the
  /// next line. An empty `text` adds nothing.
  void Add(absl::string_view label, std::string text);

  std::string Text() const;

 private:
  std::string head_;
  std::vector<std::pair<std::string, std::string>> facts_;
};

/// What a directory holds, links to directories not followed.
struct TreeSize {
  int64_t files = 0;
  int64_t bytes = 0;
};
TreeSize SizeOfTree(const std::string& directory);

/// "3 files, 1.2 MB".
std::string SizeText(const TreeSize& size);

/// Size of a file, "1.2 MB"; "" where there is none.
std::string FileSizeText(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_SHEET_H_
