#include "data/synthetic/metric_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "data/rrsisd.h"
#include "data/synthetic/category.h"
#include "data/synthetic/detail.h"
#include "data/synthetic/geometry.h"
#include "data/synthetic/ground.h"
#include "data/synthetic/layout.h"
#include "data/synthetic/texture.h"

namespace transect {
namespace {

constexpr int kLeastMetricImage = 256;
constexpr int kCategories = static_cast<int>(kRrsisdCategories.size());
// Longest object, in thousandths of the image's side.
constexpr int kMostOfSide = 430;
constexpr int kPlaceAttempts = 40;
constexpr int kShrinks = 3;
// Finest scale of the table of scales, and the ratio of its steps.
constexpr int kFinestScale = 30;
constexpr int kCoarsestScale = 3000;

// Surroundings in which categories occur; two that share one occur together.
enum Surroundings : uint8_t {
  kCoast = 1,
  kRiver = 2,
  kTown = 4,
  kRoadside = 8,
  kField = 16,
  kOpen = 32,
};

// Where an object of a category has to be.
enum class Habitat : uint8_t {
  kLand,
  kWater,
  kShore,
  kCrossing,
  kOnHighway,
  kBesideHighway,
  kOnRailway,
  kOnApron,
};

struct MetricCategory {
  // Full length in metres.
  int least_m;
  int most_m;
  // Full length in pixels below which it is a blob.
  int least_px;
  Habitat habitat;
  uint8_t surroundings;
};

// By category id.
constexpr MetricCategory kMetric[kCategories] = {
    {140, 320, 80, Habitat::kBesideHighway, kRoadside},
    {60, 160, 60, Habitat::kOnHighway, kRoadside},
    {25, 75, 44, Habitat::kOnApron, kField},
    {1200, 4200, 150, Habitat::kLand, kOpen | kCoast | kRiver},
    {80, 130, 48, Habitat::kLand, kTown},
    {28, 34, 30, Habitat::kLand, kTown},
    {70, 2500, 70, Habitat::kCrossing, kRiver},
    {40, 160, 44, Habitat::kLand, kOpen | kCoast | kRiver | kTown},
    {90, 2200, 70, Habitat::kCrossing, kRiver},
    {350, 1600, 130, Habitat::kLand, kOpen | kTown | kCoast | kRiver},
    {150, 190, 60, Habitat::kLand, kTown},
    {120, 900, 90, Habitat::kShore, kCoast},
    {110, 420, 90, Habitat::kOnHighway, kRoadside},
    {25, 340, 36, Habitat::kWater, kCoast | kRiver},
    {150, 330, 70, Habitat::kLand, kTown | kRoadside | kRiver},
    {15, 90, 26, Habitat::kLand, kOpen | kCoast | kField | kRiver},
    {34, 38, 34, Habitat::kLand, kTown},
    {160, 460, 90, Habitat::kOnRailway, kTown | kRoadside},
    {8, 19, 18, Habitat::kOnHighway, kRoadside | kTown | kCoast},
    {70, 170, 70, Habitat::kLand, kOpen | kRoadside | kCoast},
};

int Between(Philox* random, int least, int most) {
  return least + static_cast<int>(random->NextBelow(most - least + 1));
}

// Lengths in pixels that a category has at a scale; empty if most < least.
struct Lengths {
  int least;
  int most;
  bool empty() const { return most < least; }
};

Lengths LengthsAt(int category, int scale, int size) {
  const MetricCategory& metric = kMetric[category];
  // In smaller images things may be as short in proportion, down to a floor.
  const int least_px =
      std::max(metric.least_px * size / 800, std::min(metric.least_px, 14));
  return {std::max(metric.least_m * 100 / scale, least_px),
          std::min(metric.most_m * 100 / scale, kMostOfSide * size / 1000)};
}

// The scales of the recipe that show the category.
std::vector<int> ScalesFor(const SynthesisSpec& spec, int category) {
  const int least =
      static_cast<int>(std::lround(spec.aerial().min_ground_scale() * 100));
  const int most =
      static_cast<int>(std::lround(spec.aerial().max_ground_scale() * 100));
  std::vector<int> scales;
  const auto consider = [&](int scale) {
    if (scale >= least && scale <= most &&
        !LengthsAt(category, scale, spec.image_size()).empty()) {
      scales.push_back(scale);
    }
  };
  for (int scale = kFinestScale; scale <= kCoarsestScale;
       scale = scale * 9 / 8 + 1) {
    consider(scale);
  }
  if (scales.empty()) {
    // A narrow range may lie between two steps.
    consider(least);
  }
  return scales;
}

bool Needs(const std::vector<SceneObject>& objects, Habitat habitat) {
  return std::any_of(objects.begin(), objects.end(), [&](const auto& o) {
    return kMetric[o.category].habitat == habitat;
  });
}

template <typename Range>
auto OneOf(Philox* random, const Range& choices) {
  return choices[random->NextBelow(choices.size())];
}

void DrawLook(Philox* random, SceneObject* object) {
  object->detailed = true;
  object->look = random->NextU32();
}

SceneObject DrawObject(int category, Philox* random) {
  SceneObject object;
  object.category = category;
  object.color = OneOf(random, ColorsOf(category));
  DrawLook(random, &object);
  return object;
}

// Categories that may stand beside the target at this scale.
std::vector<int> Companions(const SynthesisSpec& spec, int target, int scale) {
  std::vector<int> companions;
  for (int category = 0; category < kCategories; ++category) {
    const bool near =
        (kMetric[category].surroundings & kMetric[target].surroundings) != 0;
    if (category != target && near &&
        !LengthsAt(category, scale, spec.image_size()).empty()) {
      companions.push_back(category);
    }
  }
  return companions;
}

// ---- The land.

// Smooth noise along the frame, one value per pixel.
std::vector<int> Wave(int size, int cell, int amplitude, uint32_t seed) {
  std::vector<int> wave;
  for (int u = -size; u < size; ++u) {
    wave.push_back((SmoothNoise1(u + 4 * size, cell, seed) +
                    SmoothNoise1(u + 4 * size, cell / 3 + 1, seed + 1) / 4) *
                   amplitude / 256);
  }
  return wave;
}

Zone ZoneFor(const std::vector<SceneObject>& objects, Philox* random) {
  uint8_t all = 0;
  for (const SceneObject& object : objects) {
    all |= kMetric[object.category].surroundings;
  }
  const uint8_t target = kMetric[objects[0].category].surroundings;
  if (Needs(objects, Habitat::kOnApron)) return Zone::kAirfield;
  if ((target & kTown) != 0 && Between(random, 0, 3) != 0) return Zone::kCity;
  if (objects[0].category == kStorageTank || objects[0].category == kChimney ||
      objects[0].category == kHarbor) {
    return Between(random, 0, 3) == 0 ? Zone::kCountry : Zone::kIndustry;
  }
  return Between(random, 0, 3) == 0 ? Zone::kCity : Zone::kCountry;
}

// Half lengths are known; half widths of what stands on roads follow later.
Layout DrawLayout(const MetricContents& contents, int size,
                  const std::vector<int>& lengths, Philox* random) {
  const std::vector<SceneObject>& objects = contents.objects;
  Layout layout;
  layout.scale = contents.scale;
  layout.size = size;
  layout.angle = Between(random, 0, kDirections - 1);
  layout.sun = Between(random, 0, kDirections - 1);
  layout.lean = Between(random, 0, kDirections - 1);
  layout.zone = ZoneFor(objects, random);
  layout.biome = Between(random, 0, kBiomes - 1);
  layout.seed = random->NextU32();

  const bool highway = Needs(objects, Habitat::kOnHighway) ||
                       Needs(objects, Habitat::kBesideHighway) ||
                       Between(random, 0, 9) < 4;
  const bool railway =
      Needs(objects, Habitat::kOnRailway) || Between(random, 0, 9) < 1;
  const bool apron = Needs(objects, Habitat::kOnApron);
  const bool rigid = Needs(objects, Habitat::kOnHighway) ||
                     Needs(objects, Habitat::kBesideHighway) ||
                     Needs(objects, Habitat::kOnRailway) || apron;

  // Bands in random order; a coast is beyond the last.
  std::vector<Band> bands;
  const auto add = [&](Band::Kind kind, int half) {
    bands.push_back({kind, 0, half});
  };
  if (highway) {
    add(Band::Kind::kHighway, layout.Steps(Between(random, 110, 150), 3));
  }
  if (railway) add(Band::Kind::kRailway, layout.Steps(90, 3));
  if (apron) {
    int longest = 0;
    for (size_t i = 0; i < objects.size(); ++i) {
      if (kMetric[objects[i].category].habitat == Habitat::kOnApron) {
        longest = std::max(longest, lengths[i]);
      }
    }
    add(Band::Kind::kApron, longest * kFrameSteps * 9 / 10);
    if (Between(random, 0, 2) != 0) {
      add(Band::Kind::kRunway, layout.Steps(Between(random, 180, 280), 3));
    }
  }
  for (size_t i = bands.size(); i > 1; --i) {
    std::swap(bands[i - 1], bands[random->NextBelow(i)]);
  }
  const bool river = Needs(objects, Habitat::kCrossing);
  const bool shore = Needs(objects, Habitat::kShore);
  const bool ships = Needs(objects, Habitat::kWater);
  int water_half = 0;
  if (river || ((ships || shore) && Between(random, 0, 3) == 0)) {
    layout.water = Layout::Water::kRiver;
    water_half = size * Between(random, 110, 210) / 1000 * kFrameSteps;
    for (size_t i = 0; i < objects.size(); ++i) {
      if (kMetric[objects[i].category].habitat == Habitat::kCrossing) {
        water_half = lengths[i] * kFrameSteps * 4 / 10;
        break;
      }
    }
  } else if (ships || shore || Between(random, 0, 9) < 2) {
    layout.water = Layout::Water::kCoast;
  }

  const int span = size * kFrameSteps;
  if (layout.water == Layout::Water::kCoast) {
    const int share =
        ships || shore ? Between(random, 40, 58) : Between(random, 16, 30);
    layout.water_center = span / 2 - span * share / 100;
  }
  // A river takes its turn among the bands.
  const size_t river_turn = random->NextBelow(bands.size() + 1);
  int total = layout.water == Layout::Water::kRiver ? 2 * water_half : 0;
  for (const Band& band : bands) {
    total += 2 * band.half;
  }
  const int low = -span * 46 / 100;
  const int high = layout.water == Layout::Water::kCoast
                       ? layout.water_center - span / 25
                       : span * 46 / 100;
  const size_t parts = bands.size() + (total > 0 ? 1 : 0) +
                       (layout.water == Layout::Water::kRiver ? 1 : 0);
  int spare = high - low - total;
  int v = low;
  size_t left = parts;
  const auto advance = [&](int half) {
    const int most =
        std::max(2 * spare / static_cast<int>(std::max<size_t>(left, 1)), 1);
    const int gap =
        std::max(static_cast<int>(random->NextBelow(most)), span / 60);
    spare -= gap;
    --left;
    v += gap + 2 * half;
    return v - half;
  };
  for (size_t i = 0; i <= bands.size(); ++i) {
    if (i == river_turn && layout.water == Layout::Water::kRiver) {
      layout.water_center = advance(water_half);
    }
    if (i < bands.size()) {
      bands[i].center = advance(bands[i].half);
    }
  }
  layout.bands = std::move(bands);
  layout.water_half = water_half;
  const int bend = rigid ? 0 : span * Between(random, 0, 55) / 1000;
  layout.bend = Wave(size, size * 8 / 10, bend, layout.seed + 11);
  layout.shore = Wave(size, size / 3, span * Between(random, 8, 26) / 1000,
                      layout.seed + 12);
  return layout;
}

// ---- Places.

// Places the objects of one scene one after the other.
class Placer {
 public:
  Placer(int size, Layout* layout, Philox* random)
      : size_(size), layout_(*layout), random_(random), ground_(size) {}

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
  int Draw(int least, int most) { return Between(random_, least, most); }

