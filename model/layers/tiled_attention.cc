#include "model/layers/tiled_attention.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace transect {
namespace {

// Scores of a tile, 8 MiB in fp32. A tile is written and read several times, so
// it should stay in the cache; measured for the global layers of ViT-B, a
// quarter of it is 10 % slower.
constexpr int64_t kTileElements = 1 << 21;

// Type of scores for inputs of `type`.
at::ScalarType ScoreType(at::ScalarType type) {
  return type == at::kDouble ? at::kDouble : at::kFloat;
}

// Some grid rows of some of the G = B * Nh matrices of scores.
struct Tile {
  int64_t matrix, matrices;
  int64_t row, rows;
};

class Grid {
 public:
  // of q [G, H * W, D] and rel_h [H, H, D], rel_w [W, W, D].
  Grid(const at::Tensor& q, const at::Tensor& rel_h, const at::Tensor& rel_w)
      : matrices_(q.size(0)), height_(rel_h.size(0)), width_(rel_w.size(0)) {}

  int64_t tokens() const { return height_ * width_; }

  std::vector<Tile> Tiles() const {
    const int64_t of_row = width_ * tokens(), of_matrix = height_ * of_row;
    const int64_t matrices = std::max<int64_t>(1, kTileElements / of_matrix);
    const int64_t rows =
        std::clamp<int64_t>(kTileElements / of_row, 1, height_);
    std::vector<Tile> tiles;
    for (int64_t g = 0; g < matrices_; g += matrices) {
      for (int64_t y = 0; y < height_; y += rows) {
        tiles.push_back({g, std::min(matrices, matrices_ - g), y,
                         std::min(rows, height_ - y)});
      }
    }
    return tiles;
  }

  // The queries of a tile of x [G, H * W, n].
  at::Tensor Queries(const at::Tensor& x, const Tile& tile) const {
    return Matrices(x, tile).slice(1, tile.row * width_,
                                   (tile.row + tile.rows) * width_);
  }
  at::Tensor Matrices(const at::Tensor& x, const Tile& tile) const {
    return x.slice(0, tile.matrix, tile.matrix + tile.matrices);
  }

  // x [matrices, rows * W, n] of a tile with all that shares a grid row
  // together, [rows, matrices * W, n], and back.
  at::Tensor ByRow(const at::Tensor& x, const Tile& tile) const {
    return x.reshape({tile.matrices, tile.rows, width_, -1})
        .transpose(0, 1)
        .reshape({tile.rows, tile.matrices * width_, -1});
  }
  at::Tensor FromRows(const at::Tensor& x, const Tile& tile) const {
    return x.view({tile.rows, tile.matrices, width_, -1})
        .transpose(0, 1)
        .reshape({tile.matrices, tile.rows * width_, -1});
  }
  // The same for grid columns, [W, matrices * rows, n].
  at::Tensor ByColumn(const at::Tensor& x, const Tile& tile) const {
    return x.reshape({tile.matrices, tile.rows, width_, -1})
        .permute({2, 0, 1, 3})
        .reshape({width_, tile.matrices * tile.rows, -1});
  }
  at::Tensor FromColumns(const at::Tensor& x, const Tile& tile) const {
    return x.view({width_, tile.matrices, tile.rows, -1})
        .permute({1, 2, 0, 3})
        .reshape({tile.matrices, tile.rows * width_, -1});
  }

  // Scores [matrices, rows * W, H * W] with the keys' rows and columns apart.
  at::Tensor OverKeys(const at::Tensor& scores) const {
    return scores.view({scores.size(0), scores.size(1), height_, width_});
  }

