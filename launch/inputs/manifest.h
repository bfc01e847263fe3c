/// \file
/// Lists of files with their digests, in the format that `sha256sum -c` takes:
/// a line "<sha256>  <path>" for each file. The list of a made data set
/// (data.sha256) is one; so is what the identity of a found input is a digest
/// of (found_input.h), after its header.
#ifndef TRANSECT_LAUNCH_INPUTS_MANIFEST_H_
#define TRANSECT_LAUNCH_INPUTS_MANIFEST_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

struct ManifestLine {
  /// 64 hexadecimal digits.
  std::string sha256;
  /// Relative to the directory that the list is about.
  std::string path;

  friend bool operator==(const ManifestLine&, const ManifestLine&) = default;
};

/// The lines of a list. kDataLoss, with `name` and the number of the line, for
/// a line of another form.
absl::StatusOr<std::vector<ManifestLine>> ParseManifest(absl::string_view text,
                                                        absl::string_view name);

/// Appends a line to a list.
void AppendManifestLine(absl::string_view sha256, absl::string_view path,
                        std::string* text);

/// Hashes the files of a list below `root` on a few threads. kDataLoss names
/// the first file, in the order of the list, that is gone, cannot be read or
/// has other bytes. Files that are not in the list are not looked for.
absl::Status CheckFiles(const std::string& root,
                        const std::vector<ManifestLine>& files);

/// What differs between two lists of one directory, both sorted by path:
/// "PATH has other bytes", "PATH is gone" or "PATH is new" for the first path,
/// and how many more there are. "" for equal lists.
std::string DescribeChange(const std::vector<ManifestLine>& then,
                           const std::vector<ManifestLine>& now);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_MANIFEST_H_
