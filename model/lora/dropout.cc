#include "model/lora/dropout.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/random/philox.h"

namespace transect {
namespace {

constexpr int64_t kDrawsPerBlock = 8;  // of 16 bits

uint32_t Dropped(double probability) {
  return static_cast<uint32_t>(std::lround(probability * 65536));
}

double KeptFactor(double probability) {
  return 65536.0f / static_cast<float>(65536 - Dropped(probability));
}

int64_t ElementsPerSample(const DropoutKey& key, absl::string_view module,
                          const at::Tensor& like) {
  const int64_t samples = static_cast<int64_t>(key.sample_ids.size());
  TORCH_CHECK(samples > 0 && like.size(0) % samples == 0, "dropout of ",
              std::string(module), ": ", like.sizes(), " of ", samples,
              " samples");
  return like.numel() / samples;
}

// The key of a sample's blocks; block i has the counter {i, 0, 0, 0}.
Philox::Key BlockKey(const DropoutKey& key, absl::string_view module,
                     int64_t sample) {
  Philox stream(key.seed, absl::StrCat("dropout/", module),
                static_cast<uint64_t>(key.step), static_cast<uint64_t>(sample));
  const uint32_t first = stream.NextU32();
  return {first, stream.NextU32()};
}

struct Drop : torch::autograd::Function<Drop> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const at::Tensor& x, const at::Tensor& mask,
                            double factor) {
    context->save_for_backward({mask});
    context->saved_data["factor"] = factor;
    return Apply(x, mask, factor);
  }

  static torch::autograd::variable_list backward(
      torch::autograd::AutogradContext* context,
      torch::autograd::variable_list gradients) {
    return {Apply(gradients[0], context->get_saved_variables()[0],
                  context->saved_data["factor"].toDouble()),
            at::Tensor(), at::Tensor()};
  }

  // The factor is not rounded to the type of x, and the product once.
  static at::Tensor Apply(const at::Tensor& x, const at::Tensor& mask,
                          double factor) {
    const at::Tensor kept = x * mask;
    return kept.scalar_type() == at::kFloat
               ? kept.mul_(factor)
               : (kept.to(at::kFloat) * factor).to(x.scalar_type());
  }
};

}  // namespace

at::Tensor DropoutMask(const DropoutKey& key, absl::string_view module,
                       double probability, const at::Tensor& like) {
  if (!like.is_cpu()) {
    return DropoutMaskOnDevice(key, module, probability, like);
  }
  const int64_t per_sample = ElementsPerSample(key, module, like);
  const uint32_t dropped = Dropped(probability);
  at::Tensor mask = at::empty(like.sizes(), at::kBool);
  bool* out = mask.data_ptr<bool>();
  for (const int64_t sample : key.sample_ids) {
    const Philox::Key block_key = BlockKey(key, module, sample);
    bool* const end = out + per_sample;
    for (uint32_t block = 0; out < end; ++block) {
      const Philox::Counter words = Philox::Block(block_key, {block, 0, 0, 0});
      const int64_t draws = std::min<int64_t>(kDrawsPerBlock, end - out);
      for (int64_t i = 0; i < draws; ++i) {
        *out++ = ((words[i / 2] >> (16 * (i % 2))) & 0xFFFF) >= dropped;
      }
    }
  }
  return mask;
}

at::Tensor DropoutMaskOnDevice(const DropoutKey& key, absl::string_view module,
                               double probability, const at::Tensor& like) {
  // Philox4x32-10 as in data/random/philox.cc, on 64-bit integers: the product
  // of two 32-bit words is exact in them, and its sign does not matter.
  constexpr int64_t kWord = 0xFFFFFFFF;
  constexpr int64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  constexpr int kRounds = 10;
  const torch::NoGradGuard no_grad;
  const int64_t per_sample = ElementsPerSample(key, module, like);
  const int64_t samples = static_cast<int64_t>(key.sample_ids.size());
  const int64_t blocks = (per_sample + kDrawsPerBlock - 1) / kDrawsPerBlock;

  // [round, word, sample, 1]
  at::Tensor keys = at::empty({kRounds, 2, samples, 1}, at::kLong);
  for (int64_t s = 0; s < samples; ++s) {
    Philox::Key at_round = BlockKey(key, module, key.sample_ids[s]);
    for (int64_t round = 0; round < kRounds; ++round) {
      int64_t* const words = keys.data_ptr<int64_t>() + round * 2 * samples + s;
      words[0] = at_round[0];
      words[samples] = at_round[1];
      at_round[0] += kWeyl0;
      at_round[1] += kWeyl1;
    }
  }
  keys = keys.to(like.device(), /*non_blocking=*/false);

  const at::TensorOptions options =
      at::TensorOptions().dtype(at::kLong).device(like.device());
  const auto high = [](const at::Tensor& product) {
    return product.bitwise_right_shift(32).bitwise_and(kWord);
  };
  at::Tensor c0 = at::arange(blocks, options).expand({samples, blocks});
  at::Tensor c1 = at::zeros({}, options), c2 = c1, c3 = c1;
  for (int64_t round = 0; round < kRounds; ++round) {
    const at::Tensor product0 = c0 * kMultiplier0, product1 = c2 * kMultiplier1;
    c0 = high(product1).bitwise_xor(c1).bitwise_xor(keys[round][0]);
    c2 = high(product0).bitwise_xor(c3).bitwise_xor(keys[round][1]);
    c1 = product1.bitwise_and(kWord);
    c3 = product0.bitwise_and(kWord);
  }
  std::vector<at::Tensor> draws;
  for (const at::Tensor& word : {c0, c1, c2, c3}) {
    const at::Tensor whole = word.expand({samples, blocks});
    draws.push_back(whole.bitwise_and(0xFFFF));
    draws.push_back(whole.bitwise_right_shift(16));
  }
  return at::stack(draws, -1)
      .ge(static_cast<int64_t>(Dropped(probability)))
      .flatten(1)
      .slice(1, 0, per_sample)
      .reshape(like.sizes());
}

at::Tensor Dropout(const DropoutKey& key, absl::string_view module,
                   double probability, const at::Tensor& x) {
  return Drop::apply(x, DropoutMask(key, module, probability, x),
                     KeptFactor(probability));
}

}  // namespace transect
