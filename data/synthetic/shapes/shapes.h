/// \file
/// The outlines and parts of the 20 categories, seen from above, as integer
/// functions of a point.
#ifndef TRANSECT_DATA_SYNTHETIC_SHAPES_SHAPES_H_
#define TRANSECT_DATA_SYNTHETIC_SHAPES_SHAPES_H_

#include <cstdint>

namespace transect {

/// What a point of an object is made of; a style gives each its color. kBody
/// has the object's own, named color.
enum class Part : uint8_t {
  kOutside,
  kBody,
  kLight,
  kDark,
  kGrass,
  kFairway,
  kSoil,
  kSand,
  kAsphalt,
  kConcrete,
  kRoof,
  kGlass,
  kMarking,
  kRail,
  kGravel,
  kPond,
};
inline constexpr int kParts = 16;

/// The part of category `category` at (u, v), thousandths of its half length: u
/// along the long axis, v across. Everything beyond 1000 in u or 1100 in v is
/// outside.
Part PartAt(int category, int u, int v);

/// True where a top view shows water under or beside the object (ships,
/// harbors, bridges, dams); not part of the mask. Reaches to 1300.
bool WaterAt(int category, int u, int v);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SHAPES_SHAPES_H_
