/// \file
/// What is paved in a scene to scale: highways, railways, aprons, runways and
/// the roads across them, with their markings.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_ROADS_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_ROADS_H_

#include "data/synthetic/render/aerial_picture.h"
#include "data/synthetic/render/canvas.h"
#include "data/synthetic/scene/land.h"

namespace transect {

class RoadRenderer {
 public:
  explicit RoadRenderer(AerialPicture* picture);

  /// The color of pixel (x, y) after bands and cross roads were laid over
  /// ground of `color`. Its place in the frame is `point`, and `v` that across
  /// without the bend. Marks what is on or beside them with kOnRoad.
  Rgb PaveOver(FramePoint point, int v, int x, int y, Rgb color);

 private:
  Rgb RoadColor(int off, int along, int half, bool wide) const;
  Rgb BandColor(const Band& band, int u, int off) const;

  AerialPicture& picture_;
  // Widths at this scale, 1/16 pixel: half of a road from which on it has two
  // carriageways, and the strips beside roads and bands.
  const int wide_;
  const int verge_;
  const int band_verge_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_ROADS_H_
