#include "data/synthetic/render/icons.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "data/synthetic/render/background.h"
#include "data/synthetic/render/canvas.h"
#include "data/synthetic/render/palette.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/noise.h"
#include "data/synthetic/shapes/geometry.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {
namespace {

Rgb ColorOf(const Palette& palette, const SceneObject& object, Part part) {
  return part == Part::kBody ? palette.named[static_cast<int>(object.color)]
                             : palette.parts[static_cast<int>(part)];
}

void RenderWater(const SceneObject& object, const Palette& palette,
                 uint32_t seed, Canvas* canvas) {
  const ToShape to_shape(object);
  const int reach = object.half_length * 18 / 10 / kSubpixels + 1;
  const int center_x = object.center_x / kSubpixels;
  const int center_y = object.center_y / kSubpixels;
  const int cell = std::max(canvas->size() / 50, 2);
  for (int y = center_y - reach; y <= center_y + reach; ++y) {
    for (int x = center_x - reach; x <= center_x + reach; ++x) {
      const auto [u, v] = to_shape(x * kSubpixels + kSubpixels / 2,
                                   y * kSubpixels + kSubpixels / 2);
      if (canvas->Contains(x, y) && WaterAt(object.category, u, v)) {
        const int waves = SmoothNoise(x + 64, y + 64, cell, seed) / 32;
        canvas->Blend(x, y, Add(palette.water, waves), 235);
      }
    }
  }
}

struct Look {
  // Added to all colors of the object.
  int brightness;
  // Where the light comes from, as a shift of shadows in pixels.
  int shadow_x;
  int shadow_y;
};

// Mixes the colors under each pixel's sample points, so that edges are smooth.
void RenderObject(const Scene& scene, const SceneObject& object,
                  SynthesisSpec::Style style, const Palette& palette,
                  const Look& look, Canvas* canvas) {
  const int samples = SamplesPerSide(scene.size);
  const ToShape to_shape(object);
  const int height = object.box[3] - object.box[1];
  for (int y = object.box[1] - 1; y <= object.box[3]; ++y) {
    for (int x = object.box[0] - 1; x <= object.box[2]; ++x) {
      if (!canvas->Contains(x, y)) {
        continue;
      }
      Rgb sum;
      int inside = 0;
      to_shape.ForEachSample(x, y, samples, [&](int u, int v) {
        const Part part = PartAt(object.category, u, v);
        if (part != Part::kOutside) {
          const Rgb color = ColorOf(palette, object, part);
          sum = {sum.r + color.r, sum.g + color.g, sum.b + color.b};
          ++inside;
        }
      });
      if (inside == 0) {
        continue;
      }
      Rgb color = {sum.r / inside, sum.g / inside, sum.b / inside};
      color = Add(color, look.brightness);
      if (style == SynthesisSpec::NATURAL) {
        // Lit from above.
        color = Scale(color, 290 - 80 * (y - object.box[1]) / height);
      }
      canvas->Blend(x, y, color, inside * 256 / (samples * samples));
    }
  }
}

void RenderShadow(const SceneObject& object, const Look& look, int keep,
                  Canvas* canvas) {
  object.ForEachPixel([&](int x, int y) {
    x += look.shadow_x;
    y += look.shadow_y;
    if (canvas->Contains(x, y)) {
      canvas->Set(x, y, Scale(canvas->Get(x, y), keep));
    }
  });
}

void RenderOutline(const SceneObject& object, Canvas* canvas) {
  object.ForEachPixel([&](int x, int y) {
    if (!object.Covers(x - 1, y) || !object.Covers(x + 1, y) ||
        !object.Covers(x, y - 1) || !object.Covers(x, y + 1)) {
      canvas->Blend(x, y, {20, 16, 30}, 90);
    }
  });
}

void AddHaze(int weight, Canvas* canvas) {
  for (int y = 0; y < canvas->size(); ++y) {
    for (int x = 0; x < canvas->size(); ++x) {
      canvas->Blend(x, y, {188, 198, 212}, weight);
    }
  }
}

void AddNoise(uint32_t seed, int amplitude, Canvas* canvas) {
  for (int y = 0; y < canvas->size(); ++y) {
    for (int x = 0; x < canvas->size(); ++x) {
      const int noise =
          static_cast<int>(HashPoint(x, y, seed) % (2 * amplitude + 1)) -
          amplitude;
      canvas->Set(x, y, Add(canvas->Get(x, y), noise));
    }
  }
}

}  // namespace

Image RenderIcons(const Scene& scene, const SynthesisSpec& spec,
                  Philox* random) {
  const SynthesisSpec::Style style = spec.style();
  const bool aerial = style == SynthesisSpec::AERIAL;
  const Palette& palette = aerial ? kAerialPalette : kNaturalPalette;
  Canvas canvas(scene.size);
  if (aerial) {
    RenderAerialGround(spec.aerial(), random, &canvas);
  } else {
    RenderNaturalBackdrop(random, &canvas);
  }
  Look look;
  const int shadow = std::max(scene.size / 45, 1);
  const int sun = static_cast<int>(random->NextBelow(4));
  look.shadow_x = aerial && sun % 2 == 0 ? -shadow : shadow;
  look.shadow_y = aerial && sun / 2 == 0 ? -shadow : shadow;
  const uint32_t seed = random->NextU32();
  if (aerial) {
    for (const SceneObject& object : scene.objects) {
      RenderWater(object, palette, seed, &canvas);
    }
  }
  const int keep =
      aerial ? static_cast<int>(std::lround(256 * (1 - spec.aerial().shadow())))
             : 215;
  // All shadows first: none may fall on another object's mask.
  for (const SceneObject& object : scene.objects) {
    if (!aerial || ThrowsShadow(object.category)) {
      RenderShadow(object, look, keep, &canvas);
    }
  }
  for (const SceneObject& object : scene.objects) {
    look.brightness = static_cast<int>(random->NextBelow(25)) - 12;
    RenderObject(scene, object, style, palette, look, &canvas);
    if (!aerial) {
      RenderOutline(object, &canvas);
    }
  }
  if (aerial) {
    AddHaze(static_cast<int>(std::lround(256 * spec.aerial().haze())), &canvas);
  }
  AddNoise(
      seed + 1,
      aerial ? static_cast<int>(std::lround(spec.aerial().sensor_noise())) : 1,
      &canvas);
  return canvas.image();
}

}  // namespace transect
