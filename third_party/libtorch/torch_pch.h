// The header that torch targets compile once instead of once per file. See
// torch.bzl.
#include <torch/torch.h>
