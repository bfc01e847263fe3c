#include "data/synthetic/layout/to_scale_category.h"

#include <algorithm>
#include <cmath>

#include "data/annotations/rrsisd.h"

namespace transect {
namespace {

constexpr int kCategories = static_cast<int>(kRrsisdCategories.size());
// Longest object, in thousandths of the image's side.
constexpr int kMostOfSide = 430;
// Ends of the table of ground sample distances, centimeters per pixel. Each is
// 9/8 of the one before.
constexpr int kFinestGsd = 30;
constexpr int kCoarsestGsd = 3000;

// By category id.
constexpr ToScaleCategory kToScale[kCategories] = {
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

}  // namespace

const ToScaleCategory& ToScaleOf(int category) { return kToScale[category]; }

Lengths LengthsAt(int category, int gsd_cm, int size) {
  const ToScaleCategory& entry = ToScaleOf(category);
  // In smaller images objects may be shorter in proportion, down to a floor.
  const int least_px =
      std::max(entry.least_px * size / 800, std::min(entry.least_px, 14));
  return {std::max(entry.least_m * 100 / gsd_cm, least_px),
          std::min(entry.most_m * 100 / gsd_cm, kMostOfSide * size / 1000)};
}

std::vector<int> GroundSampleDistances(const SynthesisSpec& spec,
                                       int category) {
  const int least =
      static_cast<int>(std::lround(spec.aerial().min_ground_scale() * 100));
  const int most =
      static_cast<int>(std::lround(spec.aerial().max_ground_scale() * 100));
  std::vector<int> distances;
  const auto consider = [&](int gsd_cm) {
    if (gsd_cm >= least && gsd_cm <= most &&
        !LengthsAt(category, gsd_cm, spec.image_size()).empty()) {
      distances.push_back(gsd_cm);
    }
  };
  for (int gsd_cm = kFinestGsd; gsd_cm <= kCoarsestGsd;
       gsd_cm = gsd_cm * 9 / 8 + 1) {
    consider(gsd_cm);
  }
  if (distances.empty()) {
    // A narrow range may lie between two steps.
    consider(least);
  }
  return distances;
}

bool Needs(const std::vector<SceneObject>& objects, Habitat habitat) {
  return std::any_of(objects.begin(), objects.end(), [&](const auto& o) {
    return ToScaleOf(o.category).habitat == habitat;
  });
}

}  // namespace transect
