// Sports grounds.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/detail_parts.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

using enum Part;

Part BaseballFieldAt(const Variant& object, int u, int v) {
  const int depth = u + 750;
  if (std::abs(v) > depth + 40 || depth < 0 || !InDisc(depth, v, 0, 0, 1500)) {
    return kOutside;
  }
  const bool grass_infield = Draw(object, 8, 0, 3) != 0;
  const int from_base = std::abs(std::abs(v) - depth);
  if (from_base <= 9 && depth > 60) return kMarking;
  if (std::abs(depth - 400) + std::abs(v) <= 300 && grass_infield) {
    return InDisc(depth, v, 420, 0, 55) ? kSoil : kGrass;
  }
  for (const int base : {-1, 1}) {
    if (InDisc(depth, v, 400, base * 385, 26)) return kLight;
  }
  if (InDisc(depth, v, 790, 0, 24)) return kLight;
  if (InDisc(depth, v, 330, 0, 640) && std::abs(v) <= depth + 40) return kSoil;
  if (!InDisc(depth, v, 0, 0, 1400)) return kSoil;
  return kGrass;
}

Part BasketballCourtAt(const Variant& object, int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a > 1000 || w > 580) return kOutside;
  const bool framed = Draw(object, 9, 0, 1) == 0;
  if (a > 915 || w > 500) return framed ? kFairway : kBody;
  if (a > 892 || w > 477 || a <= 11) return kMarking;
  const int circle = u * u + v * v;
  if (circle >= 118 * 118 && circle <= 136 * 136) return kMarking;
  const int from = 850 - a;
  const int arc = (from * from + v * v) / 1000;
  if (arc >= 176 && arc <= 194 && from >= 0) return kMarking;
  if (a >= 520 && w <= 165) {
    return a <= 540 || w >= 146 ? kMarking : (framed ? kRoof : kBody);
  }
  return kBody;
}

Part GolfFieldAt(const Variant& object, int u, int v) {
  // Overlapping ovals along the course.
  bool inside = false;
  bool fairway = false;
  for (int i = 0; i < 5; ++i) {
    const int cu = -760 + 380 * i;
    const int cv = Draw(object, 20 + i, -260, 260);
    const int hu =
        std::min(Draw(object, 30 + i, 300, 420), 1000 - std::abs(cu));
    const int hv = Draw(object, 40 + i, 320, 520);
    inside |= InEllipse(u, v, cu, cv, hu, hv);
  }
  if (!inside) return kOutside;
  for (int i = 0; i < 6; ++i) {
    const int cu = Draw(object, 50 + i, -700, 700);
    const int cv = Draw(object, 60 + i, -330, 330);
    if (InDisc(u, v, cu, cv, 52)) return kFairway;
    for (int j = 0; j < 2; ++j) {
      const int bu = cu + Draw(object, 70 + 2 * i + j, -120, 120);
      const int bv = cv + (j == 0 ? 95 : -100);
      if (InEllipse(u, v, bu, bv, 60, 34)) return kSand;
    }
    // Fairways lead from one green to the next.
    const int nu = Draw(object, 50 + (i + 1) % 6, -700, 700);
    const int nv = Draw(object, 60 + (i + 1) % 6, -330, 330);
    const int64_t du = nu - cu;
    const int64_t dv = nv - cv;
    const int64_t length2 = std::max<int64_t>(du * du + dv * dv, 1);
    const int64_t along = (u - cu) * du + (v - cv) * dv;
    const int64_t t = along * 1000 / length2;
    if (t > 60 && t < 800) {
      const int64_t across = ((v - cv) * du - (u - cu) * dv);
      // 75 thousandths to either side.
      fairway |= across * across <= length2 * 75 * 75;
    }
  }
  if (InEllipse(u, v, Draw(object, 90, -500, 500), Draw(object, 91, -200, 200),
                Draw(object, 92, 90, 160), 70)) {
    return kPond;
  }
  return fairway ? kFairway : kGrass;
}

Part GroundTrackFieldAt(const Variant& object, int u, int v) {
  if (!InOval(u, v, 470, 530)) return kOutside;
  if (!InOval(u, v, 470, 400)) {
    for (int lane = 0; lane < 5; ++lane) {
      const int r = 418 + 22 * lane;
      if (InOval(u, v, 470, r + 3) && !InOval(u, v, 470, r - 3)) {
        return kMarking;
      }
    }
    return kBody;
  }
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a <= 520 && w <= 330) {
    if (a >= 508 || w >= 318 || a <= 6) return kMarking;
    const int circle = u * u + v * v;
    if (circle >= 84 * 84 && circle <= 96 * 96) return kMarking;
    if (a >= 395 && w <= 180 && (a <= 406 || w >= 170)) return kMarking;
    return Within(u, 170) < 85 ? kGrass : kFairway;
  }
  // The ends behind the goals.
  if (a > 600 && w < 300) return Draw(object, 13, 0, 1) == 0 ? kBody : kGrass;
  return kGrass;
}

Part StadiumAt(const Variant& object, int u, int v) {
  const int half = Draw(object, 120, 740, 880);
  if (!InEllipse(u, v, 0, 0, 1000, half)) return kOutside;
  if (InEllipse(u, v, 0, 0, 520, half - 430)) {
    const int a = std::abs(u);
    const int w = std::abs(v);
    if (a <= 400 && w <= half - 560) {
      if (a >= 390 || w >= half - 572 || a <= 5) return kMarking;
      const int circle = u * u + v * v;
      if (circle >= 68 * 68 && circle <= 78 * 78) return kMarking;
      return Within(u, 130) < 65 ? kGrass : kFairway;
    }
    return Draw(object, 121, 0, 1) == 0 ? kSoil : kGrass;
  }
  // Seats inside, a ring of roof with ribs outside.
  if (InEllipse(u, v, 0, 0, 640, half - 320)) {
    return InEllipse(u, v, 0, 0, 575, half - 378) ? kGravel : kDark;
  }
  if (InEllipse(u, v, 0, 0, 665, half - 297)) return kLight;
  const int64_t turn = int64_t{u} * v;
  const bool rib = (std::abs(turn) / 22000) % 2 == 0 && std::abs(u) % 140 < 12;
  return rib ? kLight : kBody;
}

Part TennisCourtAt(const Variant& object, int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a > 1000 || w > 560) return kOutside;
  if (a > 980 || w > 540) return kLight;
  if (a > 700 || w > 330) {
    return Draw(object, 123, 0, 1) == 0 ? kFairway : kSoil;
  }
  if (a > 682 || w > 314) return kMarking;
  if (a <= 12) return kDark;
  if (w >= 236 && w <= 250) return kMarking;
  if (a >= 366 && a <= 380 && w < 240) return kMarking;
  return a < 370 && w <= 8 ? kMarking : kBody;
}

}  // namespace transect
