#include "launch/optimizer/adamw_optimizer.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "experiments/training/training.pb.h"
#include "launch/collective/collective.h"
#include "launch/optimizer/flat_layout.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Views of a tensor that holds the ranges one after the other.
std::vector<at::Tensor> OneAfterTheOther(const at::Tensor& joined,
                                         const std::vector<FlatRange>& ranges) {
  std::vector<at::Tensor> views;
  int64_t offset = 0;
  for (const FlatRange& range : ranges) {
    views.push_back(joined.narrow(0, offset, range.size()));
    offset += range.size();
  }
  return views;
}

}  // namespace

std::map<std::string, at::Tensor> TrainedTensors(
    const torch::nn::Module& model) {
  std::map<std::string, at::Tensor> by_name;
  for (const auto& parameter : model.named_parameters()) {
    if (parameter.value().requires_grad()) {
      by_name.emplace(parameter.key(), parameter.value());
    }
  }
  return by_name;
}

AdamWOptimizer::AdamWOptimizer(std::vector<at::Tensor> trained,
                               const AdamWSpec& spec,
                               const OptimizerShare& share)
    : spec_(spec),
      share_(share),
      trained_(std::move(trained)),
      layout_(trained_, share.parts, share.bucket_elements) {
  for (const at::Tensor& tensor : trained_) {
    TORCH_CHECK(tensor.scalar_type() == at::kFloat,
                "optimizer: trained tensors must be float32, got ",
                tensor.scalar_type());
  }
  const at::TensorOptions options =
      at::TensorOptions().dtype(at::kFloat).device(trained_[0].device());
  values_ = at::zeros({layout_.size()}, options);
  const int64_t owned =
      share_.zero_stage == 0 ? layout_.size() : layout_.size() / share_.ranks;
  first_moment_ = at::zeros({owned}, options);
  second_moment_ = at::zeros({owned}, options);
  steps_ = at::zeros({}, options);
  const torch::NoGradGuard no_grad;
  const std::vector<at::Tensor> values = layout_.Views(values_);
  for (size_t i = 0; i < trained_.size(); ++i) {
    values[i].copy_(trained_[i]);
    trained_[i].set_data(values[i]);
  }
  if (share_.zero_stage == 2) {
    part_gradients_ = at::zeros({owned}, options);
    owned_ = OneAfterTheOther(part_gradients_,
                              layout_.Owned(share_.rank, share_.ranks));
    return;
  }
  HoldGradients();
  owned_ = OwnedOf(gradients_);
}

std::vector<at::Tensor> AdamWOptimizer::OwnedOf(const at::Tensor& flat) const {
  if (share_.zero_stage == 0) return {flat};
  std::vector<at::Tensor> views;
  for (const FlatRange& range : layout_.Owned(share_.rank, share_.ranks)) {
    views.push_back(flat.narrow(0, range.begin, range.size()));
  }
  return views;
}

void AdamWOptimizer::HoldGradients() {
  if (gradients_.defined()) {
    gradients_.zero_();
    return;
  }
  gradients_ = at::zeros_like(values_);
  const std::vector<at::Tensor> views = layout_.Views(gradients_);
  for (size_t i = 0; i < trained_.size(); ++i) {
    at::Tensor tensor = trained_[i];
    tensor.mutable_grad() = views[i];
  }
}

void AdamWOptimizer::ReleaseGradients() {
  if (share_.zero_stage != 2) return;
  for (at::Tensor tensor : trained_) tensor.mutable_grad() = at::Tensor();
  gradients_ = at::Tensor();
}

void AdamWOptimizer::ScaleGradients(double factor) {
  for (at::Tensor& owned : owned_) owned.mul_(factor);
}

std::vector<at::Tensor> AdamWOptimizer::SquaredNorms() const {
  const int64_t mine = share_.parts / share_.ranks;
  std::vector<at::Tensor> sums(
      mine, at::zeros({}, values_.options().dtype(at::kDouble)));
  const std::vector<FlatRange> ranges =
      layout_.Owned(share_.rank, share_.ranks);
  for (size_t b = 0; b < ranges.size(); ++b) {
    const at::Tensor bucket =
        share_.zero_stage == 0
            ? gradients_.narrow(0, ranges[b].begin, ranges[b].size())
            : owned_[b];
    const std::vector<at::Tensor> parts = bucket.chunk(mine);
    for (int64_t i = 0; i < mine; ++i) {
      sums[i] = sums[i] + parts[i].to(at::kDouble).square().sum();
    }
  }
  return sums;
}

