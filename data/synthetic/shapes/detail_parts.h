// The shapes behind detail.h by group, and what they share. Internal to
// detail*.cc.
#ifndef TRANSECT_DATA_SYNTHETIC_SHAPES_DETAIL_PARTS_H_
#define TRANSECT_DATA_SYNTHETIC_SHAPES_DETAIL_PARTS_H_

#include <cstdint>

#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/point_tests.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

// The n-th draw of an object's variant, least to most.
inline int Draw(const Variant& object, int n, int least, int most) {
  return least + static_cast<int>(object.draws[n] %
                                  static_cast<uint32_t>(most - least + 1));
}

// Position within a repeating pattern, counted from -4000.
inline int Within(int position, int period) {
  return (position + 4000) % period;
}

// DetailAt of one category each, for |u| <= 1000 and |v| <= 1100.

// detail_traffic.cc
Part ServiceAreaAt(const Variant& object, int u, int v);
Part TollStationAt(const Variant& object, int u, int v);
Part AirplaneAt(const Variant& object, int u, int v);
Part AirportAt(const Variant& object, int u, int v);
Part BridgeAt(const Variant& object, int u, int v);
Part HarborAt(const Variant& object, int u, int v);
Part OverpassAt(const Variant& object, int u, int v);
Part ShipAt(const Variant& object, int u, int v);
Part TrainStationAt(const Variant& object, int u, int v);
Part VehicleAt(const Variant& object, int u, int v);

// detail_sports.cc
Part BaseballFieldAt(const Variant& object, int u, int v);
Part BasketballCourtAt(const Variant& object, int u, int v);
Part GolfFieldAt(const Variant& object, int u, int v);
Part GroundTrackFieldAt(const Variant& object, int u, int v);
Part StadiumAt(const Variant& object, int u, int v);
Part TennisCourtAt(const Variant& object, int u, int v);

// detail_industry.cc
Part ChimneyAt(const Variant& object, int u, int v);
Part DamAt(const Variant& object, int u, int v);
Part StorageTankAt(const Variant& object, int u, int v);
Part WindmillAt(const Variant& object, int u, int v);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SHAPES_DETAIL_PARTS_H_
