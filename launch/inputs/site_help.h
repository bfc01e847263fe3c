/// \file
/// What a field of the site file means, in the words of the comments in
/// site.proto.
#ifndef TRANSECT_LAUNCH_INPUTS_SITE_HELP_H_
#define TRANSECT_LAUNCH_INPUTS_SITE_HELP_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Text for the terminal about the field at `path`, such as `data.role`; about
/// the whole file if it is empty. kInvalidArgument, with a suggestion, for a
/// field that does not exist.
absl::StatusOr<std::string> SiteHelp(absl::string_view path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_SITE_HELP_H_
