#include "data/synthetic/aerial.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "data/synthetic/canvas.h"
#include "data/synthetic/category.h"
#include "data/synthetic/geometry.h"
#include "data/synthetic/land.h"
#include "data/synthetic/layout.h"
#include "data/synthetic/palette.h"
#include "data/synthetic/texture.h"

namespace transect {
namespace {

// What a pixel of ground is, for what may stand on it.
enum Flag : uint8_t {
  kInWater = 1,
  kOnRoad = 2,
  kNearObject = 4,
  kInForest = 8,
  kInYard = 16,
  kInField = 32,
  kBuilt = 64,
  kPaved = 128,
};

// Decimetres.
int HeightOf(int category) {
  switch (category) {
    case kAirplane:
      return 60;
    case kBridge:
    case kOverpass:
      return 70;
    case kDam:
      return 160;
    case kHarbor:
      return 25;
    case kShip:
      return 90;
    case kStadium:
      return 260;
    case kStorageTank:
      return 130;
    case kTollStation:
    case kTrainStation:
      return 80;
    case kVehicle:
      return 24;
    default:
      return 0;
  }
}

int Permille(double value) {
  return static_cast<int>(std::lround(value * 1000));
}

class MetricPainter {
 public:
  MetricPainter(const Scene& scene, const AerialLook& look, Philox* random)
      : scene_(scene),
        layout_(scene.layout),
        size_(scene.size),
        clutter_(Permille(look.clutter())),
        texture_(Permille(look.texture())),
        shadow_(Permille(look.shadow())),
        noise_(Permille(look.sensor_noise())),
        haze_(Permille(look.haze())),
        random_(random),
        seed_(random->NextU32()),
        land_(LandPalette(layout_.biome)),
        plots_(layout_, seed_ + 1, clutter_),
        wide_(size_, std::max(size_ / 3, 8), 6, seed_ + 2),
        middle_(size_, std::max(size_ / 22, 6), 4, seed_ + 3),
        fine_(size_, 5, 2, seed_ + 4),
        canopy_(size_, std::clamp(1100 / layout_.scale, 5, 22), 3, seed_ + 5),
        pixels_(Count()),
        shade_(Count(), 0),
        flags_(Count(), 0) {
    light_x_ = Sign(-CosOf(layout_.sun));
    light_y_ = Sign(-SinOf(layout_.sun));
    forest_ = ForestLevel();
  }

  Image Paint() {
    MarkObjects();
    PaintGround();
    PaintPads();
    PlaceHouses();
    PlaceTrees();
    CastObjectShadows();
    ApplyShadows();
    for (const House& house : houses_) {
      DrawHouse(house);
    }
    for (const Tree& tree : trees_) {
      DrawTree(tree);
    }
    for (const SceneObject& object : scene_.objects) {
      DrawObject(object);
    }
    return Develop();
  }

 private:
  struct House {
    FramePoint center;
    // Half sides along u and v, 1/16 pixel.
    int half_u;
    int half_v;
    Rgb color;
    bool flat;
  };
  struct Tree {
    int x;
    int y;
    int radius;
    uint32_t look;
  };

  static int Sign(int value) {
    return value > 6000 ? 1 : value < -6000 ? -1 : 0;
  }
  size_t Count() const { return static_cast<size_t>(size_) * size_; }
  size_t At(int x, int y) const { return static_cast<size_t>(y) * size_ + x; }
  bool Contains(int x, int y) const {
    return x >= 0 && y >= 0 && x < size_ && y < size_;
  }
  int Draw(int least, int most) {
    return least + static_cast<int>(random_->NextBelow(most - least + 1));
  }
  int Textured(int value) const { return value * texture_ / 1000; }

  // Height field towards the light: positive on slopes that face it.
  int Relief(const NoiseField& field, int x, int y) const {
    return field.clamped(x - light_x_, y - light_y_) -
           field.clamped(x + light_x_, y + light_y_);
  }

  int ForestLevel() {
    const int wanted = Draw(0, 99);
    switch (layout_.zone) {
      case Zone::kCity:
      case Zone::kIndustry:
        return 110 + wanted;
      case Zone::kAirfield:
        return 130 + wanted;
      case Zone::kCountry:
        return -10 + 2 * wanted;
    }
    return 100;
  }

  // Objects and what lies close to them.
  void MarkObjects() {
    const int gap = std::max(layout_.Steps(60) / kFrameSteps, 4);
    for (const SceneObject& object : scene_.objects) {
      const int width = object.box[2] - object.box[0];
      for (int y = object.box[1]; y < object.box[3]; ++y) {
        const uint8_t* row =
            &object.mask[static_cast<size_t>(y - object.box[1]) * width];
        for (int x = 0; x < width;) {
          const int first = x;
          while (x < width && row[x] == row[first]) {
            ++x;
          }
          if (row[first] == 0) continue;
          const int x1 = std::max(object.box[0] + first - gap, 0);
          const int x2 = std::min(object.box[0] + x + gap, size_);
          // Rows in between follow from the ones above and below.
          for (const int j : {y - gap, y, y + gap}) {
            if (j < 0 || j >= size_) continue;
            for (int i = x1; i < x2; ++i) {
              flags_[At(i, j)] |= kNearObject;
            }
          }
        }
      }
    }
  }

