#include "model/lora/dropout.h"

#include <ATen/Parallel.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "data/random/philox.h"
#include "data/random/philox_blocks.h"
#include "model/lora/dropout_on_device.h"

namespace transect {
namespace {

constexpr int64_t kDrawsPerBlock = 8;
constexpr int64_t kDraws = kDrawsPerBlock * kPhiloxBlocks;

// Elements that a thread takes at a time, many times what starting it costs.
constexpr int64_t kGrain = kDraws * 512;

Philox::Key KeyOf(int64_t packed) {
  const auto bits = static_cast<uint64_t>(packed);
  return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
}

// out[i] = factor * x[i] or 0, or that added to it, for the elements `begin` to
// `end` of a sample; `begin` is a multiple of kDraws.
template <typename T, bool kAdd>
void DropRange(Philox::Key key, int64_t dropped, int64_t begin, int64_t end,
               const T* x, T* out) {
  using Wide = std::conditional_t<std::is_same_v<T, double>, double, float>;
  std::array<uint32_t, kDraws / 2> words;
  std::array<uint16_t, kDraws> draws;
  const float factor = KeptFactor(dropped);
  const auto limit = static_cast<uint16_t>(dropped);
  for (; begin < end; begin += kDraws) {
    PhiloxBlocks(key, static_cast<uint32_t>(begin / kDrawsPerBlock), &words);
    static_assert(sizeof(words) == sizeof(draws));
    // The lower half of a word comes first in memory.
    std::memcpy(draws.data(), words.data(), sizeof(draws));
    const int64_t count = std::min(kDraws, end - begin);
    for (int64_t i = 0; i < count; ++i) {
      // A product, so that what is not finite stays so.
      const auto kept =
          static_cast<T>(static_cast<Wide>(x[begin + i]) *
                         static_cast<Wide>(draws[i] >= limit ? factor : 0.0F));
      if constexpr (kAdd) {
        out[begin + i] = static_cast<T>(static_cast<Wide>(out[begin + i]) +
                                        static_cast<Wide>(kept));
      } else {
        out[begin + i] = kept;
      }
    }
  }
}

// Both are contiguous, on the CPU.
template <bool kAdd>
void DropOnCpu(const DropoutDraws& draws, const at::Tensor& x,
               at::Tensor& out) {
  const int64_t samples = draws.keys.numel();
  const int64_t per_sample = x.numel() / samples;
  const int64_t chunks = (per_sample + kGrain - 1) / kGrain;
  const int64_t* const keys = draws.keys.const_data_ptr<int64_t>();
  AT_DISPATCH_FLOATING_TYPES_AND2(
      at::kHalf, at::kBFloat16, x.scalar_type(), "dropout", [&] {
        const scalar_t* const from = x.const_data_ptr<scalar_t>();
        scalar_t* const to = out.mutable_data_ptr<scalar_t>();
        at::parallel_for(
            0, samples * chunks, 1, [&](int64_t first, int64_t last) {
              for (int64_t task = first; task < last; ++task) {
                const int64_t sample = task / chunks;
                const int64_t begin = task % chunks * kGrain;
                DropRange<scalar_t, kAdd>(
                    KeyOf(keys[sample]), draws.dropped, begin,
                    std::min(begin + kGrain, per_sample),
                    from + sample * per_sample, to + sample * per_sample);
              }
            });
      });
}

// Both are contiguous.
void Drop(const DropoutDraws& draws, const at::Tensor& x, bool add,
          at::Tensor& out) {
  const int64_t samples = draws.keys.numel();
  TORCH_CHECK(samples > 0 && x.dim() > 0 && x.size(0) % samples == 0,
              "dropout: ", x.sizes(), " of ", samples, " samples");
  if (!x.is_cpu()) {
    DropOnDevice(draws.keys, draws.dropped, x, add, out);
  } else if (add) {
    DropOnCpu<true>(draws, x, out);
  } else {
    DropOnCpu<false>(draws, x, out);
  }
}

struct DropFunction : torch::autograd::Function<DropFunction> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& x, const at::Tensor& keys,
                            int64_t dropped) {
    context->saved_data["keys"] = keys;
    context->saved_data["dropped"] = dropped;
    return ApplyDropout({keys, dropped}, x);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    return {ApplyDropout({context->saved_data["keys"].toTensor(),
                          context->saved_data["dropped"].toInt()},
                         gradients[0]),
            at::Tensor(), at::Tensor()};
  }
};

}  // namespace

DropoutDraws MakeDropoutDraws(const DropoutKey& key, absl::string_view module,
                              double probability) {
  DropoutDraws draws;
  draws.dropped = std::lround(probability * 65536);
  if (draws.dropped == 0) return draws;
  const auto samples = static_cast<int64_t>(key.sample_ids.size());
  draws.keys = at::empty({samples}, at::kLong);
  int64_t* const keys = draws.keys.mutable_data_ptr<int64_t>();
  const std::string purpose = absl::StrCat("dropout/", module);
  for (int64_t i = 0; i < samples; ++i) {
    Philox stream(key.seed, purpose, static_cast<uint64_t>(key.step),
                  static_cast<uint64_t>(key.sample_ids[i]));
    const uint64_t first = stream.NextU32();
    keys[i] = static_cast<int64_t>(first | uint64_t{stream.NextU32()} << 32);
  }
  return draws;
}

at::Tensor ApplyDropout(const DropoutDraws& draws, const at::Tensor& x) {
  if (!draws.keys.defined()) return x;
  const at::Tensor from = x.contiguous();
  at::Tensor out = at::empty_like(from);
  Drop(draws, from, /*add=*/false, out);
  return x.is_contiguous() ? out : out.contiguous(x.suggest_memory_format());
}

void AddDropout(const DropoutDraws& draws, const at::Tensor& x,
                at::Tensor& sum) {
  if (!draws.keys.defined()) {
    sum.add_(x);
  } else if (sum.is_contiguous()) {
    Drop(draws, x.contiguous(), /*add=*/true, sum);
  } else {
    sum.add_(ApplyDropout(draws, x));
  }
}

at::Tensor Dropout(const DropoutDraws& draws, const at::Tensor& x) {
  if (!draws.keys.defined()) return x;
  return DropFunction::apply(x, draws.keys, draws.dropped);
}

}  // namespace transect
