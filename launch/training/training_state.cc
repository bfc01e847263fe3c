#include "launch/training/training_state.h"

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "experiments/training/training_spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Named = std::map<std::string, at::Tensor>;

std::vector<at::Tensor> Values(const Named& named) {
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : named) values.push_back(tensor);
  return values;
}

void CopyAll(const Named& from, const Named& to) {
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : to) tensor.copy_(from.at(name));
}

std::string Kind(const at::Tensor& tensor) {
  return absl::StrCat(at::toString(tensor.scalar_type()), " [",
                      absl::StrJoin(tensor.sizes(), ", "), "]");
}

SavedState CopyToCpu(const TensorMap& views) {
  SavedState saved;
  for (const auto& [name, tensor] : views) {
    saved.emplace(name, tensor.detach()
                            .to(at::kCPU, tensor.scalar_type(),
                                /*non_blocking=*/false, /*copy=*/true)
                            .contiguous());
  }
  return saved;
}

// Adds how `saved` differs from `views` in names, types and shapes. `what`
// stands before names.
void Compare(const TensorMap& views, const SavedState& saved,
             absl::string_view what, std::vector<std::string>* problems) {
  for (const auto& [name, tensor] : views) {
    const auto found = saved.find(name);
    if (found == saved.end()) {
      problems->push_back(absl::StrCat(what, name, " is missing"));
    } else if (Kind(found->second) != Kind(tensor)) {
      problems->push_back(absl::StrCat(what, name, " is ", Kind(found->second),
                                       ", not ", Kind(tensor)));
    }
  }
  for (const auto& [name, tensor] : saved) {
    if (!views.contains(name)) {
      problems->push_back(absl::StrCat(what, name, " is not of this run"));
    }
  }
}

constexpr char kBest[] = "best";

at::Tensor ToTensor(const BestSoFar& best) {
  return torch::tensor({static_cast<double>(best.step), best.metric,
                        static_cast<double>(best.since)},
                       at::kDouble);
}

BestSoFar FromTensor(const at::Tensor& tensor) {
  return {.step = tensor[0].item<int64_t>(),
          .metric = tensor[1].item<double>(),
          .since = tensor[2].item<int64_t>()};
}

absl::string_view Bytes(const at::Tensor& tensor) {
  return absl::string_view(static_cast<const char*>(tensor.data_ptr()),
                           tensor.nbytes());
}

}  // namespace

TrainingState::TrainingState(SegmentationModel* model, const TrainingSpec& spec,
                             const OptimizerShare& share)
    : trained_(TrainedTensors(*model)),
      optimizer_(Values(trained_), spec.optimizer(), share),
      keeps_best_(spec.validation().weights() == ValidationSpec::BEST) {
  if (ValidationDecides(spec)) best_.emplace();
  for (const auto& buffer : model->named_buffers()) {
    buffers_.emplace(buffer.key(), buffer.value());
  }
  if (spec.precision() != TrainingSpec::FP16) return;
  scale_.emplace(spec.loss_scale());
  for (const auto& [name, tensor] : buffers_) {
    kept_.emplace(name, tensor.clone());
  }
}

void TrainingState::KeepBuffers() { CopyAll(buffers_, kept_); }

void TrainingState::PutBuffersBack() { CopyAll(kept_, buffers_); }

void TrainingState::KeepWeights() {
  if (!keeps_best_) return;
  best_weights_ = std::make_shared<const SavedState>(CopyToCpu(WeightViews()));
}

BestWeights TrainingState::best_weights() const {
  if (best_weights_ == nullptr) return {};
  return {.step = best_->step, .tensors = best_weights_};
}

absl::Status TrainingState::TakeOnBestWeights(Collective& collective) {
  constexpr char kWhat[] = "best weights";
  if (collective.rank() == 0) {
    if (best_weights_ == nullptr) {
      return absl::InternalError("rank 0 keeps no best weights");
    }
    CopyAll(*best_weights_, WeightViews());
  }
  TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, optimizer_.values()));
  for (const auto& [name, tensor] : buffers_) {
    TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, tensor));
  }
  return absl::OkStatus();
}

void TrainingState::AddSlots(absl::string_view kind, const at::Tensor& flat,
                             TensorMap* views) const {
  const std::vector<at::Tensor> slots = optimizer_.layout().Views(flat);
  size_t i = 0;
  for (const auto& [name, tensor] : trained_) {
    views->emplace(absl::StrCat(kind, "/", name), slots[i++]);
  }
}

TensorMap TrainingState::WeightViews() const {
  TensorMap views;
  AddSlots("value", optimizer_.values(), &views);
  for (const auto& [name, tensor] : buffers_) {
    views.emplace(absl::StrCat("buffer/", name), tensor);
  }
  return views;
}

TensorMap TrainingState::Views() const {
  TensorMap views = WeightViews();
  AddSlots("first_moment",
           is_divided() ? first_moment_ : optimizer_.first_moment(), &views);
  AddSlots("second_moment",
           is_divided() ? second_moment_ : optimizer_.second_moment(), &views);
  views.emplace("optimizer_steps", optimizer_.steps());
  views.emplace("steps", at::full({}, steps_, at::kLong));
  views.emplace(
      "log",
      torch::tensor({static_cast<double>(sums_.steps), sums_.loss,
                     static_cast<double>(sums_.taken), sums_.gradient_norm},
                    at::kDouble));
  if (scale_.has_value()) {
    const LossScale::State& state = scale_->state();
    views.emplace(
        "loss_scale",
        torch::tensor({state.scale, static_cast<double>(state.patience),
                       static_cast<double>(state.good_steps)},
                      at::kDouble));
  }
  if (best_.has_value()) views.emplace(kBest, ToTensor(*best_));
  return views;
}

