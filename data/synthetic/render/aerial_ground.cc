#include "data/synthetic/render/aerial_ground.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/render/aerial_roads.h"
#include "data/synthetic/render/canvas.h"
#include "data/synthetic/render/plots.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/noise.h"

namespace transect {
namespace {

class GroundRenderer {
 public:
  explicit GroundRenderer(AerialPicture* picture)
      : picture_(*picture),
        roads_(picture),
        shallow_(picture->land.Steps(900, 16)) {}

  void Render() {
    const int64_t c = CosOf(picture_.land.angle);
    const int64_t s = SinOf(picture_.land.angle);
    const int beach = picture_.land.Steps(120, 2);
    const bool water = picture_.land.water != Land::Water::kNone;
    for (int y = 0; y < picture_.size; ++y) {
      for (int x = 0; x < picture_.size; ++x) {
        const int64_t dx = 2 * x + 1 - picture_.size;
        const int64_t dy = 2 * y + 1 - picture_.size;
        const FramePoint point = {static_cast<int>((dx * c + dy * s) >> 11),
                                  static_cast<int>((dy * c - dx * s) >> 11)};
        const size_t at = picture_.At(x, y);
        const int wide = picture_.wide.at(x, y);
        const int middle = picture_.middle.at(x, y);
        const int fine = picture_.fine.at(x, y);
        int depth = -(1 << 20);
        if (water) {
          depth = picture_.land.WaterDepth(point);
          if (std::abs(depth) < 400 && !NearBasin(point)) {
            depth += (middle + fine / 4) / 6;
          }
        }
        if (depth > 0) {
          picture_.flags[at] |= kInWater;
          picture_.pixels[at] = Water(x, y, depth, wide, fine);
          if (depth < 24) {
            // Foam or a wet line.
            picture_.pixels[at] =
                Mix(picture_.pixels[at], picture_.colors.sand, 90 - depth * 3);
          }
          continue;
        }
        const int v = point.v - picture_.land.BendAt(point.u);
        Rgb color = OpenLand({point.u, v}, x, y, wide, middle, fine, at);
        if (depth > -beach) {
          const int weight = std::clamp((depth + beach) * 512 / beach, 0, 230);
          color =
              Mix(color,
                  Add(picture_.colors.sand, picture_.Textured(fine * 10 / 256)),
                  NearBasin(point) ? weight / 4 : weight);
          picture_.flags[at] |= kOnRoad;
        }
        picture_.pixels[at] = roads_.PaveOver(point, v, x, y, color);
      }
    }
  }

 private:
  bool NearBasin(FramePoint point) const {
    for (const Basin& basin : picture_.land.basins) {
      if (std::abs(point.u - basin.u) < basin.half_u &&
          std::abs(point.v - basin.v) < basin.depth) {
        return true;
      }
    }
    return false;
  }

  Rgb Meadow(int x, int y, int wide, int middle, int fine) const {
    // Lush where it is low, dry on the heights.
    const int dry = std::clamp(128 + (wide + middle * 3 / 2) / 2, 0, 256);
    Rgb color = Mix(picture_.colors.grass, picture_.colors.dry, dry);
    const int bare = middle + fine / 3 - 210;
    if (bare > 0) {
      color = Mix(color, picture_.colors.bare, std::min(bare * 3, 200));
    }
    return Add(
        color,
        picture_.Textured(
            (fine * 12 + picture_.Relief(picture_.middle, x, y) * 30) / 256));
  }

  Rgb Forest(int x, int y, int middle) const {
    const int relief = picture_.Relief(picture_.canopy, x, y);
    const int crown = picture_.canopy.at(x, y);
    Rgb color = Mix(picture_.colors.forest, picture_.colors.grass,
                    std::clamp(30 + middle / 5, 0, 120));
    color = Add(color, picture_.Textured((relief * 34 + crown * 14) / 256));
    // Gaps between crowns are dark.
    return crown < -90 ? Scale(color, 256 + (crown + 90) / 2) : color;
  }

