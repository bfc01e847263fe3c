#include "data/synthetic/scene/land.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace transect {
namespace {

// A quarter of a turn: round(16384 sin(2 pi k / 64)).
constexpr int kSines[17] = {0,     1606,  3196,  4756,  6270,  7723,
                            9102,  10394, 11585, 12665, 13623, 14449,
                            15137, 15679, 16069, 16305, 16384};

// Parts of 256 of its full width that a river keeps below a dam.
constexpr int kBelowDam = 90;

}  // namespace

int SinOf(int angle) {
  const int quarter = angle & 15;
  const int sine = kSines[(angle & 16) == 0 ? quarter : 16 - quarter];
  return (angle & 32) == 0 ? sine : -sine;
}

int CosOf(int angle) { return SinOf(angle + kDirections / 4); }

int Land::Steps(int decimeters, int least) const {
  return std::max(decimeters * 10 * kFrameSteps / gsd_cm, least * kFrameSteps);
}

int Land::RiverHalfAt(int u) const {
  // The nearest dam below decides.
  int below = std::numeric_limits<int>::max();
  for (const Barrage& barrage : barrages) {
    if (barrage.u <= u) {
      below = std::min(below, u - barrage.u);
    }
  }
  const int varied = water_half + ShoreAt(u + 900) / 6;
  if (barrages.empty()) {
    return varied;
  }
  const int full = size * kFrameSteps * 6 / 10;
  const int drop = (256 - kBelowDam) * std::min(below, full) / full;
  return varied * (256 - drop) / 256;
}

int Land::WaterlineAt(int u) const {
  return water_center + BendAt(u) +
         (water == Water::kRiver ? ShoreAt(u) / 2 : ShoreAt(u));
}

FramePoint Land::ToFrame(int x, int y) const {
  const int64_t dx = x - size * 128;
  const int64_t dy = y - size * 128;
  const int64_t c = CosOf(angle);
  const int64_t s = SinOf(angle);
  return {static_cast<int>((dx * c + dy * s) >> 18),
          static_cast<int>((dy * c - dx * s) >> 18)};
}

void Land::FromFrame(FramePoint point, int* x, int* y) const {
  const int64_t c = CosOf(angle);
  const int64_t s = SinOf(angle);
  *x = static_cast<int>((point.u * c - point.v * s) >> 10) + size * 128;
  *y = static_cast<int>((point.u * s + point.v * c) >> 10) + size * 128;
}

int Land::WaterDepth(FramePoint point) const {
  if (water == Water::kNone) {
    return -size * kFrameSteps;
  }
  const int off = point.v - WaterlineAt(point.u);
  int depth =
      water == Water::kCoast ? off : RiverHalfAt(point.u) - std::abs(off);
  for (const Basin& basin : basins) {
    const int beside = basin.half_u - std::abs(point.u - basin.u);
    const int into = (point.v - basin.v) * basin.side;
    if (beside <= 0 || into > basin.depth || into < -basin.depth) {
      continue;
    }
    depth = into > 0 ? std::max(depth, std::min(beside, into))
                     : std::min(depth, -std::min(beside, -into));
  }
  return depth;
}

int Land::RoadDistance(FramePoint point) const {
  int nearest = size * kFrameSteps;
  const int v = point.v - BendAt(point.u);
  for (const Band& band : bands) {
    nearest = std::min(nearest, std::abs(v - band.center) - band.half);
  }
  for (const CrossRoad& road : cross_roads) {
    if (point.v >= road.v_least && point.v <= road.v_most) {
      nearest = std::min(nearest, std::abs(point.u - road.u) - road.half);
    }
  }
  return nearest;
}

const Band* Land::FindBand(Band::Kind kind) const {
  for (const Band& band : bands) {
    if (band.kind == kind) {
      return &band;
    }
  }
  return nullptr;
}

}  // namespace transect