void AdamWOptimizer::Step(double lr) {
  const torch::NoGradGuard no_grad;
  steps_.add_(1);
  std::vector<at::Tensor> values = OwnedOf(values_);
  std::vector<at::Tensor> first = {first_moment_}, second = {second_moment_};
  if (share_.zero_stage != 0) {
    const std::vector<FlatRange> ranges =
        layout_.Owned(share_.rank, share_.ranks);
    first = OneAfterTheOther(first_moment_, ranges);
    second = OneAfterTheOther(second_moment_, ranges);
  }
  const std::vector<at::Tensor> steps(values.size(), steps_);
  at::_fused_adamw_(values, owned_, first, second,
                    /*max_exp_avg_sqs=*/{}, steps, lr, spec_.beta1(),
                    spec_.beta2(), spec_.weight_decay(), spec_.eps(),
                    /*amsgrad=*/false, /*maximize=*/false);
}

absl::Status AdamWOptimizer::ShareValues(Collective& collective) {
  if (share_.zero_stage == 0) return absl::OkStatus();
  for (const FlatRange& bucket : layout_.buckets()) {
    TRANSECT_RETURN_IF_ERROR(collective.AllGatherParts(
        "trained values", values_.narrow(0, bucket.begin, bucket.size())));
  }
  return absl::OkStatus();
}

absl::Status AdamWOptimizer::GatherMoments(Collective& collective,
                                           at::Tensor* first,
                                           at::Tensor* second) const {
  const std::pair<const at::Tensor&, at::Tensor*> both[] = {
      {first_moment_, first}, {second_moment_, second}};
  for (const auto& [mine, whole] : both) {
    *whole = at::zeros_like(values_);
    const std::vector<at::Tensor> to = OwnedOf(*whole);
    if (share_.zero_stage == 0) {
      whole->copy_(mine);
      continue;
    }
    const std::vector<at::Tensor> from =
        OneAfterTheOther(mine, layout_.Owned(share_.rank, share_.ranks));
    for (size_t b = 0; b < to.size(); ++b) {
      at::Tensor(to[b]).copy_(from[b]);
      const FlatRange& bucket = layout_.buckets()[b];
      TRANSECT_RETURN_IF_ERROR(collective.AllGatherParts(
          "moments", whole->narrow(0, bucket.begin, bucket.size())));
    }
  }
  return absl::OkStatus();
}

absl::Status AdamWOptimizer::ShareMoments(Collective& collective,
                                          const at::Tensor& first,
                                          const at::Tensor& second) {
  constexpr char kWhat[] = "moments of rank 0";
  TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, steps_));
  if (share_.zero_stage == 0) {
    TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, first_moment_));
    return collective.Broadcast(kWhat, 0, second_moment_);
  }
  const std::pair<const at::Tensor&, const at::Tensor&> both[] = {
      {first, first_moment_}, {second, second_moment_}};
  for (const auto& [whole, mine] : both) {
    const std::vector<at::Tensor> to =
        OneAfterTheOther(mine, layout_.Owned(share_.rank, share_.ranks));
    for (size_t b = 0; b < to.size(); ++b) {
      const FlatRange& bucket = layout_.buckets()[b];
      const at::Tensor passed =
          share_.rank == 0 ? whole.narrow(0, bucket.begin, bucket.size())
                           : at::empty({bucket.size()}, values_.options());
      TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, passed));
      at::Tensor(to[b]).copy_(passed.chunk(share_.ranks)[share_.rank]);
    }
  }
  return absl::OkStatus();
}

void AdamWOptimizer::SetMoments(const at::Tensor& first,
                                const at::Tensor& second) {
  first_moment_.copy_(at::cat(OwnedOf(first)));
  second_moment_.copy_(at::cat(OwnedOf(second)));
}

}  // namespace transect
