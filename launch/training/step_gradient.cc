#include "launch/training/step_gradient.h"

#include <torch/torch.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/training/training.pb.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/forward.h"
#include "model/base/segmentation_model.h"
#include "model/base/torch_status.h"
#include "model/loss.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<at::Tensor> StepGradient::Compute(absl::Span<const Batch> shards,
                                                 int64_t step, double scale) {
  absl::StatusOr<at::Tensor> loss =
      TorchToStatus(absl::StrCat("training step ", step + 1),
                    [&] { return Run(shards, step, scale); });
  TRANSECT_RETURN_IF_ERROR(task_.batch_statistics->failure());
  if (!loss.ok()) return MarkComputation(loss.status());
  return loss;
}

at::Tensor StepGradient::Run(absl::Span<const Batch> shards, int64_t step,
                             double scale) {
  SegmentationModel& model = *task_.model;
  const LossSpec& spec = task_.run->training().loss();
  const auto input = [&](size_t i) {
    return MakeModelInput(shards[i], task_.device, step);
  };
  optimizer_->ZeroGradients();
  if (shards.size() > 1) {
    total_ = total_.defined() ? total_.zero_()
                              : at::zeros_like(optimizer_->gradients());
  }

  Features graph;
  const std::vector<Features> encoded = Encode(shards, step, &graph);
  JointTape tape;
  std::vector<Features> joined = model.Join(encoded, &tape);

  std::vector<Features> gradients(shards.size());
  std::vector<at::Tensor> losses(shards.size());
  ForEach(shards.size(), [&](size_t i) {
    const Features begin = CutGraph(joined[i]);
    const ModelOutput output =
        DecodeBatch(model, shards[i], task_.device, step, begin);
    const at::Tensor part =
        SegmentationLoss(output, shards[i].mask.to(task_.device).to(at::kFloat),
                         {spec.bce_weight(), spec.activation_weight()},
                         CountedPixels(shards[i], task_.device)) /
        task_.batch_statistics->shards();
    (scale == 1 ? part : part * scale).backward();
    losses[i] = part.detach();
    gradients[i] = GradientsOf(begin);
  });

  const auto for_each = [&](const std::function<void(size_t)>& body) {
    ForEach(shards.size(), body);
  };
  tape.Backward(joined, gradients, for_each);
  joined.clear();
  gradients.clear();

  if (shards.size() == 1) {
    BackwardInto(graph, GradientsOf(encoded[0]));
  } else {
    ForEach(shards.size(), [&](size_t i) {
      const Features arrived = GradientsOf(encoded[i]);
      for (const at::Tensor& gradient : arrived) {
        if (!gradient.defined()) continue;
        BackwardInto(model.Encode(input(i)), arrived);
        break;
      }
    });
    optimizer_->gradients().copy_(total_);
  }
  return TreeSum(std::move(losses));
}

std::vector<Features> StepGradient::Encode(absl::Span<const Batch> shards,
                                           int64_t step, Features* graph) {
  std::vector<Features> encoded;
  for (const Batch& shard : shards) {
    const ModelInput input = MakeModelInput(shard, task_.device, step);
    if (shards.size() == 1 || needs_gradient_.empty()) {
      Features features = task_.model->Encode(input);
      encoded.push_back(CutGraph(features));
      needs_gradient_.clear();
      for (const at::Tensor& feature : features) {
        needs_gradient_.push_back(feature.defined() && feature.requires_grad());
      }
      if (shards.size() == 1) *graph = std::move(features);
      continue;
    }
    const torch::NoGradGuard no_grad;
    encoded.push_back(task_.model->Encode(input));
    for (size_t i = 0; i < needs_gradient_.size(); ++i) {
      if (needs_gradient_[i]) encoded.back()[i].requires_grad_(true);
    }
  }
  return encoded;
}

void StepGradient::ForEach(size_t shards,
                           const std::function<void(size_t)>& body) {
  if (shards == 1) return body(0);
  for (size_t i = 0; i < shards; ++i) {
    optimizer_->ZeroGradients();
    body(i);
    gradients_.Add(optimizer_->gradients());
  }
  // Every trained tensor has its gradient from one stage, and the others add
  // zeros to it.
  total_.add_(gradients_.Take());
}

}  // namespace transect