  Rgb Meadow(int x, int y, int wide, int middle, int fine) const {
    // Lush where it is low, dry on the heights.
    const int dry = std::clamp(128 + (wide + middle * 3 / 2) / 2, 0, 256);
    Rgb color = Mix(land_.grass, land_.dry, dry);
    const int bare = middle + fine / 3 - 210;
    if (bare > 0) {
      color = Mix(color, land_.bare, std::min(bare * 3, 200));
    }
    return Add(color, Textured((fine * 12 + Relief(middle_, x, y) * 30) / 256));
  }

  Rgb Forest(int x, int y, int middle) const {
    const int relief = Relief(canopy_, x, y);
    const int crown = canopy_.at(x, y);
    Rgb color =
        Mix(land_.forest, land_.grass, std::clamp(30 + middle / 5, 0, 120));
    color = Add(color, Textured((relief * 34 + crown * 14) / 256));
    // Gaps between crowns are dark.
    return crown < -90 ? Scale(color, 256 + (crown + 90) / 2) : color;
  }

  Rgb Water(int x, int y, int depth, int wide, int fine) const {
    const int shallow = layout_.Steps(900, 16);
    const int t = std::clamp(depth * 256 / shallow, 0, 256);
    Rgb color = Mix(land_.shallow, land_.deep, t);
    color = Add(color, Textured(wide / 28 + middle_.at(x, y) / 60));
    const int ripple = Relief(fine_, x, y);
    return Add(color, Textured((ripple * 7 + fine * 3) / 256));
  }

  Rgb Field(const Plot& plot, int u, int v, int middle, int fine) const {
    Rgb color = land_.crops[plot.crop];
    color = Add(color, plot.tint);
    const int across = plot.along_u ? v : u;
    const int along = plot.along_u ? u : v;
    // Furrows, and the tramlines of tractors.
    const int furrow = ((across + (1 << 20)) / plot.furrow) % 2 == 0
                           ? plot.depth
                           : -plot.depth;
    const bool tramline =
        ((across + (1 << 20)) % (plot.furrow * 14)) < plot.furrow;
    color = Add(color, Textured(furrow + (tramline ? -plot.depth : 0)));
    const int patch = SmoothNoise1(along / 16, 40, seed_ + plot.seed) / 60;
    return Add(color, Textured(patch + (middle * 10 + fine * 9) / 256));
  }

  // Ground of a block of the town between its houses.
  Rgb Yard(BlockKind kind, int x, int y, int wide, int middle, int fine) const {
    switch (kind) {
      case BlockKind::kPaved:
        return Add({146, 144, 140}, Textured((middle * 12 + fine * 9) / 256));
      case BlockKind::kPark:
        return Add(land_.lawn, Textured((middle * 16 + fine * 12) / 256));
      default: {
        const int paved = std::clamp(110 + middle / 2, 0, 256);
        Rgb color = Mix(land_.lawn, {140, 134, 124}, paved * 5 / 8);
        color = Add(color, Textured((fine * 16 + wide * 5) / 256));
        return Add(color, Textured(Relief(canopy_, x, y) * 10 / 256));
      }
    }
  }

  void PaintGround() {
    const int64_t c = CosOf(layout_.angle);
    const int64_t s = SinOf(layout_.angle);
    const int beach = layout_.Steps(120, 2);
    const bool water = layout_.water != Layout::Water::kNone;
    for (int y = 0; y < size_; ++y) {
      for (int x = 0; x < size_; ++x) {
        const int64_t dx = 2 * x + 1 - size_;
        const int64_t dy = 2 * y + 1 - size_;
        const FramePoint point = {static_cast<int>((dx * c + dy * s) >> 11),
                                  static_cast<int>((dy * c - dx * s) >> 11)};
        const size_t at = At(x, y);
        const int wide = wide_.at(x, y);
        const int middle = middle_.at(x, y);
        const int fine = fine_.at(x, y);
        int depth = -(1 << 20);
        if (water) {
          depth = layout_.WaterDepth(point);
          if (std::abs(depth) < 400 && !NearBasin(point)) {
            depth += (middle + fine / 4) / 6;
          }
        }
        if (depth > 0) {
          flags_[at] |= kInWater;
          pixels_[at] = Water(x, y, depth, wide, fine);
          if (depth < 24) {
            // Foam or a wet line.
            pixels_[at] = Mix(pixels_[at], land_.sand, 90 - depth * 3);
          }
          continue;
        }
        Rgb color = Land(point, x, y, wide, middle, fine, at);
        if (depth > -beach) {
          const int weight = std::clamp((depth + beach) * 512 / beach, 0, 230);
          color = Mix(color, Add(land_.sand, Textured(fine * 10 / 256)),
                      NearBasin(point) ? weight / 4 : weight);
          flags_[at] |= kOnRoad;
        }
        pixels_[at] = PaveOver(point, x, y, color, at);
      }
    }
  }