  Rgb Water(int x, int y, int depth, int wide, int fine) const {
    const int t = std::clamp(depth * 256 / shallow_, 0, 256);
    Rgb color = Mix(picture_.colors.shallow, picture_.colors.deep, t);
    color = Add(color,
                picture_.Textured(wide / 28 + picture_.middle.at(x, y) / 60));
    const int ripple = picture_.Relief(picture_.fine, x, y);
    return Add(color, picture_.Textured((ripple * 7 + fine * 3) / 256));
  }

  Rgb Field(const Plot& plot, int u, int v, int middle, int fine) const {
    Rgb color = picture_.colors.crops[plot.crop];
    color = Add(color, plot.tint);
    const int across = plot.along_u ? v : u;
    const int along = plot.along_u ? u : v;
    // Furrows, and the tramlines of tractors.
    const int furrow = ((across + (1 << 20)) / plot.furrow) % 2 == 0
                           ? plot.depth
                           : -plot.depth;
    const bool tramline =
        ((across + (1 << 20)) % (plot.furrow * 14)) < plot.furrow;
    color =
        Add(color, picture_.Textured(furrow + (tramline ? -plot.depth : 0)));
    const int patch =
        SmoothNoise1(along / 16, 40, picture_.seed + plot.seed) / 60;
    return Add(color,
               picture_.Textured(patch + (middle * 10 + fine * 9) / 256));
  }

  // Ground of a block of the town between its houses.
  Rgb Yard(BlockKind kind, int x, int y, int wide, int middle, int fine) const {
    switch (kind) {
      case BlockKind::kPaved:
        return Add({146, 144, 140},
                   picture_.Textured((middle * 12 + fine * 9) / 256));
      case BlockKind::kPark:
        return Add(picture_.colors.lawn,
                   picture_.Textured((middle * 16 + fine * 12) / 256));
      default: {
        const int paved = std::clamp(110 + middle / 2, 0, 256);
        Rgb color = Mix(picture_.colors.lawn, {140, 134, 124}, paved * 5 / 8);
        color = Add(color, picture_.Textured((fine * 16 + wide * 5) / 256));
        return Add(color,
                   picture_.Textured(picture_.Relief(picture_.canopy, x, y) *
                                     10 / 256));
      }
    }
  }

  // `point` is without the bend.
  Rgb OpenLand(FramePoint point, int x, int y, int wide, int middle, int fine,
               size_t at) {
    const Block block = picture_.plots.BlockAt(point.u, point.v);
    if (block.kind != BlockKind::kNone) {
      if (block.street) {
        picture_.flags[at] |= kOnRoad;
        return Add({118, 117, 116},
                   picture_.Textured((fine * 8 + middle * 6) / 256));
      }
      picture_.flags[at] |= block.kind == BlockKind::kPaved ? kPaved : kInYard;
      return Yard(block.kind, x, y, wide, middle, fine);
    }
    const int forest =
        wide + middle / 4 + picture_.canopy.at(x, y) / 5 - picture_.forest;
    if (forest > 0) {
      picture_.flags[at] |= kInForest;
      return Forest(x, y, middle);
    }
    Rgb color = Meadow(x, y, wide, middle, fine);
    const Plot* plot = picture_.plots.PlotAt(point.u, point.v);
    if (plot != nullptr && wide < picture_.forest - 30) {
      picture_.flags[at] |= kInField;
      const int edge = plot->EdgeAt(point.u, point.v);
      if (edge > 0) {
        color = Field(*plot, point.u, point.v, middle, fine);
      } else {
        // A path or a hedge between parcels.
        color = plot->hedge ? Mix(color, picture_.colors.forest, 150)
                            : Mix(color, picture_.colors.bare, 130);
      }
    }
    // The shade at the foot of a forest's edge.
    return forest > -14 ? Scale(color, 216) : color;
  }

  AerialPicture& picture_;
  RoadRenderer roads_;
  // Depth at which water is darkest.
  const int shallow_;
};

}  // namespace

void RenderGround(AerialPicture* picture) { GroundRenderer(picture).Render(); }

}  // namespace transect
