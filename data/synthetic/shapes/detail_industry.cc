// Industry and energy.

#include <cstdlib>

#include "data/synthetic/scene/land.h"
#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/detail_parts.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

using enum Part;

Part ChimneyAt(const Variant&, int u, int v) {
  const int w = std::abs(v);
  const int radius = 215 - 7 * u / 100;
  if (u < -850 || u > 800) {
    const int end = u < 0 ? -850 + 65 : 800;
    if (u > 1000 || u < -1000) return kOutside;
    const int off = u < 0 ? end - u : u - end;
    const int r = u < 0 ? 270 : 160;
    if (u > 0 && InEllipse(u, v, 800, 0, 190, 160)) {
      return InEllipse(u, v, 810, 0, 120, 100) ? kDark : kLight;
    }
    return off >= 0 && off * off + w * w <= r * r ? kBody : kOutside;
  }
  if (InEllipse(u, v, 800, 0, 190, 160)) {
    return InEllipse(u, v, 810, 0, 120, 100) ? kDark : kLight;
  }
  if (w > radius) return kOutside;
  if (u > 150) return Within(u, 330) < 140 ? kLight : kBody;
  return kBody;
}

Part DamAt(const Variant& object, int u, int v) {
  // Some dams bow towards the water above, v < 0.
  const int bow = Draw(object, 10, 0, 2) == 0 ? 260 : 0;
  const int off = v + bow - bow * (u / 10) * (u / 10) / 10000;
  if (std::abs(u) > 1000 || off < -70 || off > 150) return kOutside;
  const int gates = Draw(object, 11, 180, 360);
  const int place = Draw(object, 12, -250, 250);
  const bool gate = std::abs(u - place) < gates;
  if (off < -45) return kLight;
  if (off < 5) return off > -30 && off < -10 ? kAsphalt : kConcrete;
  if (off < 20) return kDark;
  if (gate) return Within(u, 70) < 14 ? kDark : kMarking;
  return Within(off, 40) < 8 ? kGravel : kConcrete;
}

Part StorageTankAt(const Variant& object, int u, int v) {
  if (!InDisc(u, v, 0, 0, 1000)) return kOutside;
  if (!InDisc(u, v, 0, 0, 950)) return kLight;
  const bool floating = Draw(object, 122, 0, 2) == 0;
  if (floating) {
    if (!InDisc(u, v, 0, 0, 880)) return kGravel;
    return InRect(u, v, -860, -25, 0, 25) ? kDark : kBody;
  }
  if (InDisc(u, v, 0, 0, 70)) return kDark;
  const int r2 = (u * u + v * v) / 1000;
  if (r2 > 290 && r2 < 312) return kGravel;
  if (v > -22 && v < 22 && u > 0) return kGravel;
  return kBody;
}

Part WindmillAt(const Variant& object, int u, int v) {
  // The hub is at (330, 0): the tower leans from its foot at -1000.
  const int hub = 330;
  const int turn = Draw(object, 124, 0, 20);
  if (InDisc(u, v, hub, 0, 62)) return kConcrete;
  for (int i = 0; i < 3; ++i) {
    const int angle = turn + 21 * i + (i == 2 ? 1 : 0);
    const int c = CosOf(angle);
    const int s = SinOf(angle);
    const int along = ((u - hub) * c + v * s) >> 14;
    const int across = std::abs(((u - hub) * -s + v * c) >> 14);
    if (along >= 0 && along <= 640 && across <= 50 - 4 * along / 100) {
      return kLight;
    }
  }
  const int w = std::abs(v);
  if (u < hub && u >= -1000 && w <= 40 - u / 50) return kLight;
  return InDisc(u, v, -920, 0, 78) ? kConcrete : kOutside;
}

}  // namespace transect