  bool NearBasin(FramePoint point) const {
    for (const Basin& basin : layout_.basins) {
      if (std::abs(point.u - basin.u) < basin.half_u &&
          std::abs(point.v - basin.v) < basin.depth) {
        return true;
      }
    }
    return false;
  }

  Rgb Land(FramePoint point, int x, int y, int wide, int middle, int fine,
           size_t at) {
    const int v = point.v - layout_.BendAt(point.u);
    const Block block = plots_.BlockAt(point.u, v);
    if (block.kind != BlockKind::kNone) {
      if (block.street) {
        flags_[at] |= kOnRoad;
        return Add({118, 117, 116}, Textured((fine * 8 + middle * 6) / 256));
      }
      flags_[at] |= block.kind == BlockKind::kPaved ? kPaved : kInYard;
      return Yard(block.kind, x, y, wide, middle, fine);
    }
    const int forest = wide + middle / 4 + canopy_.at(x, y) / 5 - forest_;
    if (forest > 0) {
      flags_[at] |= kInForest;
      return Forest(x, y, middle);
    }
    Rgb color = Meadow(x, y, wide, middle, fine);
    const Plot* plot = plots_.PlotAt(point.u, v);
    if (plot != nullptr && wide < forest_ - 30) {
      flags_[at] |= kInField;
      const int edge = plot->EdgeAt(point.u, v);
      if (edge > 0) {
        color = Field(*plot, point.u, v, middle, fine);
      } else {
        // A path or a hedge between parcels.
        color = plot->hedge ? Mix(color, land_.forest, 150)
                            : Mix(color, land_.bare, 130);
      }
    }
    // The shade at the foot of a forest's edge.
    return forest > -14 ? Scale(color, 216) : color;
  }

  // Bands and cross roads over the ground.
  Rgb PaveOver(FramePoint point, int x, int y, Rgb color, size_t at) {
    const int v = point.v - layout_.BendAt(point.u);
    const int stain =
        Textured((middle_.at(x, y) * 10 + fine_.at(x, y) * 7) / 256);
    for (const CrossRoad& road : layout_.cross_roads) {
      const int off = point.u - road.u;
      const int inside = road.half - std::abs(off);
      if (inside > -8) {
        flags_[at] |= kOnRoad;
        color = Mix(color,
                    Add(RoadColor(off, point.v, road.half,
                                  road.half > layout_.Steps(90, 3)),
                        stain),
                    std::clamp((inside + 8) * 16, 0, 256));
      } else if (inside > -layout_.Steps(70, 1)) {
        flags_[at] |= kOnRoad;
      }
    }
    for (const Band& band : layout_.bands) {
      const int off = v - band.center;
      const int inside = band.half - std::abs(off);
      if (inside > -8) {
        flags_[at] |= kOnRoad;
        color = Mix(color, Add(BandColor(band, point.u, off), stain),
                    std::clamp((inside + 8) * 16, 0, 256));
      } else if (inside > -layout_.Steps(90, 1)) {
        // The verge.
        flags_[at] |= kOnRoad;
        color = Mix(color, Add(land_.dry, stain), 110);
      }
    }
    return color;
  }

  // The surface of a road `off` from its middle; dashes by `along`.
  Rgb RoadColor(int off, int along, int half, bool wide) const {
    const int w = std::abs(off);
    const bool fine = layout_.scale <= 150;
    const int line = std::max(layout_.Steps(2, 1), 10);
    const Rgb asphalt = {112, 112, 114};
    const Rgb paint = {206, 205, 198};
    if (half < 3 * kFrameSteps) {
      return {150, 148, 142};
    }
    if (wide) {
      // Two carriageways with a strip between.
      if (w < half / 13)
        return fine ? Mix(land_.grass, asphalt, 90) : Rgb{128, 130, 118};
      if (w > half - half / 9) return {134, 133, 130};
      if (!fine) return asphalt;
      const int from = w - half / 13;
      const int lanes = half - half / 13 - half / 9;
      if (from < line || lanes - from < line) return paint;
      for (int i = 1; i < 3; ++i) {
        if (std::abs(from - lanes * i / 3) < line * 2 / 3) {
          const int dash = layout_.Steps(60, 3);
          return ((along + (1 << 20)) / dash) % 3 == 0 ? paint : asphalt;
        }
      }
      // Wheel tracks.
      const int lane = from % std::max(lanes / 3, 1);
      return Add(asphalt, std::abs(lane - lanes / 6) < lanes / 14 ? 5 : -2);
    }
    if (half - w < line && fine) return paint;
    if (w < line * 2 / 3 && fine) {
      return ((along + (1 << 20)) / layout_.Steps(60, 3)) % 2 == 0 ? paint
                                                                   : asphalt;
    }
    return asphalt;
  }

