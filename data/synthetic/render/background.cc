#include "data/synthetic/render/background.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/scene/noise.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/geometry.h"

namespace transect {
namespace {

struct Ground {
  Rgb first;
  Rgb second;
};

// Two colors per kind of ground: grass, dry grass, soil, sand, town, farmland.
constexpr Ground kGrounds[] = {
    {{92, 112, 70}, {76, 98, 62}},      {{146, 134, 100}, {122, 116, 84}},
    {{126, 104, 82}, {144, 120, 94}},   {{178, 164, 132}, {158, 142, 112}},
    {{134, 132, 128}, {114, 114, 112}}, {{104, 116, 78}, {124, 122, 88}},
};

// Top and bottom of the gradient: skies, walls, wood, lawns, dusk.
constexpr Ground kBackdrops[] = {
    {{164, 206, 240}, {238, 232, 214}}, {{212, 200, 240}, {250, 226, 234}},
    {{196, 234, 216}, {244, 248, 236}}, {{226, 190, 150}, {176, 132, 92}},
    {{150, 160, 172}, {208, 210, 212}}, {{128, 156, 112}, {160, 178, 124}},
    {{104, 98, 128}, {164, 134, 140}},  {{142, 122, 104}, {108, 96, 90}},
};

int Below(Philox* random, int n) {
  return static_cast<int>(random->NextBelow(n));
}

// An area seen from above, across which positions are (along, across) in pixels
// from its center.
struct Strip {
  int center_x;
  int center_y;
  int angle;

  int Along(int x, int y) const {
    return ((x - center_x) * CosOf(angle) + (y - center_y) * SinOf(angle)) >>
           14;
  }
  int Across(int x, int y) const {
    return ((y - center_y) * CosOf(angle) - (x - center_x) * SinOf(angle)) >>
           14;
  }
};

Strip DrawStrip(Philox* random, int size) {
  return {Below(random, size), Below(random, size), Below(random, kDirections)};
}

void RenderGround(int texture, Philox* random, Canvas* canvas) {
  const int size = canvas->size();
  const Ground& ground = kGrounds[Below(random, std::size(kGrounds))];
  const uint32_t seed = random->NextU32();
  const int coarse = std::max(size / 4, 4);
  const int middle = std::max(size / 13, 3);
  const int fine = std::max(size / 40, 2);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const int wide = SmoothNoise(x, y, coarse, seed);
      const int near = SmoothNoise(x, y, middle, seed + 1);
      const int detail = SmoothNoise(x, y, fine, seed + 2);
      const Rgb color = Mix(ground.first, ground.second,
                            128 + (wide + near) * texture / 1024);
      canvas->Set(x, y, Add(color, (near + 2 * detail) * texture / (28 * 256)));
    }
  }
}

// Fields: rectangles of a slightly different color, some with furrows.
void RenderFields(int clutter, Philox* random, Canvas* canvas) {
  const int size = canvas->size();
  const int fields = (1 + Below(random, 4)) * clutter / 128;
  for (int i = 0; i < fields; ++i) {
    const Strip strip = DrawStrip(random, size);
    const int half_along = size / 8 + Below(random, size / 4);
    const int half_across = size / 10 + Below(random, size / 6);
    const Rgb color = kGrounds[Below(random, std::size(kGrounds))].first;
    const int weight = 70 + Below(random, 80);
    const int furrow = std::max(size / 60, 2);
    const int depth = Below(random, 2) * 8;
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const int across = strip.Across(x, y);
        if (std::abs(strip.Along(x, y)) > half_along ||
            std::abs(across) > half_across) {
          continue;
        }
        const int shade = (across + 4 * size) / furrow % 2 == 0 ? depth : 0;
        canvas->Blend(x, y, Add(color, -shade), weight);
      }
    }
  }
}

void RenderRoad(Philox* random, Canvas* canvas) {
  const int size = canvas->size();
  const Strip strip = DrawStrip(random, size);
  const int half = std::max(size / 50, 1) + Below(random, size / 80 + 1);
  const int dash = std::max(size / 30, 2);
  const bool marked = half >= 8;
  const Rgb asphalt = Add({112, 112, 114}, Below(random, 30));
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const int across = std::abs(strip.Across(x, y));
      if (across > half) {
        continue;
      }
      canvas->Blend(x, y, across == half ? Add(asphalt, 30) : asphalt, 225);
      const int along = strip.Along(x, y) + 4 * size;
      if (marked && across <= half / 12 && along / dash % 2 == 0) {
        canvas->Blend(x, y, {225, 225, 215}, 200);
      }
    }
  }
}

