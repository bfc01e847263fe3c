#include "data/synthetic/render/aerial_clutter.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/render/canvas.h"
#include "data/synthetic/render/palette.h"
#include "data/synthetic/render/plots.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/noise.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

void Clutter::Place() {
  PlaceHouses();
  PlaceTrees();
}

void Clutter::Draw() {
  for (const House& house : houses_) {
    DrawHouse(house);
  }
  for (const Tree& tree : trees_) {
    DrawTree(tree);
  }
}

template <typename Use>
void Clutter::ForEachPixel(const House& house, Use use) const {
  int cx, cy;
  picture_.land.FromFrame(house.center, &cx, &cy);
  const int reach = (house.half_u + house.half_v) / kFrameSteps + 2;
  const int c = CosOf(picture_.land.angle);
  const int s = SinOf(picture_.land.angle);
  const int x0 = cx >> 8;
  const int y0 = cy >> 8;
  for (int y = y0 - reach; y <= y0 + reach; ++y) {
    for (int x = x0 - reach; x <= x0 + reach; ++x) {
      const int dx = x * kSubpixels + 128 - cx;
      const int dy = y * kSubpixels + 128 - cy;
      const int a = static_cast<int>((int64_t{dx} * c + int64_t{dy} * s) >> 18);
      const int b = static_cast<int>((int64_t{dy} * c - int64_t{dx} * s) >> 18);
      const int cover =
          std::min(house.half_u - std::abs(a), house.half_v - std::abs(b)) + 8;
      if (cover > 0) {
        use(x, y, a, b, std::min(cover, 16));
      }
    }
  }
}

void Clutter::PlaceHouses() {
  if (picture_.clutter == 0) return;
  const int reach = picture_.size * kFrameSteps * 3 / 4;
  picture_.plots.ForEachLot(reach, [&](const Lot& lot) {
    House house;
    house.flat = lot.large;
    house.center = {lot.u, lot.v + picture_.land.BendAt(lot.u)};
    house.half_u = lot.half_u;
    house.half_v = lot.half_v;
    const int tone = static_cast<int>(lot.look >> 8) % 29 - 14;
    const auto& roofs = lot.large ? kFlatRoofs : kGableRoofs;
    house.color = Add(roofs[lot.look % kRoofs], tone);
    for (const int du : {-1, 0, 1}) {
      for (const int dv : {-1, 0, 1}) {
        int x, y;
        picture_.land.FromFrame({house.center.u + du * house.half_u,
                                 house.center.v + dv * house.half_v},
                                &x, &y);
        x >>= 8;
        y >>= 8;
        if (!picture_.Contains(x, y)) {
          if (du == 0 && dv == 0) return;
          continue;
        }
        if (picture_.Blocked(x, y, kInWater | kOnRoad | kNearObject)) return;
      }
    }
    const int height = picture_.land.Steps(lot.large ? 100 : 60) / kFrameSteps;
    CastHouse(house, height);
    ForEachPixel(house, [&](int x, int y, int, int, int) {
      if (picture_.Contains(x, y)) picture_.flags[picture_.At(x, y)] |= kBuilt;
    });
    houses_.push_back(house);
  });
}

void Clutter::PlaceTrees() {
  if (picture_.land.gsd_cm > 400 || picture_.clutter == 0) return;
  const int step = std::max(picture_.land.Steps(75) / kFrameSteps, 5);
  for (int gy = 0; gy < picture_.size; gy += step) {
    for (int gx = 0; gx < picture_.size; gx += step) {
      const uint32_t look = HashPoint(gx, gy, picture_.seed + 21);
      const int x = gx + static_cast<int>(look % static_cast<uint32_t>(step));
      const int y =
          gy + static_cast<int>((look >> 10) % static_cast<uint32_t>(step));
      if (picture_.Blocked(x, y, kInWater | kOnRoad | kNearObject | kBuilt))
        continue;
      const uint8_t flags = picture_.flags[picture_.At(x, y)];
      int chance = 14;
      if ((flags & kInForest) != 0) {
        chance = 90;
      } else if ((flags & kPaved) != 0) {
        chance = 10;
      } else if ((flags & kInYard) != 0) {
        chance = 180;
      } else if ((flags & kInField) != 0) {
        chance = 4;
      } else if (picture_.wide.at(x, y) > picture_.forest - 60) {
        chance = 200;
      }
      if (static_cast<int>((look >> 20) % 1000) >=
          chance * picture_.clutter / 500)
        continue;
      const int most = std::max(picture_.land.Steps(48) / kFrameSteps, 2);
      const int least = std::max(picture_.land.Steps(20) / kFrameSteps, 2);
      const int radius =
          least + static_cast<int>((look >> 5) %
                                   static_cast<uint32_t>(most - least + 1));
      if (CoversObject(x, y, radius + 1)) continue;
      const Tree tree = {x, y, radius, look};
      CastTree(tree);
      trees_.push_back(tree);
    }
  }
}

