// instances.json of the layout RRSISD. Internal to its reader.
#ifndef TRANSECT_DATA_ANNOTATIONS_RRSISD_INSTANCES_H_
#define TRANSECT_DATA_ANNOTATIONS_RRSISD_INSTANCES_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "data/annotations/record.pb.h"
#include "data/masks/segmentation_json.h"

namespace transect {

// An entry of "annotations": mask, box, area, category (-1 where RRSIS-D has no
// such one), and what is wrong with them.
struct RrsisdAnnotation {
  int64_t image_id = 0;
  IndexedRecord record;
};

// An entry of "images"; empty and 0 x 0 where it does not say.
struct RrsisdImage {
  std::string file_name;
  GivenSize size;
};

struct RrsisdInstances {
  // All by id.
  absl::flat_hash_map<int64_t, RrsisdAnnotation> annotations;
  absl::flat_hash_map<int64_t, RrsisdImage> images;
  absl::flat_hash_map<int64_t, std::string> categories;
};

bool IsRrsisdCategory(int64_t id);

// "category 20, must be 0 to 19".
std::string WrongRrsisdCategory(int64_t id);

// Reads the file. An annotation must have an id, an image and a category;
// entries of the other two lists that have no id are passed over, because a run
// can do without them.
absl::StatusOr<RrsisdInstances> ReadRrsisdInstances(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_RRSISD_INSTANCES_H_