  Rgb BandColor(const Band& band, int u, int off) const {
    const int w = std::abs(off);
    const int line = std::max(layout_.Steps(3, 1), 12);
    switch (band.kind) {
      case Band::Kind::kHighway:
        return RoadColor(off, u, band.half, true);
      case Band::Kind::kRailway: {
        const int period = layout_.Steps(45, 4);
        const int across = (off + (1 << 20)) % period;
        const int rail = layout_.Steps(14, 1);
        if (layout_.scale <= 250 &&
            (std::abs(across - period / 2 - rail / 2) < 10 ||
             std::abs(across - period / 2 + rail / 2) < 10)) {
          return {92, 84, 80};
        }
        return w > band.half - line ? Rgb{120, 114, 100} : Rgb{136, 126, 116};
      }
      case Band::Kind::kApron: {
        const int slab = layout_.Steps(75, 5);
        const bool joint =
            (u + (1 << 20)) % slab < 12 || (off + (1 << 20)) % slab < 12;
        if (std::abs(w - band.half * 8 / 10) < line) return {190, 168, 84};
        const uint32_t tone =
            HashPoint((u + (1 << 20)) / slab, (off + (1 << 20)) / slab, seed_);
        return Add({178, 175, 168},
                   (joint ? -14 : 0) + static_cast<int>(tone % 9) - 4);
      }
      case Band::Kind::kRunway: {
        if (band.half - w < 2 * line && band.half - w > line / 2)
          return {200, 200, 196};
        if (w < line && ((u + (1 << 20)) / layout_.Steps(300, 6)) % 2 == 0) {
          return {204, 204, 200};
        }
        // Rubber in the middle.
        const int rubber =
            std::max(0, band.half / 3 - std::abs(w - band.half / 4));
        return Add({98, 98, 102}, -rubber * 20 / std::max(band.half, 1));
      }
    }
    return {};
  }

  // Pavement or gravel around what needs it.
  void PaintPads() {
    const int gap = std::max(layout_.Steps(45) / kFrameSteps, 3);
    for (const SceneObject& object : scene_.objects) {
      Rgb color;
      int share = 200;
      switch (object.category) {
        case kStorageTank:
          color = {158, 148, 132};
          break;
        case kChimney:
        case kStadium:
          color = {150, 147, 142};
          break;
        case kBasketballCourt:
        case kTennisCourt:
          color = Mix(land_.lawn, {150, 146, 136}, 110);
          break;
        case kBaseballField:
        case kGroundTrackField:
          color = land_.lawn;
          break;
        case kWindmill:
          color = land_.bare;
          share = 150;
          break;
        case kServiceArea:
        case kTrainStation:
          color = {138, 136, 130};
          break;
        default:
          continue;
      }
      // A ring about the box or disc of the object, with a ragged edge.
      const int reach = object.half_length / kSubpixels + gap;
      const int cx = object.center_x / kSubpixels;
      const int cy = object.center_y / kSubpixels;
      SceneObject grown = object;
      grown.half_length += gap * kSubpixels * 2;
      const ToShape to_shape(grown);
      const ObjectShape shape(grown);
      const int far = reach * 3 / 2 + gap;
      for (int y = std::max(cy - far, 0); y <= std::min(cy + far, size_ - 1);
           ++y) {
        for (int x = std::max(cx - far, 0); x <= std::min(cx + far, size_ - 1);
             ++x) {
          const int ragged = middle_.at(x, y) + fine_.at(x, y);
          const auto [u, v] =
              to_shape(x * kSubpixels + ragged, y * kSubpixels - ragged);
          if (shape.At(u, v) == Part::kOutside) continue;
          const size_t at = At(x, y);
          if ((flags_[at] & kInWater) != 0) continue;
          pixels_[at] =
              Mix(pixels_[at], Add(color, Textured(fine_.at(x, y) * 12 / 256)),
                  share);
          flags_[at] |= kNearObject;
        }
      }
    }
  }

  // ---- What stands on the ground.

  bool Blocked(int x, int y, uint8_t what) const {
    return !Contains(x, y) || (flags_[At(x, y)] & what) != 0;
  }

