/// \file
/// What stands on the ground of a scene to scale and is not an object: houses
/// on the lots of a town, and trees.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_CLUTTER_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_CLUTTER_H_

#include <cstdint>
#include <vector>

#include "data/synthetic/render/aerial_picture.h"
#include "data/synthetic/render/canvas.h"
#include "data/synthetic/scene/land.h"

namespace transect {

/// Houses and trees of one picture, as many as its clutter says; none covers an
/// object, a road or water.
class Clutter {
 public:
  explicit Clutter(AerialPicture* picture) : picture_(*picture) {}

  /// Chooses the places and casts their shadows. After the ground.
  void Place();
  /// Draws all. After the shadows were laid over the ground.
  void Draw();

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

  // Calls use(x, y, a, b, cover) for each pixel of a house: its place from the
  // center along u and v, 1/16 pixel, and how much of it is covered, of 16.
  template <typename Use>
  void ForEachPixel(const House& house, Use use) const;
  void PlaceHouses();
  void PlaceTrees();
  bool CoversObject(int x, int y, int radius) const;
  void CastHouse(const House& house, int height);
  void CastTree(const Tree& tree);
  void DrawHouse(const House& house);
  void DrawTree(const Tree& tree);

  AerialPicture& picture_;
  std::vector<House> houses_;
  std::vector<Tree> trees_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_CLUTTER_H_
