/// \file
/// Whether all ranks hold the same network.
#ifndef TRANSECT_LAUNCH_TRAINING_REPLICAS_H_
#define TRANSECT_LAUNCH_TRAINING_REPLICAS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "launch/collective/collective.h"

namespace torch::nn {
class Module;
}  // namespace torch::nn

namespace transect {

/// Compares what training changes between the ranks, bit for bit: the
/// parameters of `model` that require a gradient, and its buffers, such as the
/// running statistics of norms. Ranks exchange a SHA-256 of each tensor. All
/// ranks call it after the same step, the `steps`-th; with one rank it does
/// nothing.
///
/// INTERNAL, on all ranks alike, names the step, the first rank that differs
/// from rank 0 and the first tensor in which it does; or a lost peer.
absl::Status CompareReplicas(Collective& collective,
                             const torch::nn::Module& model, int64_t steps);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_REPLICAS_H_
