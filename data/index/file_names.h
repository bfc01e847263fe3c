/// \file
/// Files whose names a file system or an archive wrote in another Unicode form:
/// a Mac writes "é" as "e" with a mark (NFD), annotations made elsewhere have
/// one character (NFC).
#ifndef TRANSECT_DATA_INDEX_FILE_NAMES_H_
#define TRANSECT_DATA_INDEX_FILE_NAMES_H_

#include <map>
#include <mutex>
#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// The files below `root`. May be used by several threads at once.
class FileNames {
 public:
  explicit FileNames(std::string root);

  /// `path` (relative, "a/b") where there is such a file or its name is ASCII;
  /// else the path of the file whose name has the same characters in any
  /// canonically equivalent form; `path` again where there is none. Lists each
  /// directory once, and only where a name is missing.
  std::string Find(const std::string& path);

 private:
  // Name in the directory by its composed form. `directory` is relative.
  const std::map<std::string, std::string>& NamesIn(
      const std::string& directory);

  std::string root_;
  std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::string>> directories_;
};

/// `text` in the composed form (NFC); unchanged where it is not UTF-8.
std::string ComposedForm(absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_FILE_NAMES_H_
