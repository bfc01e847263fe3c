/// \file
/// The land of a scene to scale: where water, roads, tracks and pavement lie.
/// Planning places objects on it and rendering draws it.
///
/// Everything follows one *frame*: axes turned by `angle` about the image's
/// center, u along the valley, coast or road and v across it, in 1/16 pixel.
/// Bands run along u at fixed v, bent together by `bend`; cross roads run along
/// v. So bands never cross each other, and no road crosses water but on a
/// bridge: nothing looks like an overpass or a bridge that is not one.
#ifndef TRANSECT_DATA_SYNTHETIC_SCENE_LAND_H_
#define TRANSECT_DATA_SYNTHETIC_SCENE_LAND_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace transect {

/// Steps of a full turn.
inline constexpr int kDirections = 64;

/// Sine and cosine times 16384 of `angle` / 64 turns; any integer.
int SinOf(int angle);
int CosOf(int angle);

/// Positions of a frame per pixel.
inline constexpr int kFrameSteps = 16;

/// What covers the land between the bands.
enum class Zone : uint8_t { kCountry, kCity, kIndustry, kAirfield };

/// Something that runs along the frame.
struct Band {
  enum class Kind : uint8_t { kHighway, kRailway, kApron, kRunway };
  Kind kind = Kind::kHighway;
  /// Position and half width across, 1/16 pixel.
  int center = 0;
  int half = 0;
};

/// A road across the frame, from v_least to v_most; it ends at water.
struct CrossRoad {
  int u = 0;
  int half = 0;
  int v_least = 0;
  int v_most = 0;
  /// True if it leaves on a bridge or under an overpass: it may enter water
  /// there.
  bool over_water = false;
};

/// The straight waterfront of a harbor: land on one side, water on the other.
struct Basin {
  int u = 0;
  /// Position of the waterfront.
  int v = 0;
  int half_u = 0;
  int depth = 0;
  /// +1 if water is towards larger v, else -1.
  int side = 1;
};

/// A dam: the river is wide above it (towards larger u) and narrow below.
struct Barrage {
  int u = 0;
};

/// A place in the frame, 1/16 pixel.
struct FramePoint {
  int u;
  int v;
};

/// See the file's comment.
struct Land {
  enum class Water : uint8_t { kNone, kCoast, kRiver };

  /// Ground sample distance, centimeters per pixel; 0 if the scene is not to
  /// scale.
  int gsd_cm = 0;
  /// Side of the image in pixels.
  int size = 0;
  int angle = 0;
  /// Direction in which shadows fall, and in which tall things lean.
  int sun = 0;
  int lean = 0;
  Zone zone = Zone::kCountry;
  /// Palette of the land, 0 to kBiomes - 1.
  int biome = 0;
  uint32_t seed = 0;
  Water water = Water::kNone;
  /// Position of the coast, or of the river's middle and its half width.
  int water_center = 0;
  int water_half = 0;
  std::vector<Band> bands;
  std::vector<CrossRoad> cross_roads;
  std::vector<Basin> basins;
  std::vector<Barrage> barrages;
  /// How far bands and the shore are moved across at each u; one entry per
  /// pixel from -reach on.
  std::vector<int> bend;
  std::vector<int> shore;

  /// 1/16 pixels for a length in decimeters; at least `least` pixels.
  int Steps(int decimeters, int least = 1) const;
  int reach() const { return static_cast<int>(bend.size() / 2); }
  int BendAt(int u) const { return At(bend, u); }
  int ShoreAt(int u) const { return At(shore, u); }
  /// Half width of the river at u.
  int RiverHalfAt(int u) const;
  /// Middle of the river, or the coast, at u.
  int WaterlineAt(int u) const;
  /// Frame position of a place in 1/256 pixel, and back.
  FramePoint ToFrame(int x, int y) const;
  void FromFrame(FramePoint point, int* x, int* y) const;
  /// How far inside of water a place is, 1/16 pixel; negative on land.
  int WaterDepth(FramePoint point) const;
  /// How far from the nearest band or cross road; negative on it.
  int RoadDistance(FramePoint point) const;
  /// The band of `kind`; null if there is none.
  const Band* FindBand(Band::Kind kind) const;

 private:
  // Linear between the entries of a table.
  int At(const std::vector<int>& table, int u) const {
    if (table.empty()) {
      return 0;
    }
    const int last = static_cast<int>(table.size()) - 2;
    const auto position = static_cast<unsigned>(
        std::clamp(u + reach() * kFrameSteps, 0, last * kFrameSteps));
    const unsigned i = position / kFrameSteps;
    const int rest = static_cast<int>(position % kFrameSteps);
    return table[i] + (table[i + 1] - table[i]) * rest / kFrameSteps;
  }
};

/// Palettes of land, and colors of fields in each (render/palette.h).
inline constexpr int kBiomes = 4;
inline constexpr int kCrops = 6;

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SCENE_LAND_H_