bool Clutter::CoversObject(int x, int y, int radius) const {
  for (const SceneObject& object : picture_.scene.objects) {
    if (x + radius < object.box[0] || y + radius < object.box[1] ||
        x - radius >= object.box[2] || y - radius >= object.box[3]) {
      continue;
    }
    for (int j = y - radius; j <= y + radius; ++j) {
      for (int i = x - radius; i <= x + radius; ++i) {
        if (object.Covers(i, j)) return true;
      }
    }
  }
  return false;
}

void Clutter::CastHouse(const House& house, int height) {
  const int copies = std::max(1, height / 2);
  for (int i = 1; i <= copies; ++i) {
    const int dx = picture_.ShiftX(height * i / copies);
    const int dy = picture_.ShiftY(height * i / copies);
    ForEachPixel(house, [&](int x, int y, int, int, int cover) {
      picture_.Darken(x + dx, y + dy, cover * 15);
    });
  }
}

void Clutter::CastTree(const Tree& tree) {
  const int radius = tree.radius;
  const int dx = picture_.ShiftX(radius);
  const int dy = picture_.ShiftY(radius);
  for (int y = -radius; y <= radius; ++y) {
    for (int x = -radius; x <= radius; ++x) {
      if (x * x + y * y <= radius * radius) {
        picture_.Darken(tree.x + x + dx, tree.y + y + dy, 215);
      }
    }
  }
}

void Clutter::DrawHouse(const House& house) {
  const bool along = house.half_u >= house.half_v;
  // Light on the two slopes of a gable roof.
  const int axis = picture_.land.angle + (along ? 16 : 32);
  const int lit = -(CosOf(axis) * (CosOf(picture_.land.sun) >> 7) +
                    SinOf(axis) * (SinOf(picture_.land.sun) >> 7)) >>
                  7;
  ForEachPixel(house, [&](int x, int y, int a, int b, int cover) {
    if (!picture_.Contains(x, y)) return;
    Rgb color = house.color;
    const int across = along ? b : -a;
    if (house.flat) {
      const int edge =
          std::min(house.half_u - std::abs(a), house.half_v - std::abs(b));
      if (edge < 20) color = Add(color, 18);
      // Plant on the roof.
      const uint32_t unit = HashPoint((a + (1 << 16)) / 80,
                                      (b + (1 << 16)) / 80, picture_.seed + 31);
      if (edge > 40 && unit % 37 == 0)
        color = Add(color, unit % 2 == 0 ? -24 : 16);
    } else {
      color = Scale(color, 256 + (across > 0 ? lit : -lit) * 60 / 16384);
      if (std::abs(across) < 8) color = Add(color, 14);
    }
    color = Add(color, picture_.Textured(picture_.fine.at(x, y) * 9 / 256));
    Rgb& pixel = picture_.pixels[picture_.At(x, y)];
    pixel = Mix(pixel, color, cover * 16);
  });
}

void Clutter::DrawTree(const Tree& tree) {
  const int r2 = tree.radius * tree.radius;
  const Rgb base = Mix(picture_.colors.forest, picture_.colors.lawn,
                       static_cast<int>(tree.look >> 24) / 3);
  for (int dy = -tree.radius; dy <= tree.radius; ++dy) {
    for (int dx = -tree.radius; dx <= tree.radius; ++dx) {
      const int x = tree.x + dx;
      const int y = tree.y + dy;
      if (!picture_.Contains(x, y) ||
          (picture_.flags[picture_.At(x, y)] & (kNearObject | kOnRoad)) != 0) {
        continue;
      }
      const int ragged = picture_.canopy.at(x, y) * r2 / 700;
      const int from = dx * dx + dy * dy + ragged;
      if (from > r2) continue;
      const int light = (dx * picture_.light_x + dy * picture_.light_y) * 26 /
                            (tree.radius + 1) -
                        from * 10 / (r2 + 1);
      const Rgb color = Add(
          base, light + picture_.Textured(picture_.fine.at(x, y) * 16 / 256));
      Rgb& pixel = picture_.pixels[picture_.At(x, y)];
      pixel = Mix(pixel, color, from * 4 > 3 * r2 ? 150 : 240);
    }
  }
}

}  // namespace transect
