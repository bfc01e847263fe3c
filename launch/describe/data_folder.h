/// \file
/// Directories of data sets: downloaded ones, those of `transect data synth`
/// and those of `transect data export`.
#ifndef TRANSECT_LAUNCH_DESCRIBE_DATA_FOLDER_H_
#define TRANSECT_LAUNCH_DESCRIBE_DATA_FOLDER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "data/data.pb.h"

namespace transect {

/// The layout whose files of annotations the directory has; nothing where it is
/// no data set. Reads no file.
std::optional<FoundDataset::Format> LayoutOf(const std::string& directory);

/// Whether the directory has files of annotations in that layout. Reads none.
bool HasLayout(const std::string& directory, FoundDataset::Format format);

/// Records, images and sentences of each split, size, and how the data set is
/// used. Reads the annotations and opens no image. Errors of ReadAnnotations.
absl::StatusOr<std::string> DescribeDataset(const std::string& directory,
                                            FoundDataset::Format format,
                                            const std::string& program);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_DATA_FOLDER_H_