  void PlaceHouses() {
    if (clutter_ == 0) return;
    const int reach = size_ * kFrameSteps * 3 / 4;
    plots_.ForEachLot(reach, [&](const Lot& lot) {
      House house;
      house.flat = lot.large;
      house.center = {lot.u, lot.v + layout_.BendAt(lot.u)};
      house.half_u = lot.half_u;
      house.half_v = lot.half_v;
      const int tone = static_cast<int>(lot.look >> 8) % 29 - 14;
      const auto& roofs = lot.large ? kFlatRoofs : kGableRoofs;
      house.color = Add(roofs[lot.look % kRoofs], tone);
      for (const int du : {-1, 0, 1}) {
        for (const int dv : {-1, 0, 1}) {
          int x, y;
          layout_.FromFrame({house.center.u + du * house.half_u,
                             house.center.v + dv * house.half_v},
                            &x, &y);
          x >>= 8;
          y >>= 8;
          if (!Contains(x, y)) {
            if (du == 0 && dv == 0) return;
            continue;
          }
          if (Blocked(x, y, kInWater | kOnRoad | kNearObject)) return;
        }
      }
      const int height = layout_.Steps(lot.large ? 100 : 60) / kFrameSteps;
      CastRect(house, height);
      ForEachRectPixel(house, [&](int x, int y, int, int, int) {
        if (Contains(x, y)) flags_[At(x, y)] |= kBuilt;
      });
      houses_.push_back(house);
    });
  }

  void PlaceTrees() {
    if (layout_.scale > 400 || clutter_ == 0) return;
    const int step = std::max(layout_.Steps(75) / kFrameSteps, 5);
    for (int gy = 0; gy < size_; gy += step) {
      for (int gx = 0; gx < size_; gx += step) {
        const uint32_t look = HashPoint(gx, gy, seed_ + 21);
        const int x = gx + static_cast<int>(look % static_cast<uint32_t>(step));
        const int y =
            gy + static_cast<int>((look >> 10) % static_cast<uint32_t>(step));
        if (Blocked(x, y, kInWater | kOnRoad | kNearObject | kBuilt)) continue;
        const uint8_t flags = flags_[At(x, y)];
        int chance = 14;
        if ((flags & kInForest) != 0) {
          chance = 90;
        } else if ((flags & kPaved) != 0) {
          chance = 10;
        } else if ((flags & kInYard) != 0) {
          chance = 180;
        } else if ((flags & kInField) != 0) {
          chance = 4;
        } else if (wide_.at(x, y) > forest_ - 60) {
          chance = 200;
        }
        if (static_cast<int>((look >> 20) % 1000) >= chance * clutter_ / 500)
          continue;
        const int most = std::max(layout_.Steps(48) / kFrameSteps, 2);
        const int least = std::max(layout_.Steps(20) / kFrameSteps, 2);
        const int radius =
            least + static_cast<int>((look >> 5) %
                                     static_cast<uint32_t>(most - least + 1));
        if (CoversObject(x, y, radius + 1)) continue;
        const Tree tree = {x, y, radius, look};
        CastDisc(x, y, radius);
        trees_.push_back(tree);
      }
    }
  }

  bool CoversObject(int x, int y, int radius) const {
    for (const SceneObject& object : scene_.objects) {
      if (x + radius < object.box[0] || y + radius < object.box[1] ||
          x - radius >= object.box[2] || y - radius >= object.box[3]) {
        continue;
      }
      const int width = object.box[2] - object.box[0];
      for (int j = std::max(y - radius, object.box[1]);
           j < std::min(y + radius + 1, object.box[3]); ++j) {
        for (int i = std::max(x - radius, object.box[0]);
             i < std::min(x + radius + 1, object.box[2]); ++i) {
          if (object.mask[static_cast<size_t>(j - object.box[1]) * width + i -
                          object.box[0]] != 0) {
            return true;
          }
        }
      }
    }
    return false;
  }

  // ---- Shadows.

  void Darken(int x, int y, int amount) {
    if (Contains(x, y)) {
      uint8_t& shade = shade_[At(x, y)];
      shade = static_cast<uint8_t>(std::max<int>(shade, amount));
    }
  }

  int ShiftX(int length) const { return (CosOf(layout_.sun) * length) >> 14; }
  int ShiftY(int length) const { return (SinOf(layout_.sun) * length) >> 14; }

  template <typename Use>
  void ForEachRectPixel(const House& house, Use use) const {
    int cx, cy;
    layout_.FromFrame(house.center, &cx, &cy);
    const int reach = (house.half_u + house.half_v) / kFrameSteps + 2;
    const int c = CosOf(layout_.angle);
    const int s = SinOf(layout_.angle);
    const int x0 = cx >> 8;
    const int y0 = cy >> 8;
    for (int y = y0 - reach; y <= y0 + reach; ++y) {
      for (int x = x0 - reach; x <= x0 + reach; ++x) {
        const int dx = x * kSubpixels + 128 - cx;
        const int dy = y * kSubpixels + 128 - cy;
        const int a =
            static_cast<int>((int64_t{dx} * c + int64_t{dy} * s) >> 18);
        const int b =
            static_cast<int>((int64_t{dy} * c - int64_t{dx} * s) >> 18);
        const int cover =
            std::min(house.half_u - std::abs(a), house.half_v - std::abs(b)) +
            8;
        if (cover > 0) {
          use(x, y, a, b, std::min(cover, 16));
        }
      }
    }
  }

