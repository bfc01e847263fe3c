#include "launch/training/step_gradient.h"

#include <ATen/record_function.h>
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
  const bool adds_by_tree = shards.size() > 1 && by_tree_;
  if (adds_by_tree) {
    total_ = total_.defined() ? total_.zero_()
                              : at::zeros_like(optimizer_->gradients());
  }

  Features graph;
  const std::vector<Features> encoded = Encode(shards, step, &graph);
  JointTape tape;
  std::vector<Features> joined;
  {
    RECORD_USER_SCOPE("join");
    joined = model.Join(encoded, &tape);
  }

  std::vector<Features> gradients(shards.size());
  std::vector<at::Tensor> losses(shards.size());
  ForEach(shards.size(), [&](size_t i) {
    const Features begin = CutGraph(joined[i]);
    at::Tensor part;
    {
      RECORD_USER_SCOPE("decode");
      const ModelOutput output =
          DecodeBatch(model, shards[i], task_.device, step, begin);
      part = SegmentationLoss(output,
                              shards[i].mask.to(task_.device).to(at::kFloat),
                              {spec.bce_weight(), spec.activation_weight()},
                              CountedPixels(shards[i], task_.device)) /
             (divides_sum_ ? 1 : task_.batch_statistics->shards());
    }
    RECORD_USER_SCOPE("backward");
    (scale == 1 ? part : part * scale).backward();
    losses[i] = part.detach().to(at::kDouble) /
                (divides_sum_ ? task_.batch_statistics->shards() : 1);
    gradients[i] = GradientsOf(begin);
  });

  const auto for_each = [&](const std::function<void(size_t)>& body) {
    ForEach(shards.size(), body);
  };
  RECORD_USER_SCOPE("backward");
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
        Features again;
        {
          RECORD_USER_SCOPE("encode");
          again = model.Encode(input(i));
        }
        BackwardInto(again, arrived);
        break;
      }
    });
    if (adds_by_tree) optimizer_->gradients().copy_(total_);
  }
  return TreeSum(std::move(losses));
}

std::vector<Features> StepGradient::Encode(absl::Span<const Batch> shards,
                                           int64_t step, Features* graph) {
  RECORD_USER_SCOPE("encode");
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
  if (shards == 1 || !by_tree_) {
    for (size_t i = 0; i < shards; ++i) body(i);
    return;
  }
  for (size_t i = 0; i < shards; ++i) {
    optimizer_->HoldGradients();
    body(i);
    gradients_.Add(optimizer_->gradients());
  }
  // Every trained tensor has its gradient from one stage, and the others add
  // zeros to it.
  total_.add_(gradients_.Take());
}

}  // namespace transect
