#include "model/layers/attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <optional>

#include "model/layers/fused_attention.h"

namespace transect {
namespace {

// Up to this many tokens the matrix of scores is formed, which is small. Above,
// the fused kernel keeps memory linear.
constexpr int64_t kMaxExplicitTokens = 1024;

// [B, N, heads * D] as [B, N, heads, D], and that as [B, heads, N, D].
at::Tensor WithHeads(const at::Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, x.size(2) / heads});
}
at::Tensor SplitHeads(const at::Tensor& x, int64_t heads) {
  return WithHeads(x, heads).transpose(1, 2);
}

// [B, heads, N, D] as [B, N, heads * D].
at::Tensor MergeHeads(const at::Tensor& x) {
  return x.transpose(1, 2).reshape(
      {x.size(0), x.size(2), x.size(1) * x.size(3)});
}

// <q, table> for queries that share a table row index `axis`-wise:
// q [G, M, D], table [G, A, D] -> [G, M, A].
at::Tensor GroupedProduct(const at::Tensor& q, const at::Tensor& table) {
  return at::bmm(q, table.transpose(1, 2));
}

// With the position terms folded into the product, for the fused kernels of
// GPUs.
at::Tensor FoldedAttention(const at::Tensor& q, const at::Tensor& k,
                           const at::Tensor& v, const at::Tensor& rel_h,
                           const at::Tensor& rel_w, const at::Tensor& one_hot) {
  const int64_t batch = q.size(0), heads = q.size(1), tokens = q.size(2);
  const int64_t width_of_head = q.size(3);
  const int64_t height = rel_h.size(0), width = rel_w.size(0);
  const at::Tensor grid =
      q.reshape({batch, heads, height, width, width_of_head});

  // All queries of a grid row share one small matrix, and so do all of a
  // column: height (width) products instead of one per query.
  const at::Tensor by_row =
      grid.permute({2, 0, 1, 3, 4}).reshape({height, -1, width_of_head});
  const at::Tensor row_terms = GroupedProduct(by_row, rel_h)
                                   .view({height, batch, heads, width, height})
                                   .permute({1, 2, 0, 3, 4})
                                   .reshape({batch, heads, tokens, height});
  const at::Tensor by_column =
      grid.permute({3, 0, 1, 2, 4}).reshape({width, -1, width_of_head});
  const at::Tensor column_terms =
      GroupedProduct(by_column, rel_w)
          .view({width, batch, heads, height, width})
          .permute({1, 2, 3, 0, 4})
          .reshape({batch, heads, tokens, width});

  const double scale = 1 / std::sqrt(static_cast<double>(width_of_head));
  const at::Tensor wide_q = at::cat({q * scale, row_terms, column_terms}, -1);
  const at::Tensor wide_k =
      at::cat({k, one_hot.expand({batch, heads, tokens, height + width})}, -1);
  if (tokens <= kMaxExplicitTokens) {
    const at::Tensor scores = at::matmul(wide_q, wide_k.transpose(-1, -2));
    return at::matmul(at::softmax(scores, -1), v);
  }
  // The fused kernels want one head size; the zero columns are cut off again.
  const at::Tensor wide_v = at::constant_pad_nd(v, {0, height + width});
  return at::scaled_dot_product_attention(wide_q, wide_k, wide_v, std::nullopt,
                                          0.0, false, 1.0)
      .slice(-1, 0, width_of_head);
}

}  // namespace

at::Tensor Attention(const at::Tensor& q, const at::Tensor& k,
                     const at::Tensor& v, int64_t heads,
                     const at::Tensor& allowed) {
  if (q.is_cpu() && !allowed.defined()) {
    return FusedAttention(WithHeads(q, heads), WithHeads(k, heads),
                          WithHeads(v, heads))
        .flatten(2);
  }
  const std::optional<at::Tensor> mask =
      allowed.defined() ? std::optional<at::Tensor>(allowed) : std::nullopt;
  return MergeHeads(at::scaled_dot_product_attention(
      SplitHeads(q, heads), SplitHeads(k, heads), SplitHeads(v, heads), mask));
}

at::Tensor RelativeIndex(int64_t size) {
  const at::Tensor positions = at::arange(size, at::kLong);
  return (positions.unsqueeze(1) - positions.unsqueeze(0) + (size - 1))
      .flatten();
}

at::Tensor GridOneHot(int64_t height, int64_t width) {
  at::Tensor one_hot = at::zeros({height * width, height + width}, at::kFloat);
  float* rows = one_hot.data_ptr<float>();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      float* row = rows + (y * width + x) * (height + width);
      row[y] = 1;
      row[height + x] = 1;
    }
  }
  return one_hot;
}

at::Tensor RelativeAttention(const at::Tensor& qkv, int64_t heads,
                             const at::Tensor& rel_h, const at::Tensor& rel_w,
                             const at::Tensor& one_hot) {
  const at::Tensor split = qkv.view({qkv.size(0), qkv.size(1), 3, heads, -1});
  if (qkv.is_cpu()) {
    return FusedRelativeAttention(split, rel_h, rel_w).flatten(2);
  }
  const auto of = [&split](int64_t part) {
    return split.select(2, part).transpose(1, 2);
  };
  return MergeHeads(
      FoldedAttention(of(0), of(1), of(2), rel_h, rel_w, one_hot));
}

}  // namespace transect