  bool PlaceAs(SceneObject* object) {
    switch (kMetric[object->category].habitat) {
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
    layout_.FromFrame(point, &x, &y);
    const int most = size_ * kSubpixels - margin;
    return x >= margin && y >= margin && x <= most && y <= most;
  }

  // False, and no mask, if it would not lie inside of the image.
  bool PutAt(FramePoint point, int angle, SceneObject* object) const {
    layout_.FromFrame(point, &object->center_x, &object->center_y);
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
            !use(layout_.ToFrame((object.box[0] + x) * kSubpixels,
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
             return layout_.WaterDepth(point) < -margin;
           });
  }

  // Random whole-pixel places of a mask that is drawn once.
  template <typename Use>
  bool Anywhere(int angle, SceneObject* object, Use use) {
    object->angle = angle & (kDirections - 1);
    object->center_x = Draw(0, kSubpixels - 1);
    object->center_y = Draw(0, kSubpixels - 1);
    FillMask(size_, object);
    const int room_x = size_ - 2 - (object->box[2] - object->box[0]);
    const int room_y = size_ - 2 - (object->box[3] - object->box[1]);
    if (object->area == 0 || room_x < 0 || room_y < 0) {
      return false;
    }
    for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
      MoveBy(1 + Draw(0, room_x) - object->box[0],
             1 + Draw(0, room_y) - object->box[1], object);
      if (All(*object, use) && ground_.IsFree(*object)) {
        return true;
      }
    }
    return false;
  }

