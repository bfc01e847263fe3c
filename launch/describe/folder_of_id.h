/// \file
/// From the start of an id, as plans and lists show it, to the folder in the
/// store that it names: of a run, a made input or trained weights.
#ifndef TRANSECT_LAUNCH_DESCRIBE_FOLDER_OF_ID_H_
#define TRANSECT_LAUNCH_DESCRIBE_FOLDER_OF_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/store.h"

namespace transect {

/// Whether it may be the start of an id, or ID/CODE with the start of a code.
bool IsIdStart(absl::string_view name);

/// The job directory of what `name` names. Of what was made under several codes
/// that of `code` (the present code part, "" if unknown) is taken.
///
/// kNotFound where the store has nothing whose id starts so; kInvalidArgument
/// where it has several, with those to choose from.
absl::StatusOr<std::string> FolderOfId(const Store& store,
                                       absl::string_view code,
                                       absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_FOLDER_OF_ID_H_
