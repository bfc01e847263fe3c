#include "model/layers/attention_kernel.h"

#include <ATen/native/CPUBlas.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>

namespace transect {
namespace {

// Keys whose products are made at a time.
constexpr int64_t kBlockKeys = 512;
// Queries of a block: forward, scores with all keys are kept, 512 KiB in fp32;
// backward those with a block of keys, 128 KiB four times.
constexpr int64_t kForwardScores = 1 << 17;
constexpr int64_t kMinQueries = 16, kMaxQueries = 64;

template <typename E>
constexpr bool kPaired = std::is_same_v<E, at::BFloat16>;

int64_t RoundUp(int64_t n, int64_t step) {
  return (n + step - 1) / step * step;
}

// c [m, n] = a [m, k] b [k, n], or that added to it; rows lie `ld` apart. Pairs
// of rows of a bfloat16 b lie side by side.
struct Shape {
  int64_t m, n, k;
};
template <typename E, typename S>
void Product(Shape s, const E* a, int64_t lda, const E* b, int64_t ldb, S* c,
             int64_t ldc, bool add) {
  if constexpr (std::is_same_v<E, double>) {
    const auto in = [](const double* x, int64_t rows, int64_t columns,
                       int64_t ld) {
      return at::from_blob(const_cast<double*>(x), {rows, columns}, {ld, 1},
                           at::kDouble);
    };
    at::Tensor to = in(c, s.m, s.n, ldc);
    const at::Tensor product =
        at::mm(in(a, s.m, s.k, lda), in(b, s.k, s.n, ldb));
    add ? to.add_(product) : to.copy_(product);
  } else {
    at::native::cpublas::brgemm(s.m, s.n, s.k, lda, ldb, ldc, add, a, b, c,
                                kPaired<E>);
  }
}

// Row r, column c of a right factor with rows of n elements.
template <typename E>
int64_t At(int64_t r, int64_t c, int64_t n) {
  return kPaired<E> ? (r / 2 * n + c) * 2 + r % 2 : r * n + c;
}

// The values of rows, in the type of factors, as rows of `depth`.
template <typename T, typename E>
void Gather(HeadRows<const T> rows, int64_t count, int64_t width, int64_t depth,
            std::vector<E>* out) {
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = rows.data + i * rows.stride;
    E* const to = out->data() + i * depth;
    for (int64_t d = 0; d < width; ++d) to[d] = static_cast<E>(from[d]);
  }
}

// Rows [count, depth] as columns [width, stride].
template <typename E>
void Columns(const E* rows, int64_t count, int64_t width, int64_t depth,
             int64_t stride, E* columns) {
  for (int64_t d = 0; d < width; ++d) {
    for (int64_t i = 0; i < count; ++i) {
      columns[d * stride + i] = rows[i * depth + d];
    }
    for (int64_t i = count; i < stride; ++i) columns[d * stride + i] = E(0);
  }
}

uint16_t* BitsOf(at::BFloat16* x) { return reinterpret_cast<uint16_t*>(x); }

// Table [G, G, D] as G right factors [D, G], and in the type of scores.
template <typename E, typename S>
void PackTable(const at::Tensor& table, int64_t depth, std::vector<E>* factors,
               std::vector<S>* plain) {
  const int64_t size = table.size(0), width = table.size(2);
  const at::Tensor values =
      table.to(c10::CppTypeToScalarType<S>::value).contiguous();
  const S* const from = values.template const_data_ptr<S>();
  plain->assign(from, from + values.numel());
  factors->assign(size * depth * size, E(0));
  for (int64_t g = 0; g < size; ++g) {
    E* const factor = factors->data() + g * depth * size;
    for (int64_t key = 0; key < size; ++key) {
      for (int64_t d = 0; d < width; ++d) {
        factor[At<E>(d, key, size)] =
            static_cast<E>(from[(g * size + key) * width + d]);
      }
    }
  }
}

template <typename E>
int64_t DepthOf(int64_t width) {
  return kPaired<E> ? RoundUp(width, 2) : width;
}

}  // namespace

bool HasPairedProducts() {
  static const bool has = [] {
    const at::BFloat16 a[2] = {1, 1}, b[32] = {};
    float c[16];
    try {
      at::native::cpublas::brgemm(1, 16, 2, 2, 16, 16, false, a, b, c, true);
      at::native::cpublas::brgemm_release(true);
      return true;
    } catch (const c10::Error&) {
      return false;
    }
  }();
  return has;
}

template <typename T, typename E>
AttentionKernel<T, E>::Tables::Tables(const AttentionSizes& sizes,
                                      const at::Tensor& rel_h,
                                      const at::Tensor& rel_w) {
  if (!sizes.has_positions) return;
  PackTable(rel_h, DepthOf<E>(sizes.width), &rows_of_queries, &this->rel_h);
  PackTable(rel_w, DepthOf<E>(sizes.width), &columns_of_queries, &this->rel_w);
}

