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

}  // namespace

Layout DrawLayout(const std::vector<SceneObject>& objects,
                  const std::vector<int>& lengths, int scale, int size,
                  Philox* random) {
  Layout layout;
  layout.scale = scale;
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
      if (ToScaleOf(objects[i].category).habitat == Habitat::kOnApron) {
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
      if (ToScaleOf(objects[i].category).habitat == Habitat::kCrossing) {
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

}  // namespace transect