  bool OnLand(SceneObject* object) {
    int angle = layout_.angle;
    switch (object->category) {
      case kChimney:
      case kWindmill:
        angle = layout_.lean + Draw(-1, 1);
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
      return layout_.WaterDepth(point) < -2 * margin &&
             layout_.RoadDistance(point) > margin;
    });
  }

  bool OnWater(SceneObject* object) {
    const bool river = layout_.water == Layout::Water::kRiver;
    const int off = river ? Draw(-3, 3) : Draw(-9, 9);
    const int margin = size_ * kFrameSteps / 45;
    return Anywhere(
        layout_.angle + (Draw(0, 1) == 0 ? 0 : 32) + off, object,
        [&](FramePoint point) { return layout_.WaterDepth(point) > margin; });
  }

  bool OnShore(SceneObject* object) {
    const bool river = layout_.water == Layout::Water::kRiver;
    // Piers point to larger v, or from the other bank back.
    const int side = river && Draw(0, 1) == 0 ? -1 : 1;
    const auto steps = [&](int thousandths) {
      return static_cast<int>(int64_t{object->half_length} * thousandths /
                              1000 / (kSubpixels / kFrameSteps));
    };
    if (river && steps(kPierLength) > layout_.water_half) {
      return false;
    }
    for (int attempt = 0; attempt < 16; ++attempt) {
      int u;
      if (!DrawU(layout_.water_center, 0, &u)) continue;
      int line = layout_.WaterlineAt(u);
      if (river) line -= side * layout_.RiverHalfAt(u);
      const int center = line - side * steps(kWaterfront);
      if (!Holds({u, center}, object->half_length / 2)) continue;
      if (!PutAt({u, center}, layout_.angle + (side > 0 ? 0 : 32), object) ||
          !ground_.IsFree(*object)) {
        continue;
      }
      bool clear = true;
      for (const Basin& other : layout_.basins) {
        clear &= std::abs(other.u - u) > other.half_u + steps(1300);
      }
      for (const CrossRoad& road : layout_.cross_roads) {
        clear &= std::abs(road.u - u) > road.half + steps(1300);
      }
      if (!clear) continue;
      layout_.basins.push_back(
          {u, line, steps(1250), steps(kPierLength + 420), side});
      return true;
    }
    return false;
  }