template <typename T, typename E>
AttentionKernel<T, E>::AttentionKernel(const AttentionSizes& sizes,
                                       const Tables& tables)
    : sizes_(sizes),
      tables_(tables),
      scale_(static_cast<S>(1 / std::sqrt(static_cast<double>(sizes.width)))),
      depth_(DepthOf<E>(sizes.width)),
      columns_(RoundUp(sizes.columns, kScoreLanes)),
      keys_(sizes.rows * columns_) {
  SetBlocks();
  q_.resize(sizes.queries * depth_);
  k_.resize(depth_ * keys_);
  // Without positions all queries share one row of them.
  const int64_t placed = sizes.has_positions ? sizes.queries : 1;
  of_rows_.resize(placed * sizes.rows);
  of_columns_.resize(placed * columns_);
  for (int64_t i = 0; i < placed; ++i) {
    std::fill(of_columns_.begin() + i * columns_ + sizes.columns,
              of_columns_.begin() + (i + 1) * columns_, S(kNoKey));
  }
}

template <typename T, typename E>
AttentionKernel<T, E>::~AttentionKernel() {
  if (!std::is_same_v<E, double>) {
    at::native::cpublas::brgemm_release(kPaired<E>);
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::SetBlocks() {
  const int64_t rows = std::max<int64_t>(1, kBlockKeys / columns_);
  for (int64_t row = 0; row < sizes_.rows; row += rows) {
    const int64_t of_rows = std::min(rows, sizes_.rows - row);
    for (int64_t column = 0; column < columns_; column += kBlockKeys) {
      const int64_t columns = std::min(kBlockKeys, columns_ - column);
      blocks_.push_back({row, of_rows, column, columns, row * columns_ + column,
                         of_rows * columns});
    }
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::Transpose(HeadRows<const T> rows,
                                      std::vector<E>* out) const {
  for (int64_t key = 0; key < sizes_.keys; ++key) {
    const T* const from = rows.data + key * rows.stride;
    const int64_t to = key / sizes_.columns * columns_ + key % sizes_.columns;
    for (int64_t d = 0; d < sizes_.width; ++d) {
      (*out)[At<E>(d, to, keys_)] = static_cast<E>(from[d]);
    }
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::PackKeys(HeadRows<const T> rows,
                                     std::vector<E>* out) const {
  for (int64_t key = 0; key < sizes_.keys; ++key) {
    const T* const from = rows.data + key * rows.stride;
    const int64_t to = key / sizes_.columns * columns_ + key % sizes_.columns;
    for (int64_t d = 0; d < sizes_.width; ++d) {
      (*out)[At<E>(to, d, sizes_.width)] = static_cast<E>(from[d]);
    }
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::Place(const Inputs& in) {
  Gather(in.q, sizes_.queries, sizes_.width, depth_, &q_);
  Transpose(in.k, &k_);
  if (!sizes_.has_positions) return;
  const int64_t height = sizes_.rows, width = sizes_.columns;
  // Queries of a grid row share a right factor, and so do those of a column.
  for (int64_t y = 0; y < height; ++y) {
    Product<E, S>({width, height, depth_}, q_.data() + y * width * depth_,
                  depth_, tables_.rows_of_queries.data() + y * depth_ * height,
                  height, of_rows_.data() + y * width * height, height,
                  /*add=*/false);
  }
  for (int64_t x = 0; x < width; ++x) {
    Product<E, S>({height, width, depth_}, q_.data() + x * depth_,
                  width * depth_,
                  tables_.columns_of_queries.data() + x * depth_ * width, width,
                  of_columns_.data() + x * columns_, width * columns_,
                  /*add=*/false);
  }
}

template <typename T, typename E>
ScorePlaces<typename AttentionKernel<T, E>::S> AttentionKernel<T, E>::PlacesOf(
    int64_t query, const Block& block) const {
  const int64_t placed = sizes_.has_positions ? query : 0;
  return {block.rows, block.columns, scale_,
          of_rows_.data() + placed * sizes_.rows + block.row,
          of_columns_.data() + placed * columns_ + block.column};
}

template <typename T, typename E>
void AttentionKernel<T, E>::Forward(const Inputs& in, HeadRows<T> out,
                                    S* log_sums) {
  const int64_t width = sizes_.width;
  const int64_t queries =
      std::min(sizes_.queries,
               std::clamp(kForwardScores / keys_, kMinQueries, kMaxQueries));
  Place(in);
  v_rows_.resize(keys_ * width);
  PackKeys(in.v, &v_rows_);
  scores_.resize(queries * keys_);
  low_.resize(kPaired<E> ? scores_.size() : 0);
  sums_.resize(queries * width);
  std::vector<S> largest(queries), sum(queries);
  for (int64_t first = 0; first < sizes_.queries; first += queries) {
    const int64_t count = std::min(queries, sizes_.queries - first);
    std::fill(largest.begin(), largest.end(), S(kNoKey));
    for (const Block& block : blocks_) {
      Product<E, S>({count, block.count, depth_}, q_.data() + first * depth_,
                    depth_, k_.data() + At<E>(0, block.first, keys_), keys_,
                    scores_.data() + block.first, keys_, /*add=*/false);
      for (int64_t i = 0; i < count; ++i) {
        largest[i] = PlaceScores(PlacesOf(first + i, block), largest[i],
                                 scores_.data() + i * keys_ + block.first);
      }
    }
    for (int64_t i = 0; i < count; ++i) {
      S* const row = scores_.data() + i * keys_;
      sum[i] = Exponentials(keys_, largest[i], row);
      log_sums[first + i] = largest[i] + std::log(sum[i]);
      if constexpr (kPaired<E>) {
        RoundRow(keys_, row, BitsOf(low_.data() + i * keys_));
      }
    }
    const E* factors;
    if constexpr (kPaired<E>) {
      factors = low_.data();
    } else {
      factors = scores_.data();
    }
    Product<E, S>({count, width, keys_}, factors, keys_, v_rows_.data(), width,
                  sums_.data(), width, /*add=*/false);
    for (int64_t i = 0; i < count; ++i) {
      T* const to = out.data + (first + i) * out.stride;
      const S* const from = sums_.data() + i * width;
      for (int64_t d = 0; d < width; ++d) {
        to[d] = static_cast<T>(from[d] / sum[i]);
      }
    }
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::DifferentiateBlock(const Block& block,
                                               int64_t first, int64_t count,
                                               const S* log_sums) {
  const int64_t width = sizes_.width, keys = block.count;
  const int64_t paired = kPaired<E> ? RoundUp(count, 2) : count;
  Product<E, S>({count, keys, depth_}, q_.data() + first * depth_, depth_,
                k_.data() + At<E>(0, block.first, keys_), keys_, scores_.data(),
                keys, /*add=*/false);
  Product<E, S>({count, keys, depth_}, dy_.data() + first * depth_, depth_,
                v_.data() + At<E>(0, block.first, keys_), keys_,
                d_scores_.data(), keys, /*add=*/false);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t query = first + i;
    ScoreGradient<S> gradient = {log_sums[query], delta_[query], nullptr,
                                 nullptr};
    if (sizes_.has_positions) {
      gradient.of_row = d_of_rows_.data() + query * sizes_.rows + block.row;
      gradient.of_column =
          d_of_columns_.data() + query * columns_ + block.column;
    }
    DifferentiateScores(PlacesOf(query, block), gradient,
                        scores_.data() + i * keys, d_scores_.data() + i * keys);
  }
  const E *p, *d_right, *d_left;
  if constexpr (kPaired<E>) {
    if (count < paired) {
      std::fill_n(scores_.data() + count * keys, keys, S(0));
      std::fill_n(d_scores_.data() + count * keys, keys, S(0));
    }
    for (int64_t i = 0; i < paired; i += 2) {
      const S* const row = scores_.data() + i * keys;
      const S* const d_row = d_scores_.data() + i * keys;
      RoundRowPair(keys, row, row + keys, BitsOf(low_pairs_.data() + i * keys));
      RoundRowPair(keys, d_row, d_row + keys,
                   BitsOf(d_pairs_.data() + i * keys));
    }
    RoundRow(count * keys, d_scores_.data(), BitsOf(d_low_.data()));
    p = low_pairs_.data(), d_right = d_pairs_.data(), d_left = d_low_.data();
  } else {
    p = scores_.data(), d_right = d_left = d_scores_.data();
  }
  Product<E, S>({width, keys, paired}, dy_columns_.data(), paired, p, keys,
                dv_.data() + block.first, keys_, /*add=*/true);
  Product<E, S>({width, keys, paired}, q_columns_.data(), paired, d_right, keys,
                dk_.data() + block.first, keys_, /*add=*/true);
  Product<E, S>({count, width, keys}, d_left, keys,
                k_rows_.data() + block.first * width, width,
                dq_.data() + first * width, width, /*add=*/true);
}

template <typename T, typename E>
void AttentionKernel<T, E>::AddPositionGradients() {
  const int64_t height = sizes_.rows, width = sizes_.columns,
                depth = sizes_.width;
  for (int64_t y = 0; y < height; ++y) {
    Product<S, S>({width, depth, height},
                  d_of_rows_.data() + y * width * height, height,
                  tables_.rel_h.data() + y * height * depth, depth,
                  dq_.data() + y * width * depth, depth, /*add=*/true);
  }
  for (int64_t x = 0; x < width; ++x) {
    Product<S, S>({height, depth, width}, d_of_columns_.data() + x * columns_,
                  width * columns_, tables_.rel_w.data() + x * width * depth,
                  depth, dq_.data() + x * depth, width * depth, /*add=*/true);
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::BeginBackward(const Inputs& in,
                                          HeadRows<const T> out,
                                          HeadRows<const T> dy) {
  const int64_t width = sizes_.width, queries = sizes_.queries;
  Place(in);
  v_.resize(depth_ * keys_);
  Transpose(in.v, &v_);
  k_rows_.resize(keys_ * width);
  PackKeys(in.k, &k_rows_);
  dy_.resize(queries * depth_);
  Gather(dy, queries, width, depth_, &dy_);
  q_columns_.resize(width * kMaxQueries);
  dy_columns_.resize(width * kMaxQueries);
  int64_t keys = 0;
  for (const Block& block : blocks_) keys = std::max(keys, block.count);
  scores_.resize(kMaxQueries * keys);
  d_scores_.resize(kMaxQueries * keys);
  if (kPaired<E>) {
    low_pairs_.resize(kMaxQueries * keys);
    d_low_.resize(kMaxQueries * keys);
    d_pairs_.resize(kMaxQueries * keys);
  }
  dq_.assign(queries * width, S(0));
  dk_.assign(width * keys_, S(0));
  dv_.assign(width * keys_, S(0));
  if (sizes_.has_positions) {
    d_of_rows_.assign(queries * sizes_.rows, S(0));
    d_of_columns_.assign(queries * columns_, S(0));
  }
  delta_.assign(queries, S(0));
  for (int64_t i = 0; i < queries; ++i) {
    for (int64_t d = 0; d < width; ++d) {
      delta_[i] += static_cast<S>(dy.data[i * dy.stride + d]) *
                   static_cast<S>(out.data[i * out.stride + d]);
    }
  }
}

template <typename T, typename E>
void AttentionKernel<T, E>::Backward(const Inputs& in, HeadRows<const T> out,
                                     const S* log_sums, HeadRows<const T> dy,
                                     const Gradients& gradients) {
  static_assert(kMaxQueries % 2 == 0);
  BeginBackward(in, out, dy);
  for (int64_t first = 0; first < sizes_.queries; first += kMaxQueries) {
    const int64_t count = std::min(kMaxQueries, sizes_.queries - first);
    const int64_t stride = kPaired<E> ? RoundUp(count, 2) : count;
    Columns(q_.data() + first * depth_, count, sizes_.width, depth_, stride,
            q_columns_.data());
    Columns(dy_.data() + first * depth_, count, sizes_.width, depth_, stride,
            dy_columns_.data());
    for (const Block& block : blocks_) {
      DifferentiateBlock(block, first, count, log_sums);
    }
  }
  for (S& value : dq_) value *= scale_;
  if (sizes_.has_positions) AddPositionGradients();
  WriteGradients(gradients);
}

template <typename T, typename E>
void AttentionKernel<T, E>::WriteGradients(const Gradients& gradients) const {
  const int64_t width = sizes_.width;
  for (int64_t i = 0; i < sizes_.queries; ++i) {
    T* const to = gradients.q.data + i * gradients.q.stride;
    for (int64_t d = 0; d < width; ++d) {
      to[d] = static_cast<T>(dq_[i * width + d]);
    }
  }
  for (int64_t key = 0; key < sizes_.keys; ++key) {
    const int64_t at = key / sizes_.columns * columns_ + key % sizes_.columns;
    T* const to_k = gradients.k.data + key * gradients.k.stride;
    T* const to_v = gradients.v.data + key * gradients.v.stride;
    for (int64_t d = 0; d < width; ++d) {
      to_k[d] = static_cast<T>(dk_[d * keys_ + at] * scale_);
      to_v[d] = static_cast<T>(dv_[d * keys_ + at]);
    }
  }
  if (gradients.of_rows == nullptr) return;
  std::copy(d_of_rows_.begin(), d_of_rows_.end(), gradients.of_rows);
  for (int64_t i = 0; i < sizes_.queries; ++i) {
    std::copy_n(d_of_columns_.data() + i * columns_, sizes_.columns,
                gradients.of_columns + i * sizes_.columns);
  }
}

template class AttentionKernel<double, double>;
template class AttentionKernel<float, float>;
template class AttentionKernel<at::Half, float>;
template class AttentionKernel<at::BFloat16, float>;
template class AttentionKernel<at::BFloat16, at::BFloat16>;

}  // namespace transect
