#include "data/synthetic/aerial_camera.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "data/synthetic/canvas.h"

namespace transect {
namespace {

int Draw(Philox* random, int least, int most) {
  return least + static_cast<int>(random->NextBelow(most - least + 1));
}

}  // namespace

Image Develop(Philox* random, AerialPicture* picture) {
  const int warm = Draw(random, -6, 6);
  const int gain = Draw(random, 236, 276);
  const int lift = Draw(random, -4, 10);
  const int keep = 1000 - picture->haze;
  const Rgb air = {188 * picture->haze / 1000, 198 * picture->haze / 1000,
                   212 * picture->haze / 1000};
  for (Rgb& pixel : picture->pixels) {
    const auto grade = [&](int value, int cast, int veil) {
      const int bright = (value * gain >> 8) + lift + cast;
      return bright * keep / 1000 + veil;
    };
    pixel = {grade(pixel.r, warm, air.r), grade(pixel.g, 0, air.g),
             grade(pixel.b, -warm, air.b)};
  }
  Image image{picture->size, picture->size,
              std::vector<uint8_t>(picture->Count() * 3)};
  std::vector<Rgb> row(picture->size);
  for (int y = 0; y < picture->size; ++y) {
    const Rgb* up = &picture->pixels[picture->At(0, std::max(y - 1, 0))];
    const Rgb* here = &picture->pixels[picture->At(0, y)];
    const Rgb* down =
        &picture->pixels[picture->At(0, std::min(y + 1, picture->size - 1))];
    for (int x = 0; x < picture->size; ++x) {
      row[x] = {up[x].r + 4 * here[x].r + down[x].r,
                up[x].g + 4 * here[x].g + down[x].g,
                up[x].b + 4 * here[x].b + down[x].b};
    }
    uint8_t* out = &image.bgr[picture->At(0, y) * 3];
    for (int x = 0; x < picture->size; ++x) {
      const Rgb& left = row[std::max(x - 1, 0)];
      const Rgb& right = row[std::min(x + 1, picture->size - 1)];
      const uint32_t bits = HashPoint(x, y, picture->seed + 41);
      // Two uniform draws make a triangle; a little differs by channel.
      const int grain =
          static_cast<int>(bits & 63) + static_cast<int>(bits >> 6 & 63) - 63;
      const int luma = grain * picture->noise / 32000;
      const auto store = [&](int l, int m, int r, int extra) {
        const int value =
            (l + 4 * m + r) / 36 + luma + extra * picture->noise / 24000;
        return static_cast<uint8_t>(std::clamp(value, 0, 255));
      };
      out[3 * x] = store(left.b, row[x].b, right.b,
                         static_cast<int>(bits >> 12 & 15) - 7);
      out[3 * x + 1] = store(left.g, row[x].g, right.g,
                             static_cast<int>(bits >> 16 & 15) - 7);
      out[3 * x + 2] = store(left.r, row[x].r, right.r,
                             static_cast<int>(bits >> 20 & 15) - 7);
    }
  }
  return image;
}

}  // namespace transect
