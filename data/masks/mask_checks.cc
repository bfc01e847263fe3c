#include "data/masks/mask_checks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace transect {
namespace {

constexpr int kGrid = 8;
constexpr int64_t kEnoughBorders = 32;
constexpr int64_t kEnoughRows = 3;

}  // namespace

bool FollowsJpegGrid(const Rle& mask) {
  const std::array<int, 4> extent = RleBox(mask);
  if (extent[2] == 0) {
    return false;
  }
  const int sizes[4] = {mask.width, mask.height, mask.width, mask.height};
  int sides = 0;
  bool on_grid = true;
  for (size_t i = 0; i < 4; ++i) {
    if (extent[i] != 0 && extent[i] != sizes[i]) {
      ++sides;
      on_grid = on_grid && extent[i] % kGrid == 0;
    }
  }
  if (on_grid && sides >= 2) {
    return true;
  }
  int64_t borders = 0;
  int64_t grid_borders = 0;
  std::vector<bool> on_row(mask.height / kGrid + 1, false);
  int64_t position = 0;
  for (const uint32_t run : mask.runs) {
    position += run;
    const int64_t y = position % mask.height;
    if (run > 0 && y != 0) {
      ++borders;
      if (y % kGrid == 0) {
        ++grid_borders;
        on_row[y / kGrid] = true;
      }
    }
  }
  return borders >= kEnoughBorders && 2 * grid_borders >= borders &&
         std::count(on_row.begin(), on_row.end(), true) >= kEnoughRows;
}

double BoxOverlap(const std::array<int, 4>& box, const Rle& mask) {
  const std::array<int, 4> extent = RleBox(mask);
  const auto area = [](const std::array<int, 4>& b) {
    return static_cast<double>(std::max(0, b[2] - b[0])) *
           std::max(0, b[3] - b[1]);
  };
  const double smaller = std::min(area(box), area(extent));
  if (smaller <= 0) {
    return 0;
  }
  return area({std::max(box[0], extent[0]), std::max(box[1], extent[1]),
               std::min(box[2], extent[2]), std::min(box[3], extent[3])}) /
         smaller;
}

}  // namespace transect
