/// \file
/// Fields of a message by path, such as `model.rsrefseg.sam.lora.rank`: how
/// axes name what they vary.
///
/// A path leads through singular messages to one singular scalar or enum field.
/// It is checked against the descriptor once, by Parse, before any message
/// exists.
#ifndef TRANSECT_EXPERIMENTS_READING_FIELD_PATH_H_
#define TRANSECT_EXPERIMENTS_READING_FIELD_PATH_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace transect {

/// A checked path. Copies are cheap; descriptors must outlive it.
class FieldPath {
 public:
  /// Errors (kInvalidArgument): an empty path, a name that the message at that
  /// point does not have (with the nearest ones), a path that goes on below a
  /// scalar, ends at a message, or meets a repeated field.
  static absl::StatusOr<FieldPath> Parse(
      absl::string_view path, const google::protobuf::Descriptor& root);

  /// As it was written.
  const std::string& text() const { return text_; }

  /// From the root to the field.
  const std::vector<const google::protobuf::FieldDescriptor*>& fields() const {
    return fields_;
  }

  /// The canonical text of a value (scalar_text.h): "5e-1" and "0.5" both give
  /// "0.5". Errors as ParseScalar.
  absl::StatusOr<std::string> Canonical(absl::string_view value) const;

  /// Sets the field in `root`, whose descriptor must be that of Parse. Messages
  /// on the way are made. To enter another member of a oneof than the one that
  /// is set is kFailedPrecondition and changes nothing: it would throw away
  /// what is written there. Bad values are errors as in ParseScalar.
  absl::Status Set(absl::string_view value,
                   google::protobuf::Message* root) const;

  /// The canonical text of the field's value in `root`; nothing where the field
  /// or a message on the way is absent.
  std::optional<std::string> Get(const google::protobuf::Message& root) const;

  /// The same, with the default of the schema where Get has nothing.
  std::string GetOrDefault(const google::protobuf::Message& root) const;

 private:
  std::string text_;
  std::vector<const google::protobuf::FieldDescriptor*> fields_;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_FIELD_PATH_H_
