#include "data/synthetic/shapes/shapes.h"

#include <cstddef>
#include <cstdlib>
#include <iterator>

#include "data/synthetic/scene/category.h"
#include "data/synthetic/shapes/point_tests.h"

namespace transect {
namespace {

using enum Part;

bool InRing(int u, int v, int center_u, int center_v, int inner, int outer) {
  return InDisc(u, v, center_u, center_v, outer) &&
         !InDisc(u, v, center_u, center_v, inner);
}

// True on every second stripe of `width`, counted from -2000.
bool OnStripe(int position, int width) {
  return (position + 2000) / width % 2 == 0;
}

Part ServiceArea(int u, int v) {
  if (!InRect(u, v, -1000, -660, 1000, 660)) return kOutside;
  if (InRect(u, v, -780, -500, 120, -80)) return kRoof;
  if (InRect(u, v, 320, -500, 820, -80)) return kGrass;
  if (InRect(u, v, -860, 160, 860, 520) && OnStripe(u, 170)) return kLight;
  return kAsphalt;
}

Part TollStation(int u, int v) {
  if (InRect(u, v, -230, -900, 230, 900)) return kRoof;
  if (!InRect(u, v, -1000, -520, 1000, 520)) return kOutside;
  const int lane = std::abs(v) % 260;
  return lane < 45 || lane > 215 ? kLight : kAsphalt;
}

Part Airplane(int u, int v) {
  const int w = std::abs(v);
  if (u > 830 && w < 90) return kDark;
  // Fuselage with a tapered nose, swept wings, tail.
  const int nose = u > 650 ? 210 * (1000 - u) / 350 : 210;
  if (w <= nose) return kBody;
  const int edge = 380 - 6 * w / 10;
  const int chord = 520 - 30 * w / 100;
  if (w <= 960 && u <= edge && u >= edge - chord) return kBody;
  const int tail = -600 - 4 * w / 10;
  if (w <= 430 && u <= tail && u >= tail - 300) return kBody;
  return kOutside;
}

Part Airport(int u, int v) {
  if (!InEllipse(u, v, 0, 0, 1000, 780)) return kOutside;
  if (InRect(u, v, -120, 360, 330, 600)) return kRoof;
  const int first = v - u / 4;
  const int second = v + 9 * u / 10;
  if (std::abs(first) <= 30 && OnStripe(u, 150)) return kLight;
  if (std::abs(second) <= 40 && OnStripe(u, 110)) return kLight;
  if (std::abs(first) <= 150 || std::abs(second) <= 190) return kAsphalt;
  return kGrass;
}

Part BaseballField(int u, int v) {
  const int depth = u + 750;
  if (std::abs(v) > depth || !InDisc(depth, v, 0, 0, 1500)) return kOutside;
  if (std::abs(depth - 400) + std::abs(v) <= 290) return kGrass;
  if (InDisc(depth, v, 0, 0, 820) || !InDisc(depth, v, 0, 0, 1370)) {
    return kSoil;
  }
  return kGrass;
}

Part BasketballCourt(int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a > 1000 || w > 580) return kOutside;
  if (a > 900 || w > 490 || a <= 35) return kLight;
  if (InRing(u, v, 0, 0, 190, 270)) return kLight;
  if (a >= 560 && w <= 210) return kDark;
  return kBody;
}

Part Bridge(int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a > 1000) return kOutside;
  if (w <= 310) return w >= 235 ? kLight : kBody;
  if (a >= 860 && w <= 450) return kConcrete;
  if ((a <= 70 || (a >= 430 && a <= 570)) && w <= 430) return kDark;
  return kOutside;
}

Part Chimney(int u, int v) {
  if (std::abs(u) > 1000 || std::abs(v) > 430 - 17 * u / 100) return kOutside;
  if (u > 800) return kDark;
  return OnStripe(u, 400) ? kLight : kBody;
}

Part Dam(int u, int v) {
  if (std::abs(u) > 1000 || v > 520 || !InRing(u, v, 0, 1100, 1050, 1600)) {
    return kOutside;
  }
  if (InRing(u, v, 0, 1100, 1370, 1440)) return kDark;
  if (InDisc(u, v, 0, 1100, 1300) && OnStripe(u, 190)) return kLight;
  return kConcrete;
}

Part GolfField(int u, int v) {
  if (!InEllipse(u, v, -380, -120, 620, 500) &&
      !InEllipse(u, v, 360, 160, 640, 500) && !InDisc(u, v, 0, 0, 560)) {
    return kOutside;
  }
  if (InDisc(u, v, -520, -180, 190) || InDisc(u, v, 300, 360, 170) ||
      InDisc(u, v, 640, 20, 150)) {
    return kSand;
  }
  return InDisc(u, v, 20, -130, 230) ? kGrass : kFairway;
}

Part GroundTrackField(int u, int v) {
  if (!InOval(u, v, 420, 580)) return kOutside;
  if (InOval(u, v, 420, 330)) return kGrass;
  return InOval(u, v, 420, 480) && !InOval(u, v, 420, 440) ? kLight : kBody;
}