void RenderTree(int center_x, int center_y, int radius, int tint,
                Canvas* canvas) {
  // The shadow first, to the lower right, then a crown lit from the left.
  for (int pass = 0; pass < 2; ++pass) {
    const int shift = pass == 0 ? (radius + 1) / 2 : 0;
    for (int dy = -radius; dy <= radius; ++dy) {
      for (int dx = -radius; dx <= radius; ++dx) {
        const int x = center_x + dx + shift;
        const int y = center_y + dy + shift;
        const int edge =
            static_cast<int>(HashPoint(x, y, tint) % (radius * radius / 3 + 1));
        if (!canvas->Contains(x, y) ||
            dx * dx + dy * dy + edge > radius * radius) {
          continue;
        }
        if (pass == 0) {
          canvas->Set(x, y, Scale(canvas->Get(x, y), 150));
        } else {
          const int light = -(dx + dy) * 22 / (radius + 1);
          canvas->Blend(x, y, Add({52 + tint % 20, 78 + tint % 24, 46}, light),
                        220);
        }
      }
    }
  }
}

void RenderTrees(int clutter, Philox* random, Canvas* canvas) {
  const int size = canvas->size();
  const int groups = Below(random, 6) * clutter / 128;
  for (int g = 0; g < groups; ++g) {
    const int center_x = Below(random, size);
    const int center_y = Below(random, size);
    const int trees = 1 + Below(random, 3 + size / 60);
    for (int i = 0; i < trees; ++i) {
      const int spread = size / 8 + 1;
      const int x = center_x + Below(random, 2 * spread) - spread;
      const int y = center_y + Below(random, 2 * spread) - spread;
      const int radius = 1 + size / 110 + Below(random, size / 110 + 1);
      RenderTree(x, y, radius, Below(random, 1 << 16), canvas);
    }
  }
}

}  // namespace

void RenderAerialGround(const AerialLook& look, Philox* random,
                        Canvas* canvas) {
  const int texture = static_cast<int>(std::lround(256 * look.texture()));
  const int clutter = static_cast<int>(std::lround(256 * look.clutter()));
  RenderGround(texture, random, canvas);
  RenderFields(clutter, random, canvas);
  if (Below(random, 256) < clutter) {
    RenderRoad(random, canvas);
  }
  RenderTrees(clutter, random, canvas);
}

void RenderNaturalBackdrop(Philox* random, Canvas* canvas) {
  const int size = canvas->size();
  const Ground& colors = kBackdrops[Below(random, std::size(kBackdrops))];
  const uint32_t seed = random->NextU32();
  // Some surfaces have a grain, coarse along one axis.
  const int grain = Below(random, 3) * 6;
  const int along = std::max(size / 5, 4);
  const int across = std::max(size / 40, 2);
  for (int y = 0; y < size; ++y) {
    const Rgb color = Mix(colors.first, colors.second, y * 256 / size);
    for (int x = 0; x < size; ++x) {
      const int wave = SmoothNoise(x, y * along / across, along, seed);
      canvas->Set(x, y, Add(color, wave * grain / 256));
    }
  }
  const int discs = 2 + Below(random, 4);
  for (int i = 0; i < discs; ++i) {
    const int center_x = Below(random, size);
    const int center_y = Below(random, size);
    const int radius = size / 8 + Below(random, size / 4);
    const Rgb light =
        Below(random, 2) == 0 ? Rgb{255, 255, 250} : Rgb{190, 200, 225};
    for (int y = std::max(center_y - radius, 0);
         y < std::min(center_y + radius, size); ++y) {
      for (int x = std::max(center_x - radius, 0);
           x < std::min(center_x + radius, size); ++x) {
        const int dx = x - center_x;
        const int dy = y - center_y;
        const int64_t rest = int64_t{radius} * radius - dx * dx - dy * dy;
        if (rest > 0) {
          canvas->Blend(x, y, light,
                        static_cast<int>(rest * 90 / (radius * radius)));
        }
      }
    }
  }
}

}  // namespace transect
