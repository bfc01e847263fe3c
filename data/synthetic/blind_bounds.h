/// \file
/// The scores that a synthetic data set gives without reading the sentence or
/// looking at the image: the baseline of every result.
#ifndef TRANSECT_DATA_SYNTHETIC_BLIND_BOUNDS_H_
#define TRANSECT_DATA_SYNTHETIC_BLIND_BOUNDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Mean IoU over the images of one split, 0 to 1.
struct BlindBound {
  std::string split;
  int64_t images = 0;
  /// Of the mask of all objects.
  double all_objects = 0;
  /// Of one constant mask, the place where named objects are most often: among
  /// the sets of pixels that a named object covers in at least k of 16 steps
  /// of the largest count, the one with the highest mean IoU. Both counts and
  /// choice are made on the first split that has images, usually train.
  double frequent_place = 0;
};

/// Collects scenes of one image size.
class BlindBounds {
 public:
  void Add(absl::string_view split, const Scene& scene);

  /// One entry per split in the order of Add.
  std::vector<BlindBound> Compute() const;

  /// Contents of kBlindBoundsFile.
  std::string Json() const;

 private:
  struct Item {
    int split;
    double all_objects;
    int64_t area;
    // Runs of the target's mask: first pixel and length.
    std::vector<uint32_t> runs;
  };

  int size_ = 0;
  std::vector<std::string> splits_;
  std::vector<Item> items_;
};

/// Path of the record below the data set's root.
inline constexpr char kBlindBoundsFile[] = "blind_bounds.json";

/// Reads the record of the data set at `root`: what Json wrote. kNotFound if
/// there is none, as in data sets that are not synthetic; kInvalidArgument,
/// which names the file, for anything else than such a record.
absl::StatusOr<std::vector<BlindBound>> ReadBlindBounds(absl::string_view root);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_BLIND_BOUNDS_H_
