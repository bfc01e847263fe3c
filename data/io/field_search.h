/// \file
/// The field that was meant, where a message has none of a name: the one search
/// for files, `--set`, axes and `transect help`.
#ifndef TRANSECT_DATA_IO_FIELD_SEARCH_H_
#define TRANSECT_DATA_IO_FIELD_SEARCH_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"

namespace transect {

/// Names of the fields of a message, in the order of the schema.
std::vector<std::string> FieldNames(const google::protobuf::Descriptor& type);

/// Paths of all fields below `root` that end with the names in `end`
/// ("rank", "lora.rank"), in the order of the schema. A message type inside of
/// itself is not entered twice, and one that was found outside of a list is not
/// entered in the list.
std::vector<std::string> PathsEndingWith(
    absl::string_view end, const google::protobuf::Descriptor& root);

/// The field at `path` below `root`; null where there is none. Leads through
/// lists too.
const google::protobuf::FieldDescriptor* FindField(
    absl::string_view path, const google::protobuf::Descriptor& root);

/// A message on the way to the place where a field was named.
struct FieldPlace {
  const google::protobuf::Descriptor* type;
  /// As the path of a field in it begins there: "base.training"; may be empty.
  std::string path;
};

/// What may have been meant by a name.
struct MeantFields {
  /// Fields of the message itself with a near name.
  std::vector<std::string> own;
  /// Paths of fields elsewhere, each from its FieldPlace on: those that are
  /// called so, else those with a near name.
  std::vector<std::string> paths;
  /// Whether these are inside of the message.
  bool inside = false;
};

/// The fields that `name`, which the last of `around` does not have, may have
/// been meant for: of these messages, the outermost first, the innermost that
/// holds one at any depth. Fields that are called `name`, or that it spells out
/// (learning_rate for lr), come before others. `more_own` are names that are
/// also right in the last message.
MeantFields FindMeantFields(absl::string_view name,
                            absl::Span<const FieldPlace> around,
                            const std::vector<std::string>& more_own = {});

/// The same as `; did you mean "a" or "b"?`, else as a list of what the last
/// message has: `; it can be a, b`.
std::string DidYouMeanField(absl::string_view name,
                            absl::Span<const FieldPlace> around,
                            const std::vector<std::string>& more_own = {});

/// The same for a text file, where a field deeper inside is written as it is
/// there: `"optimizer { lr: ... }", which is base.training.optimizer.lr`.
std::string WayToField(absl::string_view name,
                       absl::Span<const FieldPlace> around);

/// The enumerators that fields called `name` can have, wherever they are below
/// `root`.
std::vector<std::string> EnumeratorsOf(
    const std::string& name, const google::protobuf::Descriptor& root);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_FIELD_SEARCH_H_
