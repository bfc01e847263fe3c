/// \file
/// Directories that `transect export` writes: adapters for PEFT, models for
/// Transformers.
#ifndef TRANSECT_LAUNCH_DESCRIBE_EXPORT_FOLDER_H_
#define TRANSECT_LAUNCH_DESCRIBE_EXPORT_FOLDER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "launch/requests/export_origin.pb.h"

namespace transect {

/// What an export says of itself (launch/requests/export_origin_file.h);
/// nothing where it says nothing that can be read.
std::optional<ExportOrigin> ReadExportOrigin(const std::string& directory);

/// "run 0123456789ab, rank=2 seed 1 of experiment tiny, 500 steps, code ...".
std::string OriginText(const ExportOrigin& origin);

/// Whether the directory has the parts of an export: towers with adapters,
/// models, or rest.safetensors.
bool IsExport(const std::string& directory);

/// Its parts with sizes, the run that it comes from as far as it says so, and
/// how it is used: in a site file and a spec, and in Python. `program` is
/// `transect` as people type it. Errors of the readers of weights.
absl::StatusOr<std::string> DescribeExport(const std::string& directory,
                                           const std::string& program);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_EXPORT_FOLDER_H_
