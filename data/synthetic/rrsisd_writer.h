/// \file
/// Writes scenes as a data set in the RRSIS-D layout
/// (data/annotations/annotations.h describes it).
#ifndef TRANSECT_DATA_SYNTHETIC_RRSISD_WRITER_H_
#define TRANSECT_DATA_SYNTHETIC_RRSISD_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "data/annotations/pickle.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Collects the annotations of a data set and writes its files. Images go to
/// disk one by one; the three files of annotations with Finish.
class RrsisdWriter {
 public:
  /// Writes below `root`; Start makes the directories.
  explicit RrsisdWriter(std::string root);

  absl::Status Start();

  /// Writes image and XML of `scene` as id `id`, and keeps its annotations.
  /// Ids must ascend; `jpeg` is the image file.
  absl::Status Add(int64_t id, absl::string_view split, const Scene& scene,
                   absl::string_view jpeg);

  /// Writes refs, instances and scenes.
  absl::Status Finish() &&;

 private:
  std::string root_;
  PickleWriter refs_;
  // Bodies of the JSON arrays "images" and "annotations".
  std::string images_;
  std::string annotations_;
  std::string scenes_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RRSISD_WRITER_H_
