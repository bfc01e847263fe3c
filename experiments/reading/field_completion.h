/// \file
/// What a path of fields, or an assignment to one, can go on with: for
/// completion in a shell.
#ifndef TRANSECT_EXPERIMENTS_READING_FIELD_COMPLETION_H_
#define TRANSECT_EXPERIMENTS_READING_FIELD_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace transect {

/// What the words name.
enum class FieldUse {
  /// A field that is read about: each name, and a message's with "." too.
  kNamed,
  /// A field that is set: "NAME=", or "NAME." for the fields of a message.
  /// Lists are not entered.
  kAssigned,
};

/// The fields below `root` whose paths begin with `word`, down to the next
/// "."; in the order of the schema. Where there are none, and `word` is whole
/// names, the fields whose paths end with it ("lr").
std::vector<std::string> CompleteField(absl::string_view word,
                                       const google::protobuf::Descriptor& root,
                                       FieldUse use);

/// `PATH=VALUE` for the few values that the field at `path` can have: names of
/// an enumeration, true and false. Empty for others and where there is no such
/// field. The caller leaves out those that do not go on with what was typed.
std::vector<std::string> CompleteValue(
    absl::string_view path, const google::protobuf::Descriptor& root);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_FIELD_COMPLETION_H_
