#include "model/attn_prompter/spec.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/defaults.h"

namespace transect {

void ResolvePrompter(PrompterSpec* prompter) { WriteDefaults(prompter); }

void CheckPrompter(const PrompterSpec& prompter, const SpecChecker& check) {
  const int rate = prompter.downsampling();
  if (rate != 2 && rate != 4 && rate != 8) {
    check.Add("downsampling", absl::StrCat("is ", rate, ", must be 2, 4 or 8"));
  }
  check.Chosen("prompts", prompter.prompts());
  check.Chosen("similarity", prompter.similarity());
  check.Chosen("local_combine", prompter.local_combine());
  check.Chosen("concat_order", prompter.concat_order());
  check.Chosen("global_text", prompter.global_text());
  check.Chosen("local_tokens", prompter.local_tokens());
}

int64_t DownsamplingBlocks(const PrompterSpec& prompter) {
  int64_t blocks = 0;
  while ((int64_t{1} << blocks) < prompter.downsampling()) ++blocks;
  return blocks;
}

int64_t SparseGrid(const PrompterSpec& prompter, int64_t grid) {
  int64_t side = grid;
  for (int64_t i = 0; i < DownsamplingBlocks(prompter); ++i) {
    side = (side + 1) / 2;
  }
  return side;
}

int64_t SparsePrompts(const PrompterSpec& prompter, int64_t grid) {
  if (!HasSparsePrompts(prompter)) return 0;
  return SparseGrid(prompter, grid) * SparseGrid(prompter, grid);
}

bool HasSparsePrompts(const PrompterSpec& prompter) {
  return prompter.prompts() == PrompterSpec::SPARSE ||
         prompter.prompts() == PrompterSpec::SPARSE_AND_DENSE;
}

bool HasDensePrompt(const PrompterSpec& prompter) {
  return prompter.prompts() == PrompterSpec::DENSE ||
         prompter.prompts() == PrompterSpec::SPARSE_AND_DENSE;
}

}  // namespace transect
