#include "data/synthetic/render/plots.h"

#include "data/synthetic/scene/noise.h"

namespace transect {
namespace {

constexpr int kLotsAlong = 6;

}  // namespace

Plots::Plots(const Land& land, uint32_t seed, int clutter)
    : land_(land), seed_(seed), clutter_(clutter) {
  reach_ = land.size * 3 / 4 + 2;
  lot_ = land.Steps(200 + static_cast<int>(seed % 80), 7);
  street_ = land.Steps(90, 2);
  period_u_ = kLotsAlong * lot_ + street_;
  period_v_ = 2 * lot_ + street_;
  columns_ = reach_ * kFrameSteps / period_u_ + 2;
  rows_ = reach_ * kFrameSteps / period_v_ + 2;
  for (int i = -columns_; i < columns_; ++i) {
    for (int j = -rows_; j < rows_; ++j) {
      kinds_.push_back(DrawKind(i, j));
    }
  }
  DrawPlots();
}

BlockKind Plots::DrawKind(int i, int j) const {
  const uint32_t look = HashPoint(i, j, seed_ + 5);
  // Towns are where a smooth field is high.
  const int cell = std::max(land_.size / 3, 8);
  const int u = (i * period_u_ + period_u_ / 2) / kFrameSteps;
  const int v = (j * period_v_ + period_v_ / 2) / kFrameSteps;
  const int field = SmoothNoise(u + 4096, v + 4096, cell, seed_ + 6) +
                    static_cast<int>(look % 61) - 30;
  int level = 0;
  switch (land_.zone) {
    case Zone::kCity:
      level = -150;
      break;
    case Zone::kIndustry:
      level = -40;
      break;
    case Zone::kAirfield:
      level = 110;
      break;
    case Zone::kCountry:
      level = 150;
      break;
  }
  level += (500 - clutter_) / 4;
  if (clutter_ == 0 || field < level) return BlockKind::kNone;
  const int share = static_cast<int>(look >> 8) % 100;
  const bool industry =
      land_.zone == Zone::kIndustry || land_.zone == Zone::kAirfield;
  if (share < 6) return BlockKind::kPark;
  if (share < (industry ? 26 : 11)) return BlockKind::kPaved;
  return share < (industry ? 92 : 24) ? BlockKind::kLarge : BlockKind::kHomes;
}

BlockKind Plots::KindOf(int i, int j) const {
  if (i < -columns_ || i >= columns_ || j < -rows_ || j >= rows_) {
    return BlockKind::kNone;
  }
  return kinds_[static_cast<size_t>(i + columns_) * (2 * rows_) + (j + rows_)];
}

Block Plots::BlockAt(int u, int v) const {
  const int i = (u + (1 << 10) * period_u_) / period_u_ - (1 << 10);
  const int j = (v + (1 << 10) * period_v_) / period_v_ - (1 << 10);
  const int in_u = u - i * period_u_;
  const int in_v = v - j * period_v_;
  Block block;
  block.kind = KindOf(i, j);
  block.street = in_u < street_ || in_v < street_;
  if (block.kind == BlockKind::kNone) {
    // A street belongs to the blocks on both sides.
    const BlockKind left = in_u < street_ ? KindOf(i - 1, j) : BlockKind::kNone;
    const BlockKind below =
        in_v < street_ ? KindOf(i, j - 1) : BlockKind::kNone;
    block.kind = left != BlockKind::kNone ? left : below;
  }
  return block;
}

std::vector<Lot> Plots::LotsOf(int i, int j, BlockKind kind) const {
  std::vector<Lot> lots;
  const int u0 = i * period_u_ + street_;
  const int v0 = j * period_v_ + street_;
  if (kind == BlockKind::kLarge) {
    // One to three buildings along the block.
    const uint32_t look = HashPoint(i, j, seed_ + 7);
    const int count = 1 + static_cast<int>(look % 3);
    const int wide = kLotsAlong * lot_ / count;
    for (int k = 0; k < count; ++k) {
      const uint32_t own = HashPoint(i * 8 + k, j, seed_ + 8);
      lots.push_back({u0 + wide * k + wide / 2, v0 + lot_,
                      wide * (30 + static_cast<int>(own >> 4) % 14) / 100,
                      lot_ * (58 + static_cast<int>(own >> 9) % 26) / 100, true,
                      own});
    }
    return lots;
  }
  for (int a = 0; a < kLotsAlong; ++a) {
    for (int b = 0; b < 2; ++b) {
      const uint32_t look = HashPoint(i * kLotsAlong + a, j * 2 + b, seed_ + 9);
      if (static_cast<int>((look >> 3) % 1000) >= std::min(2 * clutter_, 940)) {
        continue;
      }
      const int jitter = lot_ / 10;
      const bool turned = (look >> 13 & 3) == 0;
      const int length = lot_ * (26 + static_cast<int>(look >> 15) % 11) / 100;
      const int depth = lot_ * (21 + static_cast<int>(look >> 19) % 7) / 100;
      lots.push_back(
          {u0 + lot_ * a + lot_ / 2 + static_cast<int>(look % 7) * jitter / 6 -
               jitter / 2,
           v0 + lot_ * b + lot_ / 2 +
               (b == 0 ? -1 : 1) * static_cast<int>(look >> 5 & 7) * jitter / 8,
           turned ? depth : length, turned ? length : depth, false, look});
    }
  }
  return lots;
}

void Plots::DrawPlots() {
  if (land_.zone == Zone::kCity) {
    return;
  }
  // Strips across v, cut into parcels along u.
  const int least = std::clamp(70000 / land_.gsd_cm / 10, 22, land_.size / 5);
  const int most = std::max(least * 5 / 2, least + 8);
  strip_of_.assign(static_cast<size_t>(2 * reach_), 0);
  const int border = land_.Steps(25, 1);
  uint32_t draw = seed_ + 100;
  const auto next = [&](int from, int to) {
    draw = HashPoint(static_cast<int>(draw & 0xFFFF), 3, draw + 1);
    return from + static_cast<int>(draw % static_cast<uint32_t>(to - from + 1));
  };
  for (int v = -reach_; v < reach_;) {
    const int height = next(least, most);
    std::vector<Plot> strip;
    std::vector<int16_t> plot_of(static_cast<size_t>(2 * reach_), 0);
    for (int u = -reach_; u < reach_;) {
      const int width = next(least, most * 3 / 2);
      Plot plot;
      plot.u1 = u * kFrameSteps;
      plot.u2 = (u + width) * kFrameSteps;
      plot.v1 = v * kFrameSteps;
      plot.v2 = (v + height) * kFrameSteps;
      plot.crop = next(0, kCrops - 1);
      plot.tint = next(-9, 9);
      plot.along_u = next(0, 3) != 0;
      plot.furrow = land_.Steps(next(12, 40), 2) * next(10, 16) / 10;
      plot.depth = next(0, 5);
      plot.hedge = next(0, 2) == 0;
      plot.border = border;
      plot.seed = static_cast<uint32_t>(next(0, 1 << 20));
      for (int k = u; k < std::min(u + width, reach_); ++k) {
        plot_of[k + reach_] = static_cast<int16_t>(strip.size());
      }
      strip.push_back(plot);
      u += width;
    }
    for (int k = v; k < std::min(v + height, reach_); ++k) {
      strip_of_[k + reach_] = static_cast<int16_t>(strips_.size());
    }
    strips_.push_back(std::move(strip));
    plot_of_.push_back(std::move(plot_of));
    v += height;
  }
}

const Plot* Plots::PlotAt(int u, int v) const {
  if (strips_.empty()) {
    return nullptr;
  }
  const int last = 2 * reach_ - 1;
  const int row = strip_of_[std::clamp(v / kFrameSteps + reach_, 0, last)];
  const int column =
      plot_of_[row][std::clamp(u / kFrameSteps + reach_, 0, last)];
  return &strips_[row][column];
}

}  // namespace transect
