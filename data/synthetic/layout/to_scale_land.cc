#include "data/synthetic/layout/to_scale_land.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "data/synthetic/layout/to_scale_category.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/noise.h"

namespace transect {
namespace {

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
  const uint8_t target = ToScaleOf(objects[0].category).surroundings;
  if (Needs(objects, Habitat::kOnApron)) return Zone::kAirfield;
  if ((target & kTown) != 0 && Between(random, 0, 3) != 0) return Zone::kCity;
  if (objects[0].category == kStorageTank || objects[0].category == kChimney ||
      objects[0].category == kHarbor) {
    return Between(random, 0, 3) == 0 ? Zone::kCountry : Zone::kIndustry;
  }
  return Between(random, 0, 3) == 0 ? Zone::kCity : Zone::kCountry;
}

// The longest of the objects in `habitat`, in pixels; 0 if there is none.
int LongestIn(Habitat habitat, const std::vector<SceneObject>& objects,
              const std::vector<int>& lengths) {
  int longest = 0;
  for (size_t i = 0; i < objects.size(); ++i) {
    if (ToScaleOf(objects[i].category).habitat == habitat) {
      longest = std::max(longest, lengths[i]);
    }
  }
  return longest;
}

// Which roads, tracks and pavement there are, in random order, not yet placed.
std::vector<Band> DrawBands(const Land& land, bool highway, bool railway,
                            int longest_on_apron, Philox* random) {
  std::vector<Band> bands;
  const auto add = [&](Band::Kind kind, int half) {
    bands.push_back({kind, 0, half});
  };
  if (highway) {
    add(Band::Kind::kHighway, land.Steps(Between(random, 110, 150), 3));
  }
  if (railway) add(Band::Kind::kRailway, land.Steps(90, 3));
  if (longest_on_apron > 0) {
    add(Band::Kind::kApron, longest_on_apron * kFrameSteps * 9 / 10);
    if (Between(random, 0, 2) != 0) {
      add(Band::Kind::kRunway, land.Steps(Between(random, 180, 280), 3));
    }
  }
  for (size_t i = bands.size(); i > 1; --i) {
    std::swap(bands[i - 1], bands[random->NextBelow(i)]);
  }
  return bands;
}

// Whether there is water, and where a coast lies or how wide a river is.
void DrawWater(const std::vector<SceneObject>& objects,
               const std::vector<int>& lengths, Philox* random, Land* land) {
  const bool wanted =
      Needs(objects, Habitat::kWater) || Needs(objects, Habitat::kShore);
  if (Needs(objects, Habitat::kCrossing) ||
      (wanted && Between(random, 0, 3) == 0)) {
    land->water = Land::Water::kRiver;
    land->water_half =
        land->size * Between(random, 110, 210) / 1000 * kFrameSteps;
    for (size_t i = 0; i < objects.size(); ++i) {
      if (ToScaleOf(objects[i].category).habitat == Habitat::kCrossing) {
        land->water_half = lengths[i] * kFrameSteps * 4 / 10;
        break;
      }
    }
  } else if (wanted || Between(random, 0, 9) < 2) {
    land->water = Land::Water::kCoast;
    const int span = land->size * kFrameSteps;
    const int share =
        wanted ? Between(random, 40, 58) : Between(random, 16, 30);
    land->water_center = span / 2 - span * share / 100;
  }
}

// Spreads the bands, and a river among them, over the land; a coast is beyond
// the last.
void PlaceBands(std::vector<Band> bands, Philox* random, Land* land) {
  const int span = land->size * kFrameSteps;
  const bool river = land->water == Land::Water::kRiver;
  const size_t river_turn = random->NextBelow(bands.size() + 1);
  int total = river ? 2 * land->water_half : 0;
  for (const Band& band : bands) {
    total += 2 * band.half;
  }
  const int low = -span * 46 / 100;
  const int high = land->water == Land::Water::kCoast
                       ? land->water_center - span / 25
                       : span * 46 / 100;
  int spare = high - low - total;
  int v = low;
  size_t left = bands.size() + (total > 0 ? 1 : 0) + (river ? 1 : 0);
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
    if (i == river_turn && river) {
      land->water_center = advance(land->water_half);
    }
    if (i < bands.size()) {
      bands[i].center = advance(bands[i].half);
    }
  }
  land->bands = std::move(bands);
}

}  // namespace

Land DrawLand(const std::vector<SceneObject>& objects,
              const std::vector<int>& lengths, int gsd_cm, int size,
              Philox* random) {
  Land land;
  land.gsd_cm = gsd_cm;
  land.size = size;
  land.angle = Between(random, 0, kDirections - 1);
  land.sun = Between(random, 0, kDirections - 1);
  land.lean = Between(random, 0, kDirections - 1);
  land.zone = ZoneFor(objects, random);
  land.biome = Between(random, 0, kBiomes - 1);
  land.seed = random->NextU32();

  const bool needs_highway = Needs(objects, Habitat::kOnHighway) ||
                             Needs(objects, Habitat::kBesideHighway);
  const bool needs_railway = Needs(objects, Habitat::kOnRailway);
  const bool highway = needs_highway || Between(random, 0, 9) < 4;
  const bool railway = needs_railway || Between(random, 0, 9) < 1;
  std::vector<Band> bands =
      DrawBands(land, highway, railway,
                LongestIn(Habitat::kOnApron, objects, lengths), random);
  DrawWater(objects, lengths, random, &land);
  PlaceBands(std::move(bands), random, &land);

  const bool rigid =
      needs_highway || needs_railway || Needs(objects, Habitat::kOnApron);
  const int span = size * kFrameSteps;
  const int bend = rigid ? 0 : span * Between(random, 0, 55) / 1000;
  land.bend = Wave(size, size * 8 / 10, bend, land.seed + 11);
  land.shore = Wave(size, size / 3, span * Between(random, 8, 26) / 1000,
                    land.seed + 12);
  return land;
}

}  // namespace transect