absl::Status TrainingState::Gather(Collective& collective) {
  if (!is_divided()) return absl::OkStatus();
  return optimizer_.GatherMoments(collective, &first_moment_, &second_moment_);
}

SavedState TrainingState::Save() const { return CopyToCpu(Views()); }

int64_t TrainingState::BestStepOf(const SavedState& saved) const {
  const auto best = saved.find(kBest);
  if (!keeps_best_ || best == saved.end() ||
      Kind(best->second) != Kind(ToTensor({}))) {
    return 0;
  }
  return FromTensor(best->second).step;
}

absl::Status TrainingState::Load(
    const SavedState& saved, std::shared_ptr<const SavedState> best_weights) {
  if (is_divided()) {
    first_moment_ = at::zeros_like(optimizer_.values());
    second_moment_ = at::zeros_like(optimizer_.values());
  }
  const TensorMap views = Views();
  std::vector<std::string> problems;
  Compare(views, saved, "", &problems);
  if (BestStepOf(saved) > 0) {
    Compare(WeightViews(),
            best_weights == nullptr ? SavedState() : *best_weights, "best ",
            &problems);
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
  }
  CopyAll(saved, views);
  if (is_divided()) optimizer_.SetMoments(first_moment_, second_moment_);
  steps_ = saved.at("steps").item<int64_t>();
  const at::Tensor sums = saved.at("log");
  sums_ = {.steps = static_cast<int64_t>(sums[0].item<double>()),
           .loss = sums[1].item<double>(),
           .taken = static_cast<int64_t>(sums[2].item<double>()),
           .gradient_norm = sums[3].item<double>()};
  if (scale_.has_value()) {
    const at::Tensor state = saved.at("loss_scale");
    scale_->set_state({.scale = state[0].item<double>(),
                       .patience = state[1].item<int64_t>(),
                       .good_steps = state[2].item<int64_t>()});
  }
  if (best_.has_value()) best_ = FromTensor(saved.at(kBest));
  best_weights_ = BestStepOf(saved) > 0 ? std::move(best_weights) : nullptr;
  return absl::OkStatus();
}

absl::Status TrainingState::ShareRank0(Collective& collective) {
  constexpr char kWhat[] = "state of the training";
  TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, optimizer_.values()));
  for (const auto& [name, tensor] : buffers_) {
    TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, tensor));
  }
  LossScale::State scale;
  if (scale_.has_value()) scale = scale_->state();
  at::Tensor rest = torch::tensor(
      {static_cast<double>(steps_), scale.scale,
       static_cast<double>(scale.patience),
       static_cast<double>(scale.good_steps), static_cast<double>(sums_.steps),
       sums_.loss, static_cast<double>(sums_.taken), sums_.gradient_norm},
      at::kDouble);
  TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, rest));
  steps_ = rest[0].item<int64_t>();
  sums_ = {.steps = static_cast<int64_t>(rest[4].item<double>()),
           .loss = rest[5].item<double>(),
           .taken = static_cast<int64_t>(rest[6].item<double>()),
           .gradient_norm = rest[7].item<double>()};
  if (scale_.has_value()) {
    scale_->set_state({.scale = rest[1].item<double>(),
                       .patience = rest[2].item<int64_t>(),
                       .good_steps = rest[3].item<int64_t>()});
  }
  if (best_.has_value()) {
    at::Tensor best = ToTensor(*best_);
    TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, best));
    best_ = FromTensor(best);
  }
  // Before the first step there are none.
  if (steps_ == 0) return absl::OkStatus();
  TRANSECT_RETURN_IF_ERROR(
      optimizer_.ShareMoments(collective, first_moment_, second_moment_));
  first_moment_ = second_moment_ = at::Tensor();
  return absl::OkStatus();
}

std::string DigestOf(const SavedState& state) {
  std::string joined;
  for (const auto& [name, tensor] : state) {
    absl::StrAppend(&joined, name, "=", Kind(tensor), ":",
                    Sha256(Bytes(tensor)), "\n");
  }
  return Sha256(joined);
}

std::string DifferenceBetween(const SavedState& a, const SavedState& b) {
  for (const auto& [name, tensor] : a) {
    const auto other = b.find(name);
    if (other == b.end()) return absl::StrCat(name, " is in one only");
    if (Kind(tensor) != Kind(other->second)) {
      return absl::StrCat(name, " is ", Kind(tensor), " and ",
                          Kind(other->second));
    }
    if (Bytes(tensor) != Bytes(other->second)) {
      return absl::StrCat(
          name, " differs by up to ",
          (tensor.to(at::kDouble) - other->second.to(at::kDouble))
              .abs()
              .max()
              .item<double>());
    }
  }
  for (const auto& [name, tensor] : b) {
    if (!a.contains(name)) return absl::StrCat(name, " is in one only");
  }
  return "";
}

}  // namespace transect
