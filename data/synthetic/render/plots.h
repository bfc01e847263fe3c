/// \file
/// How land is divided: parcels of farmland, blocks of a town with streets and
/// lots. All in the frame of the land (scene/land.h), 1/16 pixel.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_PLOTS_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_PLOTS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "data/synthetic/scene/land.h"

namespace transect {

/// A parcel.
struct Plot {
  int u1, v1, u2, v2;
  int crop;
  int tint;
  /// Furrows run along u, `furrow` apart, `depth` gray levels deep.
  bool along_u;
  int furrow;
  int depth;
  bool hedge;
  /// Width of the strip at its edge.
  int border;
  uint32_t seed;

  /// Distance from the border strip; negative in it.
  int EdgeAt(int u, int v) const {
    return std::min({u - u1, u2 - u, v - v1, v2 - v}) - border;
  }
};

enum class BlockKind : uint8_t { kNone, kHomes, kLarge, kPaved, kPark };

/// Where a place lies in the town.
struct Block {
  BlockKind kind = BlockKind::kNone;
  bool street = false;
};

/// Where a building stands.
struct Lot {
  int u, v;
  int half_u, half_v;
  bool large;
  uint32_t look;
};

/// The division of one scene's land.
class Plots {
 public:
  /// `clutter` in thousandths decides how many lots are built on.
  Plots(const Land& land, uint32_t seed, int clutter);

  /// Null where there is no farmland. v is without the bend.
  const Plot* PlotAt(int u, int v) const;
  Block BlockAt(int u, int v) const;

  /// Calls use(lot) for every building with |u| and |v| up to `reach`.
  template <typename Use>
  void ForEachLot(int reach, Use use) const {
    for (int i = -columns_; i < columns_; ++i) {
      for (int j = -rows_; j < rows_; ++j) {
        const BlockKind kind = KindOf(i, j);
        if (kind != BlockKind::kHomes && kind != BlockKind::kLarge) continue;
        for (const Lot& lot : LotsOf(i, j, kind)) {
          if (lot.u > -reach && lot.u < reach && lot.v > -reach &&
              lot.v < reach) {
            use(lot);
          }
        }
      }
    }
  }

 private:
  BlockKind DrawKind(int i, int j) const;
  BlockKind KindOf(int i, int j) const;
  std::vector<Lot> LotsOf(int i, int j, BlockKind kind) const;
  void DrawPlots();

  const Land& land_;
  uint32_t seed_;
  int clutter_;
  // Blocks: lots, streets, and periods along u and v.
  int lot_ = 0;
  int street_ = 0;
  int period_u_ = 0;
  int period_v_ = 0;
  int columns_ = 0;
  int rows_ = 0;
  std::vector<BlockKind> kinds_;
  // Parcels by strip, and the strip of each pixel of v.
  std::vector<std::vector<Plot>> strips_;
  std::vector<int16_t> strip_of_;
  std::vector<std::vector<int16_t>> plot_of_;
  int reach_ = 0;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_PLOTS_H_
