/// \file
/// Where an export says what it comes from (export_origin.proto).
#ifndef TRANSECT_LAUNCH_REQUESTS_EXPORT_ORIGIN_FILE_H_
#define TRANSECT_LAUNCH_REQUESTS_EXPORT_ORIGIN_FILE_H_

#include "absl/strings/string_view.h"

namespace transect {

/// Name of the file in the directory that `transect export` makes.
inline constexpr absl::string_view kExportOriginFile =
    "transect_export.textproto";

}  // namespace transect

#endif  // TRANSECT_LAUNCH_REQUESTS_EXPORT_ORIGIN_FILE_H_
