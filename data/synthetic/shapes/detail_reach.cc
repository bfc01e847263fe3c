// How far the detailed shapes reach across: bounds of what DetailAt draws,
// tested by shapes_test.

#include <algorithm>

#include "data/synthetic/scene/category.h"
#include "data/synthetic/shapes/detail.h"

namespace transect {

int ReachAcross(const Variant& object) {
  const int most = 1100;
  switch (object.category) {
    case kServiceArea:
      return object.road_half;
    case kTollStation:
      return 700;
    case kAirplane:
      return 930;
    case kAirport:
      return 560;
    case kBasketballCourt:
      return 580;
    case kBridge:
      return std::min(std::max(object.half_width, 20), most);
    case kChimney:
      return 280;
    case kDam:
      return 330;
    case kGolfField:
      return 780;
    case kGroundTrackField:
      return 530;
    case kHarbor:
      return std::max(170 - kWaterfront, kPierLength + kWaterfront);
    case kShip:
      return 230;
    case kStadium:
      return 880;
    case kTennisCourt:
      return 560;
    case kTrainStation:
      // The tracks, and the hall beside them.
      return std::min(std::max(object.half_width, 60) * 18 / 10, most);
    case kVehicle:
      return std::min(object.half_width, most);
    case kWindmill:
      return 700;
    default:
      return most;
  }
}

}  // namespace transect
