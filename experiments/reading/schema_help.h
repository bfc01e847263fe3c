/// \file
/// A schema with its comments, and the help for a terminal that they give.
/// Descriptors that are compiled in have no comments.
#ifndef TRANSECT_EXPERIMENTS_READING_SCHEMA_HELP_H_
#define TRANSECT_EXPERIMENTS_READING_SCHEMA_HELP_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"

namespace transect {

/// Message types with their comments.
class DocumentedSchema {
 public:
  /// `files` is a FileDescriptorSet with source information, whole.
  explicit DocumentedSchema(absl::Span<const unsigned char> files);

  /// The type of that full name, which must be there.
  const google::protobuf::Descriptor& Find(const std::string& type) const;

 private:
  google::protobuf::DescriptorPool pool_;
};

/// Type and default of the field, whether it enters ids, its comment (meaning,
/// unit, range), and the fields of a message or the names of an enumeration
/// with their comments. `path` is what the text calls the field.
std::string HelpOfField(absl::string_view path,
                        const google::protobuf::FieldDescriptor& field);

/// Each field of a message with type, default and comment.
std::string HelpOfFields(const google::protobuf::Descriptor& type);

/// "training.steps: int64, default 76200".
std::string FieldHeadline(absl::string_view path,
                          const google::protobuf::FieldDescriptor& field);

/// The comment as far as its first sentence goes.
std::string FirstSentence(const google::protobuf::FieldDescriptor& field);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_SCHEMA_HELP_H_
