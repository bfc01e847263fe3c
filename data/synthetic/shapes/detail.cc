#include "data/synthetic/shapes/detail.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/noise.h"

namespace transect {
namespace {

using enum Part;

// The n-th draw of an object's variant, least to most.
int Draw(const Variant& object, int n, int least, int most) {
  return least + static_cast<int>(object.draws[n] %
                                  static_cast<uint32_t>(most - least + 1));
}

bool InRect(int u, int v, int u1, int v1, int u2, int v2) {
  return u >= u1 && u <= u2 && v >= v1 && v <= v2;
}

bool InDisc(int u, int v, int center_u, int center_v, int radius) {
  const int du = u - center_u;
  const int dv = v - center_v;
  return du * du + dv * dv <= radius * radius;
}

bool InEllipse(int u, int v, int center_u, int center_v, int half_u,
               int half_v) {
  const int64_t a = int64_t{u - center_u} * half_v;
  const int64_t b = int64_t{v - center_v} * half_u;
  const int64_t limit = int64_t{half_u} * half_v;
  return a * a + b * b <= limit * limit;
}

bool InOval(int u, int v, int straight, int radius) {
  const int beyond = std::abs(u) - straight;
  return beyond <= 0 ? std::abs(v) <= radius : InDisc(beyond, v, 0, 0, radius);
}

// Position within a repeating pattern, counted from -4000.
int Within(int position, int period) { return (position + 4000) % period; }

Part ServiceArea(const Variant& object, int u, int v) {
  const int w = object.road_half;
  const int a = std::abs(u);
  // Ramps cut the corners on the side of the road, v > 0.
  if (a > 1000 || v < -w || v > w || (v > 0 && a - 1000 + v > w - 160)) {
    return kOutside;
  }
  if (v > w - 70) return kGrass;
  if (InRect(u, v, -380, -w + 60, 260, -w + 250)) {
    return std::abs(v + w - 155) <= 8 ? kMarking : kRoof;
  }
  // Roof over the pumps.
  const int pumps = Draw(object, 1, 430, 620);
  if (InRect(u, v, pumps, -60, pumps + 260, 110)) {
    return Within(u, 86) < 12 ? kDark : kLight;
  }
  if (v < -w + 90) return kGrass;
  if (InRect(u, v, -900, -w + 330, 330, -w + 420)) {
    return Within(u, 44) < 7 ? kMarking : kAsphalt;
  }
  if (InRect(u, v, -880, 60, 300, 190)) {
    return Within(u + v / 2, 90) < 9 ? kMarking : kAsphalt;
  }
  if (InRect(u, v, -880, 205, 300, 245)) return kGrass;
  return kAsphalt;
}

Part TollStation(const Variant& object, int u, int v) {
  const int road = object.road_half;
  const int a = std::abs(u);
  const int w = std::abs(v);
  const int wide = 640;
  if (a <= 120 && w <= wide + 60) {
    if (a >= 100 || w >= wide + 40) return kLight;
    return Draw(object, 2, 0, 1) == 0 ? kRoof : kGlass;
  }
  // The road widens towards the booths.
  const int half = a <= 420 ? wide : wide - (wide - road) * (a - 420) / 580;
  if (a > 1000 || w > half) return kOutside;
  const int lane = Within(v, 128);
  if (a <= 330 && (lane < 26 || lane > 102)) return kConcrete;
  if (a <= 520 && (lane < 7 || lane > 121)) return kMarking;
  if (w <= 14) return kMarking;
  return kAsphalt;
}

Part Airplane(const Variant& object, int u, int v) {
  const int w = std::abs(v);
  const int fuselage = Draw(object, 3, 88, 112);
  const int nose = u > 700
                       ? fuselage - fuselage * (u - 700) / 300 * (u - 700) / 300
                   : u < -500 ? fuselage + fuselage * (u + 500) / 700
                              : fuselage;
  if (u > 850 && u < 905 && w < nose - 12) return kDark;
  if (w <= nose) return w <= 10 ? kLight : kBody;
  const int sweep = Draw(object, 4, 45, 70);
  const int edge = 290 - sweep * w / 100;
  const int chord = 340 - 24 * w / 100;
  if (w <= 930 && u <= edge && u >= edge - chord) {
    return u < edge - chord + 40 ? kConcrete : kBody;
  }
  const int tail = -700 - 6 * w / 10;
  if (w <= 370 && u <= tail && u >= tail - 190 + w / 5) return kBody;
  // Engines before the wings.
  for (const int place : {320, 600}) {
    if (place == 600 && Draw(object, 5, 0, 2) != 0) continue;
    const int front = 290 - sweep * place / 100;
    if (std::abs(w - place) <= 42 && u > front && u <= front + 110) {
      return u > front + 85 ? kDark : kBody;
    }
  }
  return kOutside;
}

Part Airport(const Variant& object, int u, int v) {
  const int a = std::abs(u);
  const bool two = Draw(object, 6, 0, 1) == 0;
  const int low = two ? -420 : -190;
  const int high = 560 - std::max(0, a - 520) * 7 / 10;
  if (a > 1000 || v < low || v > high) return kOutside;
  for (const int runway : {-90, -330}) {
    if (runway == -330 && (!two || a > 800)) continue;
    const int off = std::abs(v - runway);
    const int end = runway == -330 ? 800 : 980;
    if (off <= 40 && a <= end) {
      if (a > end - 60 && a < end - 20) return off % 12 < 6 ? kMarking : kDark;
      if (off <= 4) return Within(u, 70) < 42 ? kMarking : kDark;
      return off >= 36 ? kMarking : kDark;
    }
  }
  if (std::abs(v - 110) <= 18 && a <= 940) return kAsphalt;
  for (const int link : {-930, -480, -40, 420, 930}) {
    if (std::abs(u - link - v / 6) <= 18 && v >= (two ? -330 : -90) &&
        v <= (a > 850 ? 110 : 260)) {
      return kAsphalt;
    }
  }
  const int place = Draw(object, 7, -200, 200);
  const int from = u - place;
  // Terminal with fingers, on its apron.
  if (InRect(from, v, -270, 400, 270, 470)) return kRoof;
  if (InRect(from, v, -250, 300, 250, 400) && Within(from, 150) < 34) {
    return kRoof;
  }
  if (InRect(from, v, -400, 210, 400, 480)) return kConcrete;
  if (InRect(from, v, -620, 330, -440, 450)) {
    return Within(u, 60) < 50 ? kLight : kAsphalt;
  }
  if (InRect(from, v, -400, 480, 400, 530)) return kAsphalt;
  return kGrass;
}

Part BaseballField(const Variant& object, int u, int v) {
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

Part BasketballCourt(const Variant& object, int u, int v) {
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

Part Bridge(const Variant& object, int u, int v) {
  const int w = std::abs(v);
  const int half = std::max(object.half_width, 20);
  if (std::abs(u) > 1000 || w > half) return kOutside;
  if (w >= half - std::max(half / 7, 4)) return kLight;
  if (w <= std::max(half / 20, 3)) return Within(u, 60) < 60 ? kMarking : kBody;
  if (std::abs(w - half / 2) <= std::max(half / 26, 2)) {
    return Within(u, 70) < 34 ? kMarking : kBody;
  }
  return Within(u, 400) < 14 ? kDark : kBody;
}

Part Chimney(const Variant&, int u, int v) {
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

Part Dam(const Variant& object, int u, int v) {
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

Part GolfField(const Variant& object, int u, int v) {
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

Part GroundTrackField(const Variant& object, int u, int v) {
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

Part Harbor(const Variant& object, int u, int v) {
  if (std::abs(u) > 1000) return kOutside;
  if (v >= kWaterfront - 170 && v <= kWaterfront) {
    if (v > kWaterfront - 22) return kLight;
    return InRect(Within(u, 330), v, 60, kWaterfront - 150, 250,
                  kWaterfront - 70)
               ? kRoof
               : kConcrete;
  }
  const int piers = Draw(object, 14, 3, 5);
  const int period = 2000 / piers;
  const int across = std::abs((u + 1000) % period - period / 2);
  const int reach = kWaterfront + kPierLength - Draw(object, 15, 0, 120);
  const bool wood = Draw(object, 16, 0, 1) == 0;
  if (v > kWaterfront && v <= reach) {
    const int half = 44;
    if (across <= half) return wood ? kSoil : kConcrete;
    // Fingers on both sides.
    if (across <= 150 && Within(v, 120) < 26 && v > kWaterfront + 80) {
      return wood ? kSoil : kLight;
    }
  }
  return kOutside;
}

Part Overpass(const Variant& object, int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  const int half = object.road_half;
  const int line = std::max(half / 22, 3);
  const auto road = [&](int along, int off) {
    if (off >= half - line * 2) return kLight;
    if (off <= line * 2) return kConcrete;
    if (std::abs(off - half / 2) <= line / 2 + 1) {
      return Within(along, 90) < 45 ? kMarking : kAsphalt;
    }
    return kAsphalt;
  };
  // The upper road runs along v.
  if (w <= 1000 && a <= half) return road(v, a);
  if (a <= 1000 && w <= half) {
    return a <= half + 40 ? kDark : road(u, w);
  }
  // Ramps in two or four of the corners.
  const bool all = Draw(object, 17, 0, 1) == 0;
  if (all || (u > 0) == (v > 0)) {
    const int du = a - half;
    const int dv = w - half;
    const int inner = 420;
    const int outer = inner + std::max(half * 6 / 10, 60);
    const int from = (du - outer) * (du - outer) + (dv - outer) * (dv - outer);
    if (du >= 0 && dv >= 0 && du <= outer && dv <= outer &&
        from >= inner * inner && from <= outer * outer) {
      const int edge = outer - 14;
      return from >= edge * edge ? kLight : kAsphalt;
    }
  }
  return kOutside;
}

Part Ship(const Variant& object, int u, int v) {
  const int w = std::abs(v);
  const int half = Draw(object, 18, 140, 230);
  const int taper = std::max(u - 450, 0);
  const int stern = std::max(-850 - u, 0);
  const int beam = half - half * taper / 550 * taper / 550 - stern;
  if (std::abs(u) > 1000 || w > beam) return kOutside;
  if (w > beam - 22) return kBody;
  const int kind = Draw(object, 19, 0, 2);
  if (InRect(u, w, -800, 0, -600, half - 40)) {
    return InRect(u, w, -760, 0, -640, half - 90) ? kConcrete : kLight;
  }
  if (kind == 0 && u > -560 && u < 560) {
    // Hatches.
    return Within(u, 190) < 150 && w < half - 60 ? kDark : kBody;
  }
  if (kind == 1 && u > -560 && u < 620 && w < half - 34) {
    // Stacked boxes.
    const uint32_t box =
        HashPoint((u + 2000) / 92, (v + 2000) / 58, object.look);
    if (Within(u, 92) < 8) return kDark;
    return box % 4 == 0 ? kRoof : box % 4 == 1 ? kGlass : kBody;
  }
  if (kind == 2 && w < 22 && u > -600 && u < 700) return kDark;
  return kBody;
}

Part Stadium(const Variant& object, int u, int v) {
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

Part StorageTank(const Variant& object, int u, int v) {
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

Part TennisCourt(const Variant& object, int u, int v) {
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

Part TrainStation(const Variant& object, int u, int v) {
  const int w = std::max(object.half_width, 60);
  const int hall = w * 16 / 10;
  // The hall on one side of the tracks.
  if (InRect(u, v, -420, -w - hall / 2, 420, -w)) {
    const int half = -w - hall / 4;
    return std::abs(v - half) <= 8 ? kMarking : kBody;
  }
  if (std::abs(u) > 1000 || std::abs(v) > w) return kOutside;
  const int period = std::max(w / 2, 40);
  const int across = Within(v, period);
  if (std::abs(u) <= 900 && across < period * 55 / 100) {
    if (across < 5 || std::abs(u) > 880) return kLight;
    return std::abs(u) <= 720 ? (Within(u, 120) < 10 ? kDark : kBody)
                              : kConcrete;
  }
  const int rail = across * 100 / period;
  return (rail > 66 && rail < 72) || (rail > 84 && rail < 90) ? kRail : kGravel;
}

Part Vehicle(const Variant& object, int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  const int half = object.half_width;
  if (a > 1000 || w > half || (a > 930 && w > half - (a - 930))) {
    return kOutside;
  }
  if (half < 260) {
    // A lorry or a coach: the cab in front.
    if (u > 600 && u < 650) return kDark;
    if (u > 830 && u < 900 && w < half - 40) return kDark;
    return kBody;
  }
  if (u > 250 && u < 430 && w < half - 60) return kDark;
  if (u > -740 && u < -620 && w < half - 70) return kDark;
  return kBody;
}

Part Windmill(const Variant& object, int u, int v) {
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

}  // namespace

Variant::Variant(const SceneObject& object)
    : category(object.category),
      half_width(object.half_width),
      look(object.look) {
  for (int n = 0; n < static_cast<int>(draws.size()); ++n) {
    draws[n] = HashPoint(n, 77, look);
  }
  switch (category) {
    case kOverpass:
      road_half = Draw(*this, 0, 150, 240);
      break;
    case kTollStation:
      road_half = Draw(*this, 0, 300, 400);
      break;
    case kServiceArea:
      road_half = Draw(*this, 0, 460, 600);
      break;
    default:
      road_half = 0;
  }
}

Part DetailAt(const Variant& object, int u, int v) {
  if (std::abs(u) > 1000 || std::abs(v) > 1100) return kOutside;
  switch (object.category) {
    case kServiceArea:
      return ServiceArea(object, u, v);
    case kTollStation:
      return TollStation(object, u, v);
    case kAirplane:
      return Airplane(object, u, v);
    case kAirport:
      return Airport(object, u, v);
    case kBaseballField:
      return BaseballField(object, u, v);
    case kBasketballCourt:
      return BasketballCourt(object, u, v);
    case kBridge:
      return Bridge(object, u, v);
    case kChimney:
      return Chimney(object, u, v);
    case kDam:
      return Dam(object, u, v);
    case kGolfField:
      return GolfField(object, u, v);
    case kGroundTrackField:
      return GroundTrackField(object, u, v);
    case kHarbor:
      return Harbor(object, u, v);
    case kOverpass:
      return Overpass(object, u, v);
    case kShip:
      return Ship(object, u, v);
    case kStadium:
      return Stadium(object, u, v);
    case kStorageTank:
      return StorageTank(object, u, v);
    case kTennisCourt:
      return TennisCourt(object, u, v);
    case kTrainStation:
      return TrainStation(object, u, v);
    case kVehicle:
      return Vehicle(object, u, v);
    case kWindmill:
      return Windmill(object, u, v);
    default:
      return kOutside;
  }
}

}  // namespace transect
