// What serves traffic on roads, rails, water and in the air.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/scene/noise.h"
#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/detail_parts.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

using enum Part;

Part ServiceAreaAt(const Variant& object, int u, int v) {
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

Part TollStationAt(const Variant& object, int u, int v) {
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

Part AirplaneAt(const Variant& object, int u, int v) {
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

Part AirportAt(const Variant& object, int u, int v) {
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

Part BridgeAt(const Variant& object, int u, int v) {
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

Part HarborAt(const Variant& object, int u, int v) {
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

Part OverpassAt(const Variant& object, int u, int v) {
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

Part ShipAt(const Variant& object, int u, int v) {
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

Part TrainStationAt(const Variant& object, int u, int v) {
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

Part VehicleAt(const Variant& object, int u, int v) {
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

}  // namespace transect
