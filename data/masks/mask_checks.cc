#include "data/masks/mask_checks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace transect {
namespace {

constexpr int kGrid = 8;
constexpr int64_t kEnoughBorders = 32;
constexpr int64_t kEnoughRows = 4;
constexpr int64_t kLongEnough = kGrid;
constexpr int64_t kManyPieces = 2;

// Whether the sides of the mask's extent lie on the grid. Those at the border
// of the image say nothing; two others at least must be left.
bool ExtentOnGrid(const Rle& mask, const std::array<int, 4>& extent) {
  const int sizes[4] = {mask.width, mask.height, mask.width, mask.height};
  int sides = 0;
  for (size_t i = 0; i < 4; ++i) {
    if (extent[i] == 0 || extent[i] == sizes[i]) continue;
    if (extent[i] % kGrid != 0) return false;
    ++sides;
  }
  return sides >= 2;
}

// Borders between vertically adjacent pixels.
struct Borders {
  int64_t all = 0;
  // By number of the row of the grid.
  std::vector<int64_t> on_row;
};

Borders BordersOf(const Rle& mask) {
  Borders borders;
  borders.on_row.resize(mask.height / kGrid + 1);
  int64_t position = 0;
  for (const uint32_t run : mask.runs) {
    position += run;
    const int64_t y = position % mask.height;
    if (run > 0 && y != 0) {
      ++borders.all;
      if (y % kGrid == 0) ++borders.on_row[y / kGrid];
    }
  }
  return borders;
}

}  // namespace

bool FollowsJpegGrid(const Rle& mask) {
  const std::array<int, 4> extent = RleBox(mask);
  if (extent[2] == 0) {
    return false;
  }
  const Borders borders = BordersOf(mask);
  // A piece of a column has two borders.
  if (borders.all >= 2 * kManyPieces * (extent[2] - extent[0]) &&
      ExtentOnGrid(mask, extent)) {
    return true;
  }
  int64_t on_grid = 0;
  int64_t rows = 0;
  for (const int64_t count : borders.on_row) {
    on_grid += count;
    rows += count >= kLongEnough ? 1 : 0;
  }
  return borders.all >= kEnoughBorders && 2 * on_grid >= borders.all &&
         rows >= kEnoughRows;
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