  bool Crossing(SceneObject* object) {
    const bool dam = object->category == kDam;
    for (int attempt = 0; attempt < 16; ++attempt) {
      int u;
      if (!DrawU(layout_.water_center, 0, &u)) continue;
      bool clear = true;
      for (const Barrage& other : layout_.barrages) {
        clear &= std::abs(other.u - u) > size_ * kFrameSteps / 5;
      }
      if (!clear) continue;
      if (dam) {
        layout_.barrages.push_back({u});
      }
      // The water above the dam is as wide as the dam; ends reach into banks.
      const int half = layout_.RiverHalfAt(u);
      object->half_length =
          half * (kSubpixels / kFrameSteps) * (dam ? 112 : 118) / 100;
      const int road = layout_.Steps(Between(random_, 60, 140), 3);
      if (!dam) {
        object->half_width = std::clamp(
            static_cast<int>(int64_t{road} * (kSubpixels / kFrameSteps) * 1000 /
                             object->half_length),
            34, 260);
      }
      // The upper side of a dam, v < 0 of its shape, is at larger u.
      if (PutAt({u, layout_.WaterlineAt(u)}, layout_.angle + 16, object) &&
          ground_.IsFree(*object)) {
        if (!dam) {
          const int width = static_cast<int>(int64_t{object->half_width} *
                                             object->half_length / 1000 /
                                             (kSubpixels / kFrameSteps));
          AddCrossRoad(u, width, true);
        }
        return true;
      }
      if (dam) {
        layout_.barrages.pop_back();
      }
    }
    return false;
  }

