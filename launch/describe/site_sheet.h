/// \file
/// What a site file holds, and which of its paths are there.
#ifndef TRANSECT_LAUNCH_DESCRIBE_SITE_SHEET_H_
#define TRANSECT_LAUNCH_DESCRIBE_SITE_SHEET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Whether a text file looks like a site file and not like an experiment: by
/// the names with which its lines begin. It need not parse.
bool LooksLikeSite(absl::string_view text);

/// Text for the terminal about the site file at `path`: store, roles with their
/// absolute paths and whether they exist, GPUs. Errors are those of LoadSite.
absl::StatusOr<std::string> DescribeSite(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_SITE_SHEET_H_