  void CastRect(const House& house, int height) {
    const int copies = std::max(1, height / 2);
    for (int i = 1; i <= copies; ++i) {
      const int dx = ShiftX(height * i / copies);
      const int dy = ShiftY(height * i / copies);
      ForEachRectPixel(house, [&](int x, int y, int, int, int cover) {
        Darken(x + dx, y + dy, cover * 15);
      });
    }
  }

  void CastDisc(int cx, int cy, int radius) {
    const int dx = ShiftX(radius);
    const int dy = ShiftY(radius);
    for (int y = -radius; y <= radius; ++y) {
      for (int x = -radius; x <= radius; ++x) {
        if (x * x + y * y <= radius * radius) {
          Darken(cx + x + dx, cy + y + dy, 215);
        }
      }
    }
  }

  // A line from the foot of a tall thing, `half` wide at first, `end` at last.
  void CastPole(int x, int y, int length, int half, int end) {
    for (int i = 0; i <= length; ++i) {
      const int w = half + (end - half) * i / std::max(length, 1);
      const int px = x + ShiftX(i);
      const int py = y + ShiftY(i);
      for (int b = -w; b <= w; ++b) {
        Darken(px - ((SinOf(layout_.sun) * b) >> 14),
               py + ((CosOf(layout_.sun) * b) >> 14), 230);
      }
    }
  }

  void CastObjectShadows() {
    for (const SceneObject& object : scene_.objects) {
      const int half = object.half_length / kSubpixels;
      if (object.category == kChimney || object.category == kWindmill) {
        // From the foot, at u = -1000 of the shape.
        const int x = (object.center_x -
                       static_cast<int>(int64_t{object.half_length} * 92 / 100 *
                                            CosOf(object.angle) >>
                                        14)) >>
                      8;
        const int y = (object.center_y -
                       static_cast<int>(int64_t{object.half_length} * 92 / 100 *
                                            SinOf(object.angle) >>
                                        14)) >>
                      8;
        if (object.category == kChimney) {
          CastPole(x, y, half * 17 / 10, half * 24 / 100, half * 15 / 100);
        } else {
          CastPole(x, y, half * 15 / 10, std::max(half / 26, 1), 1);
          const int hx = x + ShiftX(half * 15 / 10);
          const int hy = y + ShiftY(half * 15 / 10);
          CastRotor(hx, hy, half * 6 / 10, object);
        }
        continue;
      }
      const int height = HeightOf(object.category);
      if (height == 0) continue;
      const int length =
          std::clamp(layout_.Steps(height) / kFrameSteps, 1, size_ / 12);
      const int stride = length > 12 ? 2 : 1;
      const int width = object.box[2] - object.box[0];
      for (int i = stride; i <= length; i += stride) {
        const int dx = ShiftX(i);
        const int dy = ShiftY(i);
        for (size_t p = 0; p < object.mask.size(); ++p) {
          if (object.mask[p] != 0) {
            Darken(object.box[0] + static_cast<int>(p) % width + dx,
                   object.box[1] + static_cast<int>(p) / width + dy, 235);
          }
        }
      }
    }
  }

  void CastRotor(int x, int y, int radius, const SceneObject& object) {
    const int turn = static_cast<int>(object.look % 21);
    for (int i = 0; i < 3; ++i) {
      const int angle = turn + 21 * i;
      for (int r = 0; r <= radius; ++r) {
        const int px = x + ((CosOf(angle) * r) >> 14);
        const int py = y + ((SinOf(angle) * r) >> 14);
        Darken(px, py, 200);
        Darken(px + 1, py, 200);
      }
    }
  }

  void ApplyShadows() {
    if (shadow_ == 0) return;
    for (int y = 0; y < size_; ++y) {
      for (int x = 0; x < size_; ++x) {
        // Soft edges: the mean with the neighbours.
        int shade = 4 * shade_[At(x, y)];
        shade += 2 * (ShadeAt(x - 1, y) + ShadeAt(x + 1, y) +
                      ShadeAt(x, y - 1) + ShadeAt(x, y + 1));
        if (shade == 0) continue;
        shade += ShadeAt(x - 1, y - 1) + ShadeAt(x + 1, y - 1) +
                 ShadeAt(x - 1, y + 1) + ShadeAt(x + 1, y + 1);
        const int dark = shade / 16 * shadow_ / 1000;
        Rgb& color = pixels_[At(x, y)];
        // The sky still lights it, in blue.
        color = {color.r * (255 - dark) / 255,
                 color.g * (255 - dark * 97 / 100) / 255,
                 color.b * (255 - dark * 88 / 100) / 255};
      }
    }
  }