  void AddCrossRoad(int u, int half, bool over_water) {
    const int far = 2 * size_ * kFrameSteps;
    layout_.cross_roads.push_back({u, half, -far, far, over_water});
  }

  bool OnHighway(SceneObject* object) {
    const Band& road = *layout_.FindBand(Band::Kind::kHighway);
    const int share = Variant(*object).road_half;
    object->half_length = static_cast<int>(
        int64_t{road.half} * (kSubpixels / kFrameSteps) * 1000 / share);
    for (int attempt = 0; attempt < 10; ++attempt) {
      int u;
      if (!DrawU(road.center, object->half_length / 2, &u)) continue;
      if (!PutAt({u, road.center}, layout_.angle + 32 * Draw(0, 1), object) ||
          !FitsOnLand(*object)) {
        continue;
      }
      if (object->category == kOverpass) {
        AddCrossRoad(u, road.half, false);
      }
      return true;
    }
    return false;
  }

  bool Driving(SceneObject* object) {
    const Band& road = *layout_.FindBand(Band::Kind::kHighway);
    // 2.5 metres wide, but no less than a lorry's proportion.
    const int length = object->half_length * 2 * layout_.scale / kSubpixels;
    object->half_width = std::clamp(260 * 1000 / std::max(length, 1), 190, 420);
    for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
      int u;
      if (!DrawU(road.center, object->half_length, &u)) continue;
      // Six lanes, the right ones driving on.
      const int lane = 2 * Draw(0, 2) + 1;
      const int side = Draw(0, 1) == 0 ? 1 : -1;
      const int v = road.center + side * road.half * (lane * 13 + 8) / 100;
      if (PutAt({u, v}, layout_.angle + (side > 0 ? 0 : 32), object) &&
          FitsOnLand(*object)) {
        return true;
      }
    }
    return false;
  }

  bool BesideHighway(SceneObject* object) {
    const Band& road = *layout_.FindBand(Band::Kind::kHighway);
    const int wide = static_cast<int>(int64_t{Variant(*object).road_half} *
                                      object->half_length / 1000 /
                                      (kSubpixels / kFrameSteps));
    const int margin = size_ * kFrameSteps / 80;
    for (int attempt = 0; attempt < 12; ++attempt) {
      const int side = Draw(0, 1) == 0 ? 1 : -1;
      const int v = road.center + side * (road.half + wide);
      int u;
      if (!DrawU(v, object->half_length / 2, &u)) continue;
      // Its v > 0 faces the road.
      if (PutAt({u, v}, layout_.angle + (side > 0 ? 32 : 0), object) &&
          ground_.IsFree(*object) && All(*object, [&](FramePoint point) {
            return layout_.WaterDepth(point) < -margin &&
                   layout_.RoadDistance(point) > -margin;
          })) {
        return true;
      }
    }
    return false;
  }

