#include "launch/training/training_state.h"

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
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

absl::string_view Bytes(const at::Tensor& tensor) {
  return absl::string_view(static_cast<const char*>(tensor.data_ptr()),
                           tensor.nbytes());
}

}  // namespace

TrainingState::TrainingState(SegmentationModel* model, const TrainingSpec& spec)
    : trained_(TrainedTensors(*model)),
      optimizer_(Values(trained_), spec.optimizer()) {
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

TensorMap TrainingState::Views() const {
  TensorMap views;
  const auto add = [&](absl::string_view kind, const at::Tensor& flat) {
    const std::vector<at::Tensor> slots = optimizer_.Slots(flat);
    size_t i = 0;
    for (const auto& [name, tensor] : trained_) {
      views.emplace(absl::StrCat(kind, "/", name), slots[i++]);
    }
  };
  add("value", optimizer_.values());
  add("first_moment", optimizer_.first_moment());
  add("second_moment", optimizer_.second_moment());
  for (const auto& [name, tensor] : buffers_) {
    views.emplace(absl::StrCat("buffer/", name), tensor);
  }
  views.emplace("optimizer_steps", optimizer_.steps());
  views.emplace("steps", at::full({}, steps_, at::kLong));
  if (scale_.has_value()) {
    const LossScale::State& state = scale_->state();
    views.emplace(
        "loss_scale",
        torch::tensor({state.scale, static_cast<double>(state.patience),
                       static_cast<double>(state.good_steps)},
                      at::kDouble));
  }
  return views;
}

SavedState TrainingState::Save() const {
  SavedState saved;
  for (const auto& [name, tensor] : Views()) {
    saved.emplace(name, tensor.detach()
                            .to(at::kCPU, tensor.scalar_type(),
                                /*non_blocking=*/false, /*copy=*/true)
                            .contiguous());
  }
  return saved;
}

absl::Status TrainingState::Load(const SavedState& saved) {
  const TensorMap views = Views();
  std::vector<std::string> problems;
  for (const auto& [name, tensor] : views) {
    const auto found = saved.find(name);
    if (found == saved.end()) {
      problems.push_back(absl::StrCat(name, " is missing"));
    } else if (Kind(found->second) != Kind(tensor)) {
      problems.push_back(absl::StrCat(name, " is ", Kind(found->second),
                                      ", not ", Kind(tensor)));
    }
  }
  for (const auto& [name, tensor] : saved) {
    if (!views.contains(name)) {
      problems.push_back(absl::StrCat(name, " is not of this run"));
    }
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(problems, "; "));
  }
  CopyAll(saved, views);
  steps_ = saved.at("steps").item<int64_t>();
  if (scale_.has_value()) {
    const at::Tensor state = saved.at("loss_scale");
    scale_->set_state({.scale = state[0].item<double>(),
                       .patience = state[1].item<int64_t>(),
                       .good_steps = state[2].item<int64_t>()});
  }
  return absl::OkStatus();
}

absl::Status TrainingState::ShareRank0(Collective& collective) {
  constexpr char kWhat[] = "state of the training";
  for (const at::Tensor& flat :
       {optimizer_.values(), optimizer_.first_moment(),
        optimizer_.second_moment(), optimizer_.steps()}) {
    TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, flat));
  }
  for (const auto& [name, tensor] : buffers_) {
    TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, tensor));
  }
  LossScale::State scale;
  if (scale_.has_value()) scale = scale_->state();
  at::Tensor rest = torch::tensor({static_cast<double>(steps_), scale.scale,
                                   static_cast<double>(scale.patience),
                                   static_cast<double>(scale.good_steps)},
                                  at::kDouble);
  TRANSECT_RETURN_IF_ERROR(collective.Broadcast(kWhat, 0, rest));
  steps_ = rest[0].item<int64_t>();
  if (scale_.has_value()) {
    scale_->set_state({.scale = rest[1].item<double>(),
                       .patience = rest[2].item<int64_t>(),
                       .good_steps = rest[3].item<int64_t>()});
  }
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
