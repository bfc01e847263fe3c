#include "data/synthetic/render/aerial_roads.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/render/canvas.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/noise.h"

namespace transect {

RoadRenderer::RoadRenderer(AerialPicture* picture)
    : picture_(*picture),
      wide_(picture->land.Steps(90, 3)),
      verge_(picture->land.Steps(70, 1)),
      band_verge_(picture->land.Steps(90, 1)) {}

Rgb RoadRenderer::PaveOver(FramePoint point, int v, int x, int y, Rgb color) {
  const size_t at = picture_.At(x, y);
  const int stain = picture_.Textured(
      (picture_.middle.at(x, y) * 10 + picture_.fine.at(x, y) * 7) / 256);
  for (const CrossRoad& road : picture_.land.cross_roads) {
    const int off = point.u - road.u;
    const int inside = road.half - std::abs(off);
    if (inside > -8) {
      picture_.flags[at] |= kOnRoad;
      color =
          Mix(color,
              Add(RoadColor(off, point.v, road.half, road.half > wide_), stain),
              std::clamp((inside + 8) * 16, 0, 256));
    } else if (inside > -verge_) {
      picture_.flags[at] |= kOnRoad;
    }
  }
  for (const Band& band : picture_.land.bands) {
    const int off = v - band.center;
    const int inside = band.half - std::abs(off);
    if (inside > -8) {
      picture_.flags[at] |= kOnRoad;
      color = Mix(color, Add(BandColor(band, point.u, off), stain),
                  std::clamp((inside + 8) * 16, 0, 256));
    } else if (inside > -band_verge_) {
      // The verge.
      picture_.flags[at] |= kOnRoad;
      color = Mix(color, Add(picture_.colors.dry, stain), 110);
    }
  }
  return color;
}

// The surface of a road `off` from its middle; dashes by `along`.
Rgb RoadRenderer::RoadColor(int off, int along, int half, bool wide) const {
  const int w = std::abs(off);
  const bool fine = picture_.land.gsd_cm <= 150;
  const int line = std::max(picture_.land.Steps(2, 1), 10);
  const Rgb asphalt = {112, 112, 114};
  const Rgb render = {206, 205, 198};
  if (half < 3 * kFrameSteps) {
    return {150, 148, 142};
  }
  if (wide) {
    // Two carriageways with a strip between.
    if (w < half / 13)
      return fine ? Mix(picture_.colors.grass, asphalt, 90)
                  : Rgb{128, 130, 118};
    if (w > half - half / 9) return {134, 133, 130};
    if (!fine) return asphalt;
    const int from = w - half / 13;
    const int lanes = half - half / 13 - half / 9;
    if (from < line || lanes - from < line) return render;
    for (int i = 1; i < 3; ++i) {
      if (std::abs(from - lanes * i / 3) < line * 2 / 3) {
        const int dash = picture_.land.Steps(60, 3);
        return ((along + (1 << 20)) / dash) % 3 == 0 ? render : asphalt;
      }
    }
    // Wheel tracks.
    const int lane = from % std::max(lanes / 3, 1);
    return Add(asphalt, std::abs(lane - lanes / 6) < lanes / 14 ? 5 : -2);
  }
  if (half - w < line && fine) return render;
  if (w < line * 2 / 3 && fine) {
    return ((along + (1 << 20)) / picture_.land.Steps(60, 3)) % 2 == 0
               ? render
               : asphalt;
  }
  return asphalt;
}

Rgb RoadRenderer::BandColor(const Band& band, int u, int off) const {
  const int w = std::abs(off);
  const int line = std::max(picture_.land.Steps(3, 1), 12);
  switch (band.kind) {
    case Band::Kind::kHighway:
      return RoadColor(off, u, band.half, true);
    case Band::Kind::kRailway: {
      const int period = picture_.land.Steps(45, 4);
      const int across = (off + (1 << 20)) % period;
      const int rail = picture_.land.Steps(14, 1);
      if (picture_.land.gsd_cm <= 250 &&
          (std::abs(across - period / 2 - rail / 2) < 10 ||
           std::abs(across - period / 2 + rail / 2) < 10)) {
        return {92, 84, 80};
      }
      return w > band.half - line ? Rgb{120, 114, 100} : Rgb{136, 126, 116};
    }
    case Band::Kind::kApron: {
      const int slab = picture_.land.Steps(75, 5);
      const bool joint =
          (u + (1 << 20)) % slab < 12 || (off + (1 << 20)) % slab < 12;
      if (std::abs(w - band.half * 8 / 10) < line) return {190, 168, 84};
      const uint32_t tone = HashPoint((u + (1 << 20)) / slab,
                                      (off + (1 << 20)) / slab, picture_.seed);
      return Add({178, 175, 168},
                 (joint ? -14 : 0) + static_cast<int>(tone % 9) - 4);
    }
    case Band::Kind::kRunway: {
      if (band.half - w < 2 * line && band.half - w > line / 2)
        return {200, 200, 196};
      if (w < line &&
          ((u + (1 << 20)) / picture_.land.Steps(300, 6)) % 2 == 0) {
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

}  // namespace transect
