#include "data/synthetic/shapes/detail.h"

#include <cstdint>
#include <cstdlib>

#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/noise.h"
#include "data/synthetic/shapes/detail_parts.h"

namespace transect {

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
  if (std::abs(u) > 1000 || std::abs(v) > 1100) return Part::kOutside;
  switch (object.category) {
    case kServiceArea:
      return ServiceAreaAt(object, u, v);
    case kTollStation:
      return TollStationAt(object, u, v);
    case kAirplane:
      return AirplaneAt(object, u, v);
    case kAirport:
      return AirportAt(object, u, v);
    case kBaseballField:
      return BaseballFieldAt(object, u, v);
    case kBasketballCourt:
      return BasketballCourtAt(object, u, v);
    case kBridge:
      return BridgeAt(object, u, v);
    case kChimney:
      return ChimneyAt(object, u, v);
    case kDam:
      return DamAt(object, u, v);
    case kGolfField:
      return GolfFieldAt(object, u, v);
    case kGroundTrackField:
      return GroundTrackFieldAt(object, u, v);
    case kHarbor:
      return HarborAt(object, u, v);
    case kOverpass:
      return OverpassAt(object, u, v);
    case kShip:
      return ShipAt(object, u, v);
    case kStadium:
      return StadiumAt(object, u, v);
    case kStorageTank:
      return StorageTankAt(object, u, v);
    case kTennisCourt:
      return TennisCourtAt(object, u, v);
    case kTrainStation:
      return TrainStationAt(object, u, v);
    case kVehicle:
      return VehicleAt(object, u, v);
    case kWindmill:
      return WindmillAt(object, u, v);
    default:
      return Part::kOutside;
  }
}

}  // namespace transect
