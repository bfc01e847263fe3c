/// \file
/// Messages as proto3 JSON, for programs.
#ifndef TRANSECT_DATA_IO_PROTO_JSON_H_
#define TRANSECT_DATA_IO_PROTO_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace transect {

/// Prints `message` as one JSON object whose schema is its `.proto`:
/// lowerCamelCase names, 64-bit integers as strings, enumerators by name, all
/// digits of numbers; fields without presence are printed even if they are
/// zero. Indented, ended by a newline. Strings that are not UTF-8 are made so
/// (ReplaceInvalidUtf8); what acts on text (ActsOnText) stands as \u escapes,
/// so that the text can go to a terminal. kInternal if Protobuf cannot print
/// it.
absl::StatusOr<std::string> PrintProtoJson(
    const google::protobuf::Message& message);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_PROTO_JSON_H_
