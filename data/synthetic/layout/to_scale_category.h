/// \file
/// How long the objects of a category are on the ground, where they belong and
/// what surrounds them. Plans of scenes to scale follow it.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_CATEGORY_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_CATEGORY_H_

#include <cstdint>
#include <vector>

#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Surroundings in which categories occur; two that share one occur together.
enum Surroundings : uint8_t {
  kCoast = 1,
  kRiver = 2,
  kTown = 4,
  kRoadside = 8,
  kField = 16,
  kOpen = 32,
};

/// Where an object of a category has to be.
enum class Habitat : uint8_t {
  kLand,
  kWater,
  kShore,
  kCrossing,
  kOnHighway,
  kBesideHighway,
  kOnRailway,
  kOnApron,
};

/// What a category is in scenes to scale.
struct ToScaleCategory {
  /// Full length in meters.
  int least_m;
  int most_m;
  /// Full length in pixels below which it is a blob.
  int least_px;
  Habitat habitat;
  uint8_t surroundings;
};

/// Of category 0 to 19.
const ToScaleCategory& ToScaleOf(int category);

/// Lengths in pixels that a category has in an image; empty if most < least.
struct Lengths {
  int least;
  int most;
  bool empty() const { return most < least; }
};

/// At a ground sample distance of `gsd_cm` centimeters per pixel, in images of
/// `size` pixels.
Lengths LengthsAt(int category, int gsd_cm, int size);

/// The ground sample distances within the recipe's range that show the
/// category, in centimeters per pixel, ascending.
std::vector<int> GroundSampleDistances(const SynthesisSpec& spec, int category);

/// True if an object has to be in `habitat`.
bool Needs(const std::vector<SceneObject>& objects, Habitat habitat);

/// A draw of least .. most.
inline int Between(Philox* random, int least, int most) {
  return least + static_cast<int>(random->NextBelow(most - least + 1));
}

/// One of `choices`, which has some.
template <typename Range>
auto OneOf(Philox* random, const Range& choices) {
  return choices[random->NextBelow(choices.size())];
}

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_CATEGORY_H_