 private:
  int64_t matrices_, height_, width_;
};

// What both passes share: inputs as [G, N, D], queries already scaled.
struct Inputs {
  at::Tensor q, k, v;  // in the type of the scores
  at::Tensor rel_h, rel_w;
  double scale;
};

Inputs InputsOf(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                const at::Tensor& rel_h, const at::Tensor& rel_w) {
  const at::ScalarType type = ScoreType(q.scalar_type());
  const auto matrices = [&](const at::Tensor& x) {
    return x.reshape({-1, x.size(2), x.size(3)}).to(type);
  };
  return {matrices(q),    matrices(k),
          matrices(v),    rel_h.to(type),
          rel_w.to(type), 1 / std::sqrt(static_cast<double>(q.size(3)))};
}

// softmax(S) of a tile.
at::Tensor Probabilities(const Grid& grid, const Inputs& in, const Tile& tile) {
  const at::Tensor q = grid.Queries(in.q, tile);
  const at::Tensor of_rows = grid.FromRows(
      at::bmm(
          grid.ByRow(q, tile),
          in.rel_h.slice(0, tile.row, tile.row + tile.rows).transpose(1, 2)),
      tile);
  const at::Tensor of_columns = grid.FromColumns(
      at::bmm(grid.ByColumn(q, tile), in.rel_w.transpose(1, 2)), tile);
  at::Tensor scores = (of_rows.unsqueeze(3) + of_columns.unsqueeze(2))
                          .view({tile.matrices, q.size(1), grid.tokens()});
  scores.baddbmm_(q, grid.Matrices(in.k, tile).transpose(1, 2), /*beta=*/1,
                  /*alpha=*/in.scale);
  return at::softmax(scores, -1);
}

// In the order of forward's arguments.
enum Argument { kQ, kK, kV, kRelH, kRelW, kArguments };

struct TiledFunction : torch::autograd::Function<TiledFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const at::Tensor& rel_h,
                            const at::Tensor& rel_w) {
    const Inputs in = InputsOf(q, k, v, rel_h, rel_w);
    const Grid grid(in.q, rel_h, rel_w);
    const at::Tensor values = in.v.to(q.scalar_type());
    at::Tensor out = at::empty(in.q.sizes(), q.options());
    for (const Tile& tile : grid.Tiles()) {
      at::Tensor to = grid.Queries(out, tile);
      to.copy_(at::bmm(Probabilities(grid, in, tile).to(q.scalar_type()),
                       grid.Matrices(values, tile)));
    }
    context->save_for_backward({q, k, v, rel_h, rel_w});
    context->saved_data["trains_tables"] =
        rel_h.requires_grad() || rel_w.requires_grad();
    return out.view(q.sizes());
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor& q = saved[kQ];
    const at::ScalarType type = q.scalar_type();
    const bool trains_tables = context->saved_data["trains_tables"].toBool();
    const Inputs in =
        InputsOf(q, saved[kK], saved[kV], saved[kRelH], saved[kRelW]);
    const Grid grid(in.q, in.rel_h, in.rel_w);
    const at::Tensor dy = gradients[0].reshape(in.q.sizes());
    const at::Tensor dy_scores = dy.to(in.q.scalar_type());
    const at::Tensor low_q = in.q.to(type), low_k = in.k.to(type);
    // Sums over tiles, in the type of the scores.
    at::Tensor dq = at::empty_like(in.q), dk = at::zeros_like(in.q),
               dv = at::zeros_like(in.q);
    at::Tensor dh = at::zeros_like(in.rel_h), dw = at::zeros_like(in.rel_w);
    for (const Tile& tile : grid.Tiles()) {
      const at::Tensor p = Probabilities(grid, in, tile);
      grid.Matrices(dv, tile).add_(
          at::bmm(p.to(type).transpose(1, 2), grid.Queries(dy, tile)));
      const at::Tensor dp = at::bmm(grid.Queries(dy_scores, tile),
                                    grid.Matrices(in.v, tile).transpose(1, 2));
      const at::Tensor ds =
          at::_softmax_backward_data(dp, p, -1, p.scalar_type());
      const at::Tensor low = ds.to(type);
      grid.Matrices(dk, tile).add_(
          at::bmm(low.transpose(1, 2), grid.Queries(low_q, tile)), in.scale);
      const at::Tensor over_keys = grid.OverKeys(ds);
      const at::Tensor of_rows = grid.ByRow(over_keys.sum(3), tile);
      const at::Tensor of_columns = grid.ByColumn(over_keys.sum(2), tile);
      at::Tensor to = grid.Queries(dq, tile);
      to.copy_(at::bmm(low, grid.Matrices(low_k, tile)));
      to.mul_(in.scale);
      at::Tensor rel_h = in.rel_h.slice(0, tile.row, tile.row + tile.rows);
      to.add_(grid.FromRows(at::bmm(of_rows, rel_h), tile));
      to.add_(grid.FromColumns(at::bmm(of_columns, in.rel_w), tile));
      if (trains_tables) {
        const at::Tensor queries = grid.Queries(in.q, tile);
        dh.slice(0, tile.row, tile.row + tile.rows)
            .add_(at::bmm(of_rows.transpose(1, 2), grid.ByRow(queries, tile)));
        dw.add_(
            at::bmm(of_columns.transpose(1, 2), grid.ByColumn(queries, tile)));
      }
    }
    torch::autograd::variable_list result(kArguments);
    result[kQ] = dq.to(type).view(q.sizes());
    result[kK] = dk.to(type).view(q.sizes());
    result[kV] = dv.to(type).view(q.sizes());
    if (trains_tables) {
      result[kRelH] = dh.to(type);
      result[kRelW] = dw.to(type);
    }
    return result;
  }
};

}  // namespace

at::Tensor TiledRelativeAttention(const at::Tensor& q, const at::Tensor& k,
                                  const at::Tensor& v, const at::Tensor& rel_h,
                                  const at::Tensor& rel_w) {
  return TiledFunction::apply(q, k, v, rel_h, rel_w);
}

}  // namespace transect
