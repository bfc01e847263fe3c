#include "data/synthetic/render/aerial_camera.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "data/synthetic/render/canvas.h"
#include "data/synthetic/scene/noise.h"

namespace transect {
namespace {

int Draw(Philox* random, int least, int most) {
  return least + static_cast<int>(random->NextBelow(most - least + 1));
}

}  // namespace

Image Develop(Philox* random, AerialPicture* picture) {
  const int size = picture->size;
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
  // Noise by its random bits. Two uniform draws make a triangle; a little
  // differs by channel.
  std::array<int, 127> luma;
  for (int i = 0; i < static_cast<int>(luma.size()); ++i) {
    luma[i] = (i - 63) * picture->noise / 32000;
  }
  std::array<int, 16> extra;
  for (int i = 0; i < static_cast<int>(extra.size()); ++i) {
    extra[i] = (i - 7) * picture->noise / 24000;
  }
  Image image{size, size, std::vector<uint8_t>(picture->Count() * 3)};
  // A row of the image with its first and last pixel repeated at its ends.
  std::vector<Rgb> row(size + 2);
  for (int y = 0; y < size; ++y) {
    const Rgb* up = &picture->pixels[picture->At(0, std::max(y - 1, 0))];
    const Rgb* here = &picture->pixels[picture->At(0, y)];
    const Rgb* down =
        &picture->pixels[picture->At(0, std::min(y + 1, size - 1))];
    for (int x = 0; x < size; ++x) {
      row[x + 1] = {up[x].r + 4 * here[x].r + down[x].r,
                    up[x].g + 4 * here[x].g + down[x].g,
                    up[x].b + 4 * here[x].b + down[x].b};
    }
    row[0] = row[1];
    row[size + 1] = row[size];
    uint8_t* out = &image.bgr[picture->At(0, y) * 3];
    for (int x = 0; x < size; ++x) {
      const Rgb& left = row[x];
      const Rgb& middle = row[x + 1];
      const Rgb& right = row[x + 2];
      const uint32_t bits = HashPoint(x, y, picture->seed + 41);
      const int grain = luma[(bits & 63) + (bits >> 6 & 63)];
      const auto store = [&](int l, int m, int r, uint32_t own) {
        const int value = (l + 4 * m + r) / 36 + grain + extra[own & 15];
        return static_cast<uint8_t>(std::clamp(value, 0, 255));
      };
      out[3 * x] = store(left.b, middle.b, right.b, bits >> 12);
      out[3 * x + 1] = store(left.g, middle.g, right.g, bits >> 16);
      out[3 * x + 2] = store(left.r, middle.r, right.r, bits >> 20);
    }
  }
  return image;
}

}  // namespace transect
