/// \file
/// Attention of one head on a CPU, forward and backward, by LibTorch's small
/// matrix products (`cpublas::brgemm`): a block of queries at a time, so that
/// scores stay in the cache and none are kept.
///
/// Keys lie on an H x W grid with relative positions (attention.h), or in one
/// row without.
#ifndef TRANSECT_MODEL_LAYERS_ATTENTION_KERNEL_H_
#define TRANSECT_MODEL_LAYERS_ATTENTION_KERNEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <type_traits>
#include <vector>

#include "model/layers/score_rows.h"

namespace transect {

/// Whether products of bfloat16 with sums in fp32 are fast on this processor,
/// which wants pairs of rows of the right factor side by side.
bool HasPairedProducts();

struct AttentionSizes {
  int64_t queries, keys, width;  ///< Nq, Nk, D
  /// The keys' grid, rows * columns = Nk. With positions Nq = Nk.
  int64_t rows, columns;
  bool has_positions;
};

/// Tokens of one head: token i is the D elements from data + i * stride.
template <typename T>
struct HeadRows {
  T* data;
  int64_t stride;
};

/// \tparam T type of inputs and results. \tparam E type of the factors of
/// products: T, or float for a T in which products are slow.
template <typename T, typename E>
class AttentionKernel {
 public:
  /// Of scores, softmax and sums.
  using S = std::conditional_t<std::is_same_v<T, double>, double, float>;

  /// The tables of positions as the products want them; empty without.
  struct Tables {
    /// \param rel_h [H, H, D], \param rel_w [W, W, D]: as in attention.h.
    Tables(const AttentionSizes& sizes, const at::Tensor& rel_h,
           const at::Tensor& rel_w);
    std::vector<E> rows_of_queries, columns_of_queries;  // [H, D, H], [W, D, W]
    std::vector<S> rel_h, rel_w;
  };

  /// The buffers of one thread. \param tables must outlive it.
  AttentionKernel(const AttentionSizes& sizes, const Tables& tables);
  ~AttentionKernel();

  struct Inputs {
    HeadRows<const T> q, k, v;
  };

  /// \param log_sums [Nq]: set to the log of the sum of exp(score).
  void Forward(const Inputs& in, HeadRows<T> out, S* log_sums);

  struct Gradients {
    HeadRows<T> q, k, v;
    /// [N, H] and [N, W]: the gradients of scores summed over the columns of
    /// keys and over their rows, for tables that are trained; or null.
    S* of_rows;
    S* of_columns;
  };

  /// \param out, log_sums of Forward. \param dy the gradient of `out`.
  void Backward(const Inputs& in, HeadRows<const T> out, const S* log_sums,
                HeadRows<const T> dy, const Gradients& gradients);

 private:
  // Keys whose products are made at a time.
  struct Block {
    int64_t row, rows, column, columns;  // of the filled grid
    int64_t first, count;                // of its keys
  };

  void SetBlocks();
  // Queries and keys as factors, and the position terms.
  void Place(const Inputs& in);
  ScorePlaces<S> PlacesOf(int64_t query, const Block& block) const;
  void Transpose(HeadRows<const T> rows, std::vector<E>* out) const;
  void PackKeys(HeadRows<const T> rows, std::vector<E>* out) const;
  void BeginBackward(const Inputs& in, HeadRows<const T> out,
                     HeadRows<const T> dy);
  void DifferentiateBlock(const Block& block, int64_t first, int64_t count,
                          const S* log_sums);
  void AddPositionGradients();
  void WriteGradients(const Gradients& gradients) const;

  AttentionSizes sizes_;
  const Tables& tables_;
  S scale_;
  int64_t depth_;    // D, even where rows are paired
  int64_t columns_;  // of the grid with filled rows
  int64_t keys_;     // of that grid
  std::vector<Block> blocks_;

  std::vector<E> q_, dy_;                // left factors, [Nq, depth]
  std::vector<E> k_, v_;                 // right factors, [depth, keys]
  std::vector<E> k_rows_, v_rows_;       // right factors, [keys, D]
  std::vector<S> of_rows_, of_columns_;  // position terms of scores
  // Of a block of queries: [D, queries], and [queries, keys of a block or all].
  std::vector<E> q_columns_, dy_columns_;
  std::vector<S> scores_, d_scores_, sums_;
  std::vector<E> low_, d_low_, low_pairs_, d_pairs_;
  // Sums of the backward pass: [Nq, D], [D, keys] twice, as of_rows_ and
  // of_columns_, [Nq].
  std::vector<S> dq_, dk_, dv_, d_of_rows_, d_of_columns_, delta_;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_ATTENTION_KERNEL_H_
