#include "data/synthetic/layout/to_scale_place.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "data/synthetic/layout/ground.h"
#include "data/synthetic/layout/to_scale_category.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/geometry.h"

namespace transect {
namespace {

constexpr int kPlaceAttempts = 40;
constexpr int kShrinks = 3;
// Positions in a step of the land's frame.
constexpr int kPerStep = kSubpixels / kFrameSteps;

// Places the objects of one scene one after the other.
class Placer {
 public:
  Placer(int size, Land* land, Philox* random)
      : size_(size), land_(*land), random_(random), ground_(size) {}

  // Gives `object` of full length `length` pixels a place.
  bool Place(int length, SceneObject* object) {
    int full = length * kSubpixels;
    for (int shrink = 0; shrink < kShrinks; ++shrink) {
      object->half_length = full / 2;
      if (PlaceAs(object)) {
        ground_.Take(*object);
        return true;
      }
      full = full * 17 / 20;
    }
    return false;
  }

 private:
  // Thousandths of the object's half length as steps of the land's frame.
  static int Steps(const SceneObject& object, int thousandths) {
    return static_cast<int>(int64_t{object.half_length} * thousandths / 1000 /
                            kPerStep);
  }

  int Draw(int least, int most) { return Between(random_, least, most); }

  bool PlaceAs(SceneObject* object) {
    switch (ToScaleOf(object->category).habitat) {
      case Habitat::kLand:
        return OnLand(object);
      case Habitat::kWater:
        return OnWater(object);
      case Habitat::kShore:
        return OnShore(object);
      case Habitat::kCrossing:
        return Crossing(object);
      case Habitat::kOnHighway:
        return object->category == kVehicle ? Driving(object)
                                            : OnHighway(object);
      case Habitat::kBesideHighway:
        return BesideHighway(object);
      case Habitat::kOnRailway:
        return OnRailway(object);
      case Habitat::kOnApron:
        return OnApron(object);
    }
    return false;
  }

  // A u inside of the image at frame position v, if there is one.
  bool DrawU(int v, int margin, int* u) {
    for (int attempt = 0; attempt < 12; ++attempt) {
      const int reach = size_ * kFrameSteps * 7 / 10;
      *u = Draw(-reach, reach);
      if (Holds({*u, v}, margin)) {
        return true;
      }
    }
    return false;
  }

  bool Holds(FramePoint point, int margin) const {
    int x, y;
    land_.FromFrame(point, &x, &y);
    const int most = size_ * kSubpixels - margin;
    return x >= margin && y >= margin && x <= most && y <= most;
  }

  // False, and no mask, if it would not lie inside of the image.
  bool PutAt(FramePoint point, int angle, SceneObject* object) const {
    land_.FromFrame(point, &object->center_x, &object->center_y);
    object->angle = angle & (kDirections - 1);
    if (SticksOut(size_, *object)) {
      return false;
    }
    FillMask(size_, object);
    return IsInside(size_, *object);
  }

  // Calls use(frame point) for every few pixels of the mask; true if all are.
  template <typename Use>
  bool All(const SceneObject& object, Use use) const {
    const int width = object.box[2] - object.box[0];
    const int height = object.box[3] - object.box[1];
    const int stride = std::max(1, std::max(width, height) / 24);
    for (int y = 0; y < height; y += stride) {
      for (int x = 0; x < width; x += stride) {
        if (object.mask[static_cast<size_t>(y) * width + x] != 0 &&
            !use(land_.ToFrame((object.box[0] + x) * kSubpixels,
                               (object.box[1] + y) * kSubpixels))) {
          return false;
        }
      }
    }
    return true;
  }

  // Free, and clear of water.
  bool FitsOnLand(const SceneObject& object) const {
    const int margin = size_ * kFrameSteps / 50;
    return ground_.IsFree(object) && All(object, [&](FramePoint point) {
             return land_.WaterDepth(point) < -margin;
           });
  }

  // Random whole-pixel places of a mask that is drawn once.
  template <typename Use>
  bool Anywhere(int angle, SceneObject* object, Use use) {
    object->angle = angle & (kDirections - 1);
    object->center_x = Draw(0, kSubpixels - 1);
    object->center_y = Draw(0, kSubpixels - 1);
    FillMask(size_, object);
    return MoveSomewhere(size_, kPlaceAttempts, random_, object, [&] {
      return All(*object, use) && ground_.IsFree(*object);
    });
  }

