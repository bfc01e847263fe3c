/// \file
/// All texts in a message, whatever its type.
#ifndef TRANSECT_DATA_IO_MESSAGE_STRINGS_H_
#define TRANSECT_DATA_IO_MESSAGE_STRINGS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace transect {

/// Replaces each string in `message` and below it that `change` changes. Maps
/// and fields of bytes stay as they are.
void ChangeStrings(google::protobuf::Message* message,
                   std::string (*change)(absl::string_view text));

}  // namespace transect

#endif  // TRANSECT_DATA_IO_MESSAGE_STRINGS_H_