  int ShadeAt(int x, int y) const {
    return Contains(x, y) ? shade_[At(x, y)] : 0;
  }

  // ---- Drawing.

  void DrawHouse(const House& house) {
    const bool along = house.half_u >= house.half_v;
    // Light on the two slopes of a gable roof.
    const int axis = layout_.angle + (along ? 16 : 32);
    const int lit = -(CosOf(axis) * (CosOf(layout_.sun) >> 7) +
                      SinOf(axis) * (SinOf(layout_.sun) >> 7)) >>
                    7;
    ForEachRectPixel(house, [&](int x, int y, int a, int b, int cover) {
      if (!Contains(x, y)) return;
      Rgb color = house.color;
      const int across = along ? b : -a;
      if (house.flat) {
        const int edge =
            std::min(house.half_u - std::abs(a), house.half_v - std::abs(b));
        if (edge < 20) color = Add(color, 18);
        // Plant on the roof.
        const uint32_t unit =
            HashPoint((a + (1 << 16)) / 80, (b + (1 << 16)) / 80, seed_ + 31);
        if (edge > 40 && unit % 37 == 0)
          color = Add(color, unit % 2 == 0 ? -24 : 16);
      } else {
        color = Scale(color, 256 + (across > 0 ? lit : -lit) * 60 / 16384);
        if (std::abs(across) < 8) color = Add(color, 14);
      }
      color = Add(color, Textured(fine_.at(x, y) * 9 / 256));
      Rgb& pixel = pixels_[At(x, y)];
      pixel = Mix(pixel, color, cover * 16);
    });
  }

  void DrawTree(const Tree& tree) {
    const int r2 = tree.radius * tree.radius;
    const Rgb base =
        Mix(land_.forest, land_.lawn, static_cast<int>(tree.look >> 24) / 3);
    for (int dy = -tree.radius; dy <= tree.radius; ++dy) {
      for (int dx = -tree.radius; dx <= tree.radius; ++dx) {
        const int x = tree.x + dx;
        const int y = tree.y + dy;
        if (!Contains(x, y) ||
            (flags_[At(x, y)] & (kNearObject | kOnRoad)) != 0) {
          continue;
        }
        const int ragged = canopy_.at(x, y) * r2 / 700;
        const int from = dx * dx + dy * dy + ragged;
        if (from > r2) continue;
        const int light =
            (dx * light_x_ + dy * light_y_) * 26 / (tree.radius + 1) -
            from * 10 / (r2 + 1);
        const Rgb color =
            Add(base, light + Textured(fine_.at(x, y) * 16 / 256));
        Rgb& pixel = pixels_[At(x, y)];
        pixel = Mix(pixel, color, from * 4 > 3 * r2 ? 150 : 240);
      }
    }
  }

  Rgb PartColor(const SceneObject& object, Part part, int tone, int x,
                int y) const {
    const int fine = fine_.at(x, y);
    const int middle = middle_.at(x, y);
    switch (part) {
      case Part::kBody: {
        const Rgb& color = kMetricPalette.named[static_cast<int>(object.color)];
        return Add(color, tone + Textured((fine * 6 + middle * 5) / 256));
      }
      case Part::kGrass:
        return Add(
            Mix(land_.lawn, kMetricPalette.parts[static_cast<int>(part)], 90),
            tone / 2 + Textured((fine * 11 + middle * 12) / 256));
      case Part::kFairway:
        return Add(
            Mix(land_.lawn, kMetricPalette.parts[static_cast<int>(part)], 150),
            Textured((fine * 9 + middle * 8) / 256));
      case Part::kPond:
        return Mix(land_.shallow, land_.deep, 170);
      default:
        return Add(kMetricPalette.parts[static_cast<int>(part)],
                   tone / 2 + Textured((fine * 8 + middle * 7) / 256));
    }
  }

  // Light and shade of what is not flat, for a point of the shape.
  int Roundness(const SceneObject& object, int u, int v) const {
    // The light in the object's own axes.
    const int turn = layout_.sun + 32 - object.angle;
    switch (object.category) {
      case kStorageTank:
        return ((CosOf(turn) * u + SinOf(turn) * v) >> 14) * 16 / 1000;
      case kStadium: {
        const int off = ((CosOf(turn) * u + SinOf(turn) * v) >> 14);
        return off * 22 / 1000;
      }
      case kChimney:
        return (SinOf(turn) * v >> 14) * 42 / 250;
      case kAirplane:
        return std::abs(v) < 110 ? (SinOf(turn) * v >> 14) * 22 / 110 : 0;
      case kShip:
        return (SinOf(turn) * v >> 14) * 14 / 230;
      case kWindmill:
        return 8;
      default:
        return 0;
    }
  }

