// What a record says of its sentence, and whether its fields agree. Internal to
// the readers.
#ifndef TRANSECT_DATA_ANNOTATIONS_SENTENCE_FIELDS_H_
#define TRANSECT_DATA_ANNOTATIONS_SENTENCE_FIELDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"

namespace transect {

// Nothing where the record has no such field.
struct SentenceFields {
  std::optional<std::string> sent;
  std::optional<std::string> raw;
  std::optional<std::vector<std::string>> tokens;
};

// Gives the record the sentence in `field`, and sentence_mismatch if another
// field has other words: letters and digits, whatever their case and whatever
// lies between them. kInvalidArgument if there is no such field.
absl::Status SetSentence(const SentenceFields& fields,
                         FoundDataset::SentenceField field,
                         IndexedRecord* record);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_SENTENCE_FIELDS_H_
