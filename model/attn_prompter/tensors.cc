#include <string>

#include "absl/strings/str_cat.h"
#include "model/attn_prompter/spec.h"

namespace transect {
namespace {

// mmcv's ConvModule: convolution without bias, then a batch norm.
void AddConvBatchNorm(TensorBuilder* b, const std::string& module, int64_t in,
                      int64_t out, int64_t kernel) {
  b->Conv(module + ".conv", in, out, kernel, /*bias=*/false);
  b->Norm(module + ".bn", out);
  b->AddStatistics(module + ".bn", out);
}

}  // namespace

void AddPrompterTensors(const PrompterSpec& spec, int64_t channels, int64_t c,
                        TensorBuilder* b) {
  if (!HasSparsePrompts(spec)) return;
  b->SetTrainable(true);
  // Global, local and image features.
  const int64_t in = 3 * channels;
  AddConvBatchNorm(b, "prompter.prompter_down_channel", in, c, 1);
  const std::string spatial = "prompter.prompter_down_spatial";
  const int64_t blocks = DownsamplingBlocks(spec);
  for (int64_t i = 0; i < blocks; ++i) {
    AddConvBatchNorm(b, absl::StrCat(spatial, ".", i), c, c, 3);
  }
  b->Conv(absl::StrCat(spatial, ".", blocks, ".conv"), c, c, 1, /*bias=*/true);
}

}  // namespace transect
