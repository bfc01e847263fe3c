// refs(unc).p of the layout RRSISD. Internal to its reader.
#ifndef TRANSECT_DATA_ANNOTATIONS_RRSISD_REFERENCES_H_
#define TRANSECT_DATA_ANNOTATIONS_RRSISD_REFERENCES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/annotations/sentence_fields.h"

namespace transect {

// One sentence of a reference.
struct RrsisdSentence {
  // -1 where it has none.
  int64_t id = -1;
  SentenceFields fields;
};

// An element of refs(unc).p.
struct RrsisdReference {
  int64_t id = 0;
  int64_t image_id = 0;
  int64_t annotation_id = 0;
  int64_t category = 0;
  int split = 0;
  // Empty where it has none.
  std::string file_name;
  std::vector<RrsisdSentence> sentences;
  // Nothing where it has none.
  std::optional<std::vector<int64_t>> sentence_ids;
  std::string place;
};

// Reads the file: each element must have ids of itself, its image and its
// annotation, a split, a category and at least one sentence; no ref_id occurs
// twice. kResourceExhausted where the references would take more than
// kMaxHeldBytes: in a pickle they can share what each of them holds here.
absl::StatusOr<std::vector<RrsisdReference>> ReadRrsisdReferences(
    const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_RRSISD_REFERENCES_H_
