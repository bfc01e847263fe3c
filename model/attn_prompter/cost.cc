#include "model/attn_prompter/spec.h"

namespace transect {

void AddPrompterCost(const PrompterSpec& prompter, int64_t grid,
                     int64_t channels, int64_t prompt_channels,
                     CostEstimate* estimate) {
  const int64_t n = grid * grid;
  const int64_t d = channels;
  const int64_t c = prompt_channels;
  const bool sparse = HasSparsePrompts(prompter);
  // The sentence, and for sparse prompts its tokens.
  const int64_t vectors = 1 + (sparse ? estimate->options().text_tokens : 0);
  int64_t flops = 3 * 2 * n * d * vectors * 2;
  if (sparse) {
    flops += 2 * n * 3 * d * c;
    int64_t side = grid;
    for (int64_t i = 0; i < DownsamplingBlocks(prompter); ++i) {
      side = (side + 1) / 2;
      flops += 2 * side * side * 9 * c * c;
    }
    flops += 2 * side * side * c * c;
  }
  estimate->AddTrained("prompter", flops);
}

}  // namespace transect
