/// \file
/// The outlines and parts of the 20 categories in scenes that are to scale:
/// true proportions, fine parts and variants, where shapes.h has icons that can
/// be told apart at twenty pixels.
#ifndef TRANSECT_DATA_SYNTHETIC_SHAPES_DETAIL_H_
#define TRANSECT_DATA_SYNTHETIC_SHAPES_DETAIL_H_

#include <array>
#include <cstdint>

#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

/// What tells an object's shape from others of its category.
struct Variant {
  explicit Variant(const SceneObject& object);

  int category;
  int half_width;
  uint32_t look;
  /// Random bits for the n-th decision, a function of the look.
  std::array<uint32_t, 128> draws;
  /// Half width of a highway in thousandths of the half length of the overpass
  /// or toll station on it; half the width of the object beside the highway for
  /// a service area. Decides their size or place; 0 for all other categories.
  int road_half;
};

/// The part of an object at (u, v), thousandths of its half length: u along the
/// long axis, v across. Everything beyond 1000 in u or 1100 in v is outside.
Part DetailAt(const Variant& object, int u, int v);

/// How far the object reaches across, in thousandths of its half length, at
/// least: everything with a larger |v| is outside. No more than 1100.
int ReachAcross(const Variant& object);

/// v of the waterfront of a harbor: land below, water and piers above.
inline constexpr int kWaterfront = -260;
/// How far from the waterfront the piers of a harbor reach.
inline constexpr int kPierLength = 620;

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SHAPES_DETAIL_H_