  bool OnRailway(SceneObject* object) {
    const Band& rail = *layout_.FindBand(Band::Kind::kRailway);
    object->half_width =
        static_cast<int>(int64_t{rail.half} * (kSubpixels / kFrameSteps) *
                         1500 / object->half_length);
    for (int attempt = 0; attempt < 10; ++attempt) {
      int u;
      if (!DrawU(rail.center, object->half_length / 2, &u)) continue;
      if (PutAt({u, rail.center}, layout_.angle + 32 * Draw(0, 1), object) &&
          FitsOnLand(*object)) {
        return true;
      }
    }
    return false;
  }

  bool OnApron(SceneObject* object) {
    const Band& apron = *layout_.FindBand(Band::Kind::kApron);
    const int slack = std::max(
        apron.half - object->half_length / (kSubpixels / kFrameSteps), 1);
    for (int attempt = 0; attempt < kPlaceAttempts; ++attempt) {
      const int v = apron.center + Draw(-slack, slack) * 8 / 10;
      int u;
      if (!DrawU(v, object->half_length, &u)) continue;
      const int angle = layout_.angle + 16 * Draw(0, 3) + Draw(-2, 2);
      if (PutAt({u, v}, angle, object) && FitsOnLand(*object)) return true;
    }
    return false;
  }

  int size_;
  Layout& layout_;
  Philox* random_;
  Ground ground_;
};

// What shapes the land comes first.
int Turn(int category) {
  if (category == kDam) return 0;
  switch (kMetric[category].habitat) {
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

bool IsToScale(const SynthesisSpec& spec) {
  return spec.style() == SynthesisSpec::AERIAL &&
         spec.image_size() >= kLeastMetricImage;
}

MetricContents DrawMetricContents(const SynthesisSpec& spec, Philox* random) {
  MetricContents contents;
  int count = Between(random, spec.min_objects(), spec.max_objects());
  const bool distract = random->NextUniform() < spec.distractor_fraction();
  if (distract) {
    count = std::max(count, 2);
    const int most = std::min(spec.max_distractors(), count - 1);
    contents.copies = 2;
    while (contents.copies <= most && random->NextBelow(4) == 0) {
      ++contents.copies;
    }
  }
  std::vector<int> shown;
  for (int category = 0; category < kCategories; ++category) {
    if (!ScalesFor(spec, category).empty()) {
      shown.push_back(category);
    }
  }
  if (shown.empty()) {
    return contents;
  }
  const int named = OneOf(random, shown);
  // Finer scales, and so larger objects, are more frequent.
  const std::vector<int> scales = ScalesFor(spec, named);
  contents.scale = std::min(OneOf(random, scales), OneOf(random, scales));
  for (int i = 0; i < contents.copies; ++i) {
    contents.objects.push_back(DrawObject(named, random));
    // Half of the copies cannot be told apart by colour.
    if (i > 0 && random->NextBelow(2) == 0) {
      contents.objects[i].color = contents.objects[0].color;
    }
  }
  contents.objects.resize(count);
  RedrawOthers(spec, random, &contents);
  return contents;
}

void RedrawOthers(const SynthesisSpec& spec, Philox* random,
                  MetricContents* contents) {
  const int named = contents->objects[0].category;
  const std::vector<int> companions = Companions(spec, named, contents->scale);
  for (size_t i = contents->copies; i < contents->objects.size(); ++i) {
    contents->objects[i] = DrawObject(
        companions.empty() ? named : OneOf(random, companions), random);
  }
}

bool PlaceMetricScene(const MetricContents& contents, int size, Philox* random,
                      Scene* scene) {
  scene->size = size;
  scene->objects = contents.objects;
  const int count = static_cast<int>(contents.objects.size());
  std::vector<int> lengths;
  for (const SceneObject& object : contents.objects) {
    const Lengths range = LengthsAt(object.category, contents.scale, size);
    const int length =
        Between(random, range.least, std::max(range.most, range.least));
    // Objects of a crowded scene are smaller.
    lengths.push_back(std::max(length * 5 / std::max(count, 5), range.least));
  }
  scene->layout = DrawLayout(contents, size, lengths, random);
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return Turn(contents.objects[a].category) <
           Turn(contents.objects[b].category);
  });
  Placer placer(size, &scene->layout, random);
  for (const int i : order) {
    if (!placer.Place(lengths[i], &scene->objects[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace transect