  bool OnLand(SceneObject* object) {
    int angle = land_.angle;
    switch (object->category) {
      case kChimney:
      case kWindmill:
        angle = land_.lean + Draw(-1, 1);
        break;
      case kAirport:
      case kGolfField:
        angle = Draw(0, kDirections - 1);
        break;
      default:
        angle += 16 * Draw(0, 3) + (Draw(0, 3) == 0 ? Draw(-4, 4) : 0);
    }
    const int margin = size_ * kFrameSteps / 60;
    return Anywhere(angle, object, [&](FramePoint point) {
      return land_.WaterDepth(point) < -2 * margin &&
             land_.RoadDistance(point) > margin;
    });
  }

  bool OnWater(SceneObject* object) {
    const bool river = land_.water == Land::Water::kRiver;
    const int off = river ? Draw(-3, 3) : Draw(-9, 9);
    const int margin = size_ * kFrameSteps / 45;
    return Anywhere(
        land_.angle + (Draw(0, 1) == 0 ? 0 : 32) + off, object,
        [&](FramePoint point) { return land_.WaterDepth(point) > margin; });
  }

  bool OnShore(SceneObject* object) {
    const bool river = land_.water == Land::Water::kRiver;
    // Piers point to larger v, or from the other bank back.
    const int side = river && Draw(0, 1) == 0 ? -1 : 1;
    const auto steps = [&](int thousandths) {
      return Steps(*object, thousandths);
    };
    if (river && steps(kPierLength) > land_.water_half) {
      return false;
    }
    for (int attempt = 0; attempt < 16; ++attempt) {
      int u;
      if (!DrawU(land_.water_center, 0, &u)) continue;
      int line = land_.WaterlineAt(u);
      if (river) line -= side * land_.RiverHalfAt(u);
      const int center = line - side * steps(kWaterfront);
      if (!Holds({u, center}, object->half_length / 2)) continue;
      if (!PutAt({u, center}, land_.angle + (side > 0 ? 0 : 32), object) ||
          !ground_.IsFree(*object)) {
        continue;
      }
      bool clear = true;
      for (const Basin& other : land_.basins) {
        clear &= std::abs(other.u - u) > other.half_u + steps(1300);
      }
      for (const CrossRoad& road : land_.cross_roads) {
        clear &= std::abs(road.u - u) > road.half + steps(1300);
      }
      if (!clear) continue;
      land_.basins.push_back(
          {u, line, steps(1250), steps(kPierLength + 420), side});
      return true;
    }
    return false;
  }

  bool Crossing(SceneObject* object) {
    const bool dam = object->category == kDam;
    for (int attempt = 0; attempt < 16; ++attempt) {
      int u;
      if (!DrawU(land_.water_center, 0, &u)) continue;
      bool clear = true;
      for (const Barrage& other : land_.barrages) {
        clear &= std::abs(other.u - u) > size_ * kFrameSteps / 5;
      }
      if (!clear) continue;
      if (dam) {
        land_.barrages.push_back({u});
      }
      // The water above the dam is as wide as the dam; ends reach into banks.
      const int half = land_.RiverHalfAt(u);
      object->half_length = half * kPerStep * (dam ? 112 : 118) / 100;
      const int road = land_.Steps(Between(random_, 60, 140), 3);
      if (!dam) {
        object->half_width =
            std::clamp(static_cast<int>(int64_t{road} * kPerStep * 1000 /
                                        object->half_length),
                       34, 260);
      }
      // The upper side of a dam, v < 0 of its shape, is at larger u.
      if (PutAt({u, land_.WaterlineAt(u)}, land_.angle + 16, object) &&
          ground_.IsFree(*object)) {
        if (!dam) {
          AddCrossRoad(u, Steps(*object, object->half_width), true);
        }
        return true;
      }
      if (dam) {
        land_.barrages.pop_back();
      }
    }
    return false;
  }

  void AddCrossRoad(int u, int half, bool over_water) {
    const int far = 2 * size_ * kFrameSteps;
    land_.cross_roads.push_back({u, half, -far, far, over_water});
  }

