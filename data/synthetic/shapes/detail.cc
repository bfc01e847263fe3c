#include "data/synthetic/shapes/detail.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/noise.h"
#include "data/synthetic/shapes/detail_parts.h"

namespace transect {
namespace {

constexpr int kMostAcross = 1100;

struct Shape {
  Part (*at)(const Variant& object, int u, int v);
  // What ReachAcross says, unless it depends on the object: a bound of what
  // `at` draws, tested by shapes_test.
  int reach;
};

// By category.
constexpr Shape kShapes[] = {
    {ServiceAreaAt, kMostAcross},
    {TollStationAt, 700},
    {AirplaneAt, 930},
    {AirportAt, 560},
    {BaseballFieldAt, kMostAcross},
    {BasketballCourtAt, 580},
    {BridgeAt, kMostAcross},
    {ChimneyAt, 280},
    {DamAt, 330},
    {GolfFieldAt, 780},
    {GroundTrackFieldAt, 530},
    {HarborAt, std::max(170 - kWaterfront, kPierLength + kWaterfront)},
    {OverpassAt, kMostAcross},
    {ShipAt, 230},
    {StadiumAt, 880},
    {StorageTankAt, kMostAcross},
    {TennisCourtAt, 560},
    {TrainStationAt, kMostAcross},
    {VehicleAt, kMostAcross},
    {WindmillAt, 700},
};

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
  if (std::abs(u) > 1000 || std::abs(v) > kMostAcross) return Part::kOutside;
  return kShapes[object.category].at(object, u, v);
}

int ReachAcross(const Variant& object) {
  switch (object.category) {
    case kServiceArea:
      return object.road_half;
    case kBridge:
      return std::min(std::max(object.half_width, 20), kMostAcross);
    case kTrainStation:
      // The tracks, and the hall beside them.
      return std::min(std::max(object.half_width, 60) * 18 / 10, kMostAcross);
    case kVehicle:
      return std::min(object.half_width, kMostAcross);
    default:
      return kShapes[object.category].reach;
  }
}

}  // namespace transect
