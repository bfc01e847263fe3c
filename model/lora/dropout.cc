#include "model/lora/dropout.h"

#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "data/random/philox.h"

namespace transect {
namespace {

constexpr int64_t kDrawsPerBlock = 8;  // of 16 bits

}  // namespace

at::Tensor DropoutMask(const DropoutKey& key, absl::string_view module,
                       double probability, const at::Tensor& like) {
  const int64_t samples = static_cast<int64_t>(key.sample_ids.size());
  TORCH_CHECK(samples > 0 && like.size(0) % samples == 0, "dropout of ",
              std::string(module), ": ", like.sizes(), " of ", samples,
              " samples");
  const uint32_t dropped =
      static_cast<uint32_t>(std::lround(probability * 65536));
  const float keep = 65536.0f / static_cast<float>(65536 - dropped);
  const std::string purpose = absl::StrCat("dropout/", module);

  at::Tensor mask = at::empty(like.sizes(), at::kFloat);
  float* out = mask.data_ptr<float>();
  const int64_t per_sample = like.numel() / samples;
  for (const int64_t sample : key.sample_ids) {
    Philox stream(key.seed, purpose, static_cast<uint64_t>(key.step),
                  static_cast<uint64_t>(sample));
    const Philox::Key block_key = {stream.NextU32(), stream.NextU32()};
    float* const end = out + per_sample;
    for (uint32_t block = 0; out < end; ++block) {
      const Philox::Counter words = Philox::Block(block_key, {block, 0, 0, 0});
      const int64_t draws = std::min<int64_t>(kDrawsPerBlock, end - out);
      for (int64_t i = 0; i < draws; ++i) {
        const uint32_t draw = (words[i / 2] >> (16 * (i % 2))) & 0xFFFF;
        *out++ = draw < dropped ? 0.0f : keep;
      }
    }
  }
  return mask.to(like.options());
}

}  // namespace transect