Part Harbor(int u, int v) {
  if (std::abs(u) > 1000) return kOutside;
  if (v >= -680 && v <= -320) return kConcrete;
  const int across = std::abs((u + 1000) % 500 - 250);
  return v > -320 && v <= 680 && across <= 165 ? kSoil : kOutside;
}

Part Overpass(int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a <= 1000 && w <= 290) {
    if (w >= 225) return kLight;
    return w <= 25 && OnStripe(u, 160) ? kLight : kAsphalt;
  }
  if (w <= 1000 && a <= 290) {
    if (w <= 380) return kDark;
    return a <= 25 && OnStripe(v, 160) ? kLight : kConcrete;
  }
  return InRing(u, v, 450, 450, 190, 380) ? kConcrete : kOutside;
}

Part Ship(int u, int v) {
  const int w = std::abs(v);
  const int taper = u - 250;
  const int beam = u <= 250 ? 390 : 390 - 390 * taper / 750 * taper / 750;
  if (std::abs(u) > 1000 || w > beam) return kOutside;
  if (InRect(u, w, -820, 0, -460, 250)) return kLight;
  return InRect(u, w, -330, 0, 330, 130) && OnStripe(u, 220) ? kDark : kBody;
}

Part Stadium(int u, int v) {
  if (!InEllipse(u, v, 0, 0, 1000, 800)) return kOutside;
  if (InEllipse(u, v, 0, 0, 480, 330)) return kGrass;
  const bool walkway =
      InEllipse(u, v, 0, 0, 780, 600) && !InEllipse(u, v, 0, 0, 700, 530);
  return walkway ? kDark : kBody;
}

Part StorageTank(int u, int v) {
  if (!InDisc(u, v, 0, 0, 1000)) return kOutside;
  if (!InDisc(u, v, 0, 0, 860)) return kDark;
  return InRing(u, v, 0, 0, 180, 270) ? kLight : kBody;
}

Part TennisCourt(int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a > 1000 || w > 560) return kOutside;
  if (a > 830 || w > 400) return kSoil;
  if (a > 770 || w > 340) return kLight;
  if (a <= 40) return kDark;
  if (a >= 400 && a <= 450) return kLight;
  return a < 400 && w <= 30 ? kLight : kBody;
}

Part TrainStation(int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a <= 660 && w <= 500) return (v + 2000) % 210 < 150 ? kBody : kLight;
  if (a > 1000 || w > 400) return kOutside;
  return OnStripe(v, 110) ? kDark : kConcrete;
}

Part Vehicle(int u, int v) {
  const int a = std::abs(u);
  const int w = std::abs(v);
  if (a > 1000 || w > 520 || a + w > 1370) return kOutside;
  if (InRect(u, w, 260, 0, 520, 400)) return kDark;
  return InRect(u, w, -760, 0, -600, 380) ? kDark : kBody;
}

Part Windmill(int u, int v) {
  if (InDisc(u, v, 0, 0, 200)) return kDark;
  // Three blades, one along u; the tower points the other way.
  constexpr int kCos[3] = {1000, -500, -500};
  constexpr int kSin[3] = {0, 866, -866};
  for (int i = 0; i < 3; ++i) {
    const int along = (u * kCos[i] + v * kSin[i]) / 1000;
    const int across = std::abs(v * kCos[i] - u * kSin[i]) / 1000;
    if (along >= 0 && along <= 1000 && across <= 240 - 11 * along / 100) {
      return kLight;
    }
  }
  return u < 0 && u >= -1000 && std::abs(v) <= 150 ? kConcrete : kOutside;
}

// By category.
constexpr Part (*kShapes[])(int u, int v) = {
    ServiceArea,      TollStation, Airplane,     Airport, BaseballField,
    BasketballCourt,  Bridge,      Chimney,      Dam,     GolfField,
    GroundTrackField, Harbor,      Overpass,     Ship,    Stadium,
    StorageTank,      TennisCourt, TrainStation, Vehicle, Windmill,
};

}  // namespace

Part PartAt(int category, int u, int v) {
  const bool known = static_cast<size_t>(category) < std::size(kShapes);
  if (!known || std::abs(u) > 1000 || std::abs(v) > 1100) return kOutside;
  return kShapes[category](u, v);
}

bool WaterAt(int category, int u, int v) {
  switch (category) {
    case kBridge:
      return std::abs(u) <= 760 && std::abs(v) <= 1150;
    case kDam:
      return InDisc(u, v, 0, 1100, 2050) && v < 300 && std::abs(u) <= 950 &&
             !InDisc(u, v, 0, 1100, 1350);
    case kHarbor:
      return InRect(u, v, -1150, -500, 1150, 1000);
    case kShip:
      return InEllipse(u, v, 0, 0, 1290, 800);
    default:
      return false;
  }
}

}  // namespace transect
