#include "data/masks/pillow_nearest.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace transect {
namespace {

std::vector<int> SourcesOf(int size, int from_size) {
  const double scale = static_cast<double>(from_size) / size;
  double at = scale * 0.5;
  std::vector<int> sources(size);
  for (int& source : sources) {
    source = std::min(static_cast<int>(at), from_size - 1);
    at += scale;
  }
  return sources;
}

}  // namespace

Rle ResizeRleAsPillow(const Rle& rle, int height, int width) {
  if (rle.height == 0) return rle;
  const std::vector<uint8_t> from = MaskFromRle(rle);
  const std::vector<int> rows = SourcesOf(height, rle.height);
  const std::vector<int> columns = SourcesOf(width, rle.width);
  std::vector<uint8_t> to;
  to.reserve(static_cast<size_t>(height) * width);
  for (const int row : rows) {
    const uint8_t* const line =
        from.data() + static_cast<size_t>(row) * rle.width;
    for (const int column : columns) to.push_back(line[column]);
  }
  return RleFromMask(to, height, width);
}

}  // namespace transect
