#include "model/layers/fused_attention.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <cstdint>

#include "model/layers/attention_kernel.h"

namespace transect {
namespace {

// q, k, v, or their gradients: views [B, N, Nh, D] with D dense.
struct Heads {
  at::Tensor q, k, v;
};

struct Positions {
  at::Tensor rel_h, rel_w;  // or undefined
};

at::ScalarType ScoreType(at::ScalarType type) {
  return type == at::kDouble ? at::kDouble : at::kFloat;
}

AttentionSizes SizesOf(const Heads& in, const Positions& positions) {
  AttentionSizes sizes;
  sizes.queries = in.q.size(1);
  sizes.keys = in.k.size(1);
  sizes.width = in.q.size(3);
  sizes.has_positions = positions.rel_h.defined();
  sizes.rows = sizes.has_positions ? positions.rel_h.size(0) : 1;
  sizes.columns = sizes.has_positions ? positions.rel_w.size(0) : sizes.keys;
  TORCH_CHECK(sizes.rows * sizes.columns == sizes.keys,
              "attention: ", sizes.keys, " keys on a grid of ", sizes.rows,
              " x ", sizes.columns);
  return sizes;
}

template <typename T>
HeadRows<T> RowsOf(const at::Tensor& x, int64_t sample, int64_t head) {
  T* data;
  if constexpr (std::is_const_v<T>) {
    data = x.const_data_ptr<std::remove_const_t<T>>();
  } else {
    data = x.mutable_data_ptr<T>();
  }
  return {data + sample * x.stride(0) + head * x.stride(2), x.stride(1)};
}

// Calls `each(kernel, sample, head)` for all heads.
template <typename T, typename E, typename Each>
void ForHeads(const Heads& in, const Positions& positions, Each each) {
  using Kernel = AttentionKernel<T, E>;
  const AttentionSizes sizes = SizesOf(in, positions);
  const typename Kernel::Tables tables(sizes, positions.rel_h, positions.rel_w);
  const int64_t heads = in.q.size(2);
  at::parallel_for(0, in.q.size(0) * heads, 1, [&](int64_t from, int64_t to) {
    Kernel kernel(sizes, tables);
    for (int64_t i = from; i < to; ++i) {
      const int64_t sample = i / heads, head = i % heads;
      const typename Kernel::Inputs inputs = {
          RowsOf<const T>(in.q, sample, head),
          RowsOf<const T>(in.k, sample, head),
          RowsOf<const T>(in.v, sample, head)};
      each(kernel, inputs, i);
    }
  });
}

// Calls `work` with the types of values and factors for inputs of `type`.
template <typename Work>
void WithTypes(at::ScalarType type, Work work) {
  switch (type) {
    case at::kDouble:
      return work.template operator()<double, double>();
    case at::kFloat:
      return work.template operator()<float, float>();
    case at::kHalf:
      return work.template operator()<at::Half, float>();
    case at::kBFloat16:
      return HasPairedProducts()
                 ? work.template operator()<at::BFloat16, at::BFloat16>()
                 : work.template operator()<at::BFloat16, float>();
    default:
      TORCH_CHECK(false, "attention: no values of type ", type);
  }
}

struct Forwarded {
  at::Tensor out;       // [B, Nq, Nh, D]
  at::Tensor log_sums;  // [B, Nh, Nq]
};

Forwarded RunForward(const Heads& in, const Positions& positions) {
  const int64_t batch = in.q.size(0), queries = in.q.size(1),
                heads = in.q.size(2);
  Forwarded result;
  result.out = at::empty(in.q.sizes(), in.q.options());
  result.log_sums =
      at::empty({batch, heads, queries},
                in.q.options().dtype(ScoreType(in.q.scalar_type())));
  WithTypes(in.q.scalar_type(), [&]<typename T, typename E>() {
    using Kernel = AttentionKernel<T, E>;
    ForHeads<T, E>(
        in, positions,
        [&](Kernel& kernel, const typename Kernel::Inputs& inputs, int64_t i) {
          kernel.Forward(
              inputs, RowsOf<T>(result.out, i / heads, i % heads),
              result.log_sums.template mutable_data_ptr<typename Kernel::S>() +
                  i * queries);
        });
  });
  return result;
}

// \param of_scores where tables are trained: [B, Nh, N, H] and [B, Nh, N, W].
void RunBackward(const Heads& in, const Positions& positions,
                 const Forwarded& forwarded, const at::Tensor& dy,
                 const Heads& gradients, const Positions& of_scores) {
  const int64_t queries = in.q.size(1), heads = in.q.size(2);
  const bool trains_tables = of_scores.rel_h.defined();
  WithTypes(in.q.scalar_type(), [&]<typename T, typename E>() {
    using Kernel = AttentionKernel<T, E>;
    using S = typename Kernel::S;
    const auto of = [&](const at::Tensor& x, int64_t i) {
      return trains_tables
                 ? x.template mutable_data_ptr<S>() + i * queries * x.size(3)
                 : nullptr;
    };
    ForHeads<T, E>(
        in, positions,
        [&](Kernel& kernel, const typename Kernel::Inputs& inputs, int64_t i) {
          const int64_t sample = i / heads, head = i % heads;
          kernel.Backward(
              inputs, RowsOf<const T>(forwarded.out, sample, head),
              forwarded.log_sums.template const_data_ptr<S>() + i * queries,
              RowsOf<const T>(dy, sample, head),
              {RowsOf<T>(gradients.q, sample, head),
               RowsOf<T>(gradients.k, sample, head),
               RowsOf<T>(gradients.v, sample, head), of(of_scores.rel_h, i),
               of(of_scores.rel_w, i)});
        });
  });
}

at::Tensor DenseHeads(const at::Tensor& x) {
  return x.stride(3) == 1 ? x : x.contiguous();
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v) {
    const Heads in = {DenseHeads(q), DenseHeads(k), DenseHeads(v)};
    const Forwarded result = RunForward(in, {});
    context->save_for_backward({in.q, in.k, in.v, result.out, result.log_sums});
    return result.out;
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const Heads in = {saved[0], saved[1], saved[2]};
    const auto empty = [](const at::Tensor& x) {
      return at::empty(x.sizes(), x.options());
    };
    const Heads result = {empty(in.q), empty(in.k), empty(in.v)};
    RunBackward(in, {}, {saved[3], saved[4]}, DenseHeads(gradients[0]), result,
                {});
    return {result.q, result.k, result.v};
  }
};

Heads HeadsOf(const at::Tensor& qkv) {
  return {qkv.select(2, 0), qkv.select(2, 1), qkv.select(2, 2)};
}

// The gradient of rel_h [H, H, D] from those of scores, [B, Nh, H * W, H]
// summed over columns; of rel_w with `axis` 1 instead of 0.
at::Tensor TableGradient(const at::Tensor& of_scores, const at::Tensor& q,
                         int64_t height, int64_t width, int axis) {
  const std::vector<int64_t> order = axis == 0
                                         ? std::vector<int64_t>{2, 0, 1, 3, 4}
                                         : std::vector<int64_t>{3, 0, 1, 2, 4};
  const auto grouped = [&](const at::Tensor& x) {
    const int64_t groups = axis == 0 ? height : width;
    return x.view({x.size(0), x.size(1), height, width, x.size(3)})
        .permute(order)
        .reshape({groups, -1, x.size(3)});
  };
  const at::Tensor queries =
      q.transpose(1, 2).to(of_scores.scalar_type()).contiguous();
  return at::bmm(grouped(of_scores).transpose(1, 2), grouped(queries));
}

struct RelativeFunction : torch::autograd::Function<RelativeFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& qkv, const at::Tensor& rel_h,
                            const at::Tensor& rel_w) {
    const at::Tensor dense = qkv.stride(4) == 1 ? qkv : qkv.contiguous();
    const Forwarded result = RunForward(HeadsOf(dense), {rel_h, rel_w});
    context->save_for_backward(
        {dense, rel_h, rel_w, result.out, result.log_sums});
    context->saved_data["trains_tables"] =
        rel_h.requires_grad() || rel_w.requires_grad();
    return result.out;
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const at::Tensor &qkv = saved[0], &rel_h = saved[1], &rel_w = saved[2],
                     &log_sums = saved[4];
    const int64_t height = rel_h.size(0), width = rel_w.size(0);
    Positions of_scores;
    if (context->saved_data["trains_tables"].toBool()) {
      const auto empty = [&](int64_t size) {
        return at::empty({qkv.size(0), qkv.size(3), qkv.size(1), size},
                         log_sums.options());
      };
      of_scores = {empty(height), empty(width)};
    }
    const at::Tensor result = at::empty(qkv.sizes(), qkv.options());
    RunBackward(HeadsOf(qkv), {rel_h, rel_w}, {saved[3], log_sums},
                DenseHeads(gradients[0]), HeadsOf(result), of_scores);
    if (!of_scores.rel_h.defined()) return {result, {}, {}};
    const at::Tensor q = qkv.select(2, 0);
    return {result,
            TableGradient(of_scores.rel_h, q, height, width, /*axis=*/0)
                .to(qkv.scalar_type()),
            TableGradient(of_scores.rel_w, q, height, width, /*axis=*/1)
                .to(qkv.scalar_type())};
  }
};

}  // namespace

at::Tensor FusedAttention(const at::Tensor& q, const at::Tensor& k,
                          const at::Tensor& v) {
  return AttentionFunction::apply(q, k, v);
}

at::Tensor FusedRelativeAttention(const at::Tensor& qkv,
                                  const at::Tensor& rel_h,
                                  const at::Tensor& rel_w) {
  return RelativeFunction::apply(qkv, rel_h, rel_w);
}

}  // namespace transect