  // Centered on the band at *u, in either direction.
  bool Along(const Band& band, SceneObject* object, int* u) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      if (DrawU(band.center, object->half_length / 2, u) &&
          PutAt({*u, band.center}, land_.angle + 32 * Draw(0, 1), object) &&
          FitsOnLand(*object)) {
        return true;
      }
    }
    return false;
  }

  bool OnHighway(SceneObject* object) {
    const Band& road = *land_.FindBand(Band::Kind::kHighway);
    const int share = Variant(*object).road_half;
    object->half_length =
        static_cast<int>(int64_t{road.half} * kPerStep * 1000 / share);
    int u;
    if (!Along(road, object, &u)) return false;
    if (object->category == kOverpass) {
      AddCrossRoad(u, road.half, false);
    }
    return true;
  }

  bool Driving(SceneObject* object) {
    const Band& road = *land_.FindBand(Band::Kind::kHighway);
    // 2.5 meters wide, but no less than a lorry's proportion.
    const int length = object->half_length * 2 * land_.gsd_cm / kSubpixels;
    object->half_width = std::clamp(260 * 1000 / std::max(length, 1), 190, 420);
    for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
      int u;
      if (!DrawU(road.center, object->half_length, &u)) continue;
      // Six lanes, the right ones driving on.
      const int lane = 2 * Draw(0, 2) + 1;
      const int side = Draw(0, 1) == 0 ? 1 : -1;
      const int v = road.center + side * road.half * (lane * 13 + 8) / 100;
      if (PutAt({u, v}, land_.angle + (side > 0 ? 0 : 32), object) &&
          FitsOnLand(*object)) {
        return true;
      }
    }
    return false;
  }

  bool BesideHighway(SceneObject* object) {
    const Band& road = *land_.FindBand(Band::Kind::kHighway);
    const int wide = Steps(*object, Variant(*object).road_half);
    const int margin = size_ * kFrameSteps / 80;
    for (int attempt = 0; attempt < 12; ++attempt) {
      const int side = Draw(0, 1) == 0 ? 1 : -1;
      const int v = road.center + side * (road.half + wide);
      int u;
      if (!DrawU(v, object->half_length / 2, &u)) continue;
      // Its v > 0 faces the road.
      if (PutAt({u, v}, land_.angle + (side > 0 ? 32 : 0), object) &&
          ground_.IsFree(*object) && All(*object, [&](FramePoint point) {
            return land_.WaterDepth(point) < -margin &&
                   land_.RoadDistance(point) > -margin;
          })) {
        return true;
      }
    }
    return false;
  }

  bool OnRailway(SceneObject* object) {
    const Band& rail = *land_.FindBand(Band::Kind::kRailway);
    object->half_width = static_cast<int>(int64_t{rail.half} * kPerStep * 1500 /
                                          object->half_length);
    int u;
    return Along(rail, object, &u);
  }

  bool OnApron(SceneObject* object) {
    const Band& apron = *land_.FindBand(Band::Kind::kApron);
    const int slack = std::max(apron.half - object->half_length / kPerStep, 1);
    for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
      const int v = apron.center + Draw(-slack, slack) * 8 / 10;
      int u;
      if (!DrawU(v, object->half_length, &u)) continue;
      const int angle = land_.angle + 16 * Draw(0, 3) + Draw(-2, 2);
      if (PutAt({u, v}, angle, object) && FitsOnLand(*object)) return true;
    }
    return false;
  }

  int size_;
  Land& land_;
  Philox* random_;
  Ground ground_;
};

// What shapes the land comes first.
int Turn(int category) {
  if (category == kDam) return 0;
  switch (ToScaleOf(category).habitat) {
    case Habitat::kCrossing:
      return 1;
    case Habitat::kOnHighway:
      return category == kVehicle ? 6 : 2;
    case Habitat::kShore:
      return 3;
    case Habitat::kBesideHighway:
    case Habitat::kOnRailway:
      return 4;
    default:
      return 5;
  }
}

}  // namespace

bool PlaceObjects(const std::vector<int>& lengths, Philox* random,
                  Scene* scene) {
  std::vector<int> order(scene->objects.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return Turn(scene->objects[a].category) < Turn(scene->objects[b].category);
  });
  Placer placer(scene->size, &scene->land, random);
  for (const int i : order) {
    if (!placer.Place(lengths[i], &scene->objects[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace transect