  void DrawObject(const SceneObject& object) {
    const ToShape to_shape(object);
    const ObjectShape shape(object);
    const int tone = static_cast<int>(object.look >> 16) % 21 - 10;
    const int samples =
        size_ <= 400 || object.half_length < 40 * kSubpixels ? 3 : 2;
    const int step = kSubpixels / samples;
    const int width = object.box[2] - object.box[0];
    for (int y = std::max(object.box[1] - 1, 0);
         y <= std::min(object.box[3], size_ - 1); ++y) {
      for (int x = std::max(object.box[0] - 1, 0);
           x <= std::min(object.box[2], size_ - 1); ++x) {
        if (!NearMask(object, width, x, y)) continue;
        Rgb sum;
        int inside = 0;
        for (int i = 0; i < samples * samples; ++i) {
          const auto [u, v] =
              to_shape(x * kSubpixels + step / 2 + i % samples * step,
                       y * kSubpixels + step / 2 + i / samples * step);
          const Part part = shape.At(u, v);
          if (part == Part::kOutside) continue;
          const Rgb color =
              Add(PartColor(object, part, tone, x, y), Roundness(object, u, v));
          sum = {sum.r + color.r, sum.g + color.g, sum.b + color.b};
          ++inside;
        }
        if (inside == 0) continue;
        Rgb& pixel = pixels_[At(x, y)];
        pixel = Mix(pixel, {sum.r / inside, sum.g / inside, sum.b / inside},
                    inside * 256 / (samples * samples));
      }
    }
  }

  static bool NearMask(const SceneObject& object, int width, int x, int y) {
    const int height = object.box[3] - object.box[1];
    const int i = x - object.box[0];
    const int j = y - object.box[1];
    for (int b = std::max(j - 1, 0); b <= std::min(j + 1, height - 1); ++b) {
      for (int a = std::max(i - 1, 0); a <= std::min(i + 1, width - 1); ++a) {
        if (object.mask[static_cast<size_t>(b) * width + a] != 0) return true;
      }
    }
    return false;
  }

  // ---- The camera.

  Image Develop() {
    const int warm = Draw(-6, 6);
    const int gain = Draw(236, 276);
    const int lift = Draw(-4, 10);
    const int keep = 1000 - haze_;
    const Rgb air = {188 * haze_ / 1000, 198 * haze_ / 1000,
                     212 * haze_ / 1000};
    for (Rgb& pixel : pixels_) {
      const auto grade = [&](int value, int cast, int veil) {
        const int bright = (value * gain >> 8) + lift + cast;
        return bright * keep / 1000 + veil;
      };
      pixel = {grade(pixel.r, warm, air.r), grade(pixel.g, 0, air.g),
               grade(pixel.b, -warm, air.b)};
    }
    Image image{size_, size_, std::vector<uint8_t>(Count() * 3)};
    std::vector<Rgb> row(size_);
    for (int y = 0; y < size_; ++y) {
      const Rgb* up = &pixels_[At(0, std::max(y - 1, 0))];
      const Rgb* here = &pixels_[At(0, y)];
      const Rgb* down = &pixels_[At(0, std::min(y + 1, size_ - 1))];
      for (int x = 0; x < size_; ++x) {
        row[x] = {up[x].r + 4 * here[x].r + down[x].r,
                  up[x].g + 4 * here[x].g + down[x].g,
                  up[x].b + 4 * here[x].b + down[x].b};
      }
      uint8_t* out = &image.bgr[At(0, y) * 3];
      for (int x = 0; x < size_; ++x) {
        const Rgb& left = row[std::max(x - 1, 0)];
        const Rgb& right = row[std::min(x + 1, size_ - 1)];
        const uint32_t bits = HashPoint(x, y, seed_ + 41);
        // Two uniform draws make a triangle; a little differs by channel.
        const int grain =
            static_cast<int>(bits & 63) + static_cast<int>(bits >> 6 & 63) - 63;
        const int luma = grain * noise_ / 32000;
        const auto store = [&](int l, int m, int r, int extra) {
          const int value =
              (l + 4 * m + r) / 36 + luma + extra * noise_ / 24000;
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

  const Scene& scene_;
  const Layout& layout_;
  int size_;
  int clutter_;
  int texture_;
  int shadow_;
  int noise_;
  int haze_;
  Philox* random_;
  uint32_t seed_;
  const LandColors& land_;
  Plots plots_;
  NoiseField wide_;
  NoiseField middle_;
  NoiseField fine_;
  NoiseField canopy_;
  std::vector<Rgb> pixels_;
  std::vector<uint8_t> shade_;
  std::vector<uint8_t> flags_;
  std::vector<House> houses_;
  std::vector<Tree> trees_;
  int light_x_ = 0;
  int light_y_ = 0;
  int forest_ = 0;
};

}  // namespace

Image PaintMetricScene(const Scene& scene, const AerialLook& look,
                       Philox* random) {
  return MetricPainter(scene, look, random).Paint();
}

}  // namespace transect
