#include "model/base/tensors.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace transect {

int64_t NumElements(const TensorInfo& tensor) {
  int64_t n = 1;
  for (int64_t size : tensor.shape) n *= size;
  return n;
}

int64_t LayerIndex(absl::string_view module) {
  absl::ConsumePrefix(&module, "encoder.");
  if (!absl::ConsumePrefix(&module, "layers.")) return -1;
  int64_t index = -1;
  return absl::SimpleAtoi(module.substr(0, module.find('.')), &index) ? index
                                                                      : -1;
}

void TensorBuilder::Add(std::string name, std::vector<int64_t> shape) {
  TensorInfo tensor;
  tensor.name = std::move(name);
  tensor.shape = std::move(shape);
  tensor.trainable = trainable_ && used_;
  tensor.used = used_;
  tensor.dead = dead_ && used_;
  tensors_.push_back(std::move(tensor));
}

void TensorBuilder::AddBuffer(std::string name, std::vector<int64_t> shape) {
  Add(std::move(name), std::move(shape));
  tensors_.back().buffer = true;
  tensors_.back().trainable = false;
}

void TensorBuilder::AddStatistics(const std::string& norm, int64_t channels) {
  const size_t first = tensors_.size();
  AddBuffer(norm + ".running_mean", {channels});
  AddBuffer(norm + ".running_var", {channels});
  AddBuffer(norm + ".num_batches_tracked", {});
  for (size_t i = first; i < tensors_.size(); ++i) tensors_[i].statistic = true;
}

void TensorBuilder::Linear(const std::string& module, int64_t in, int64_t out) {
  Add(module + ".weight", {out, in});
  Add(module + ".bias", {out});
  if (used_) adaptable_.push_back({module, in, out, 0, dead_});
}

void TensorBuilder::Conv(const std::string& module, int64_t in, int64_t out,
                         int64_t kernel, bool bias) {
  Add(module + ".weight", {out, in, kernel, kernel});
  if (bias) Add(module + ".bias", {out});
  adaptable_.push_back({module, in, out, kernel, dead_});
}

void TensorBuilder::Norm(const std::string& module, int64_t channels) {
  Add(module + ".weight", {channels});
  Add(module + ".bias", {channels});
}

void TensorBuilder::Adapter(const AdaptableLayer& layer, int64_t rank) {
  const size_t first = tensors_.size();
  const int64_t k = layer.kernel;
  if (k == 0) {
    Add(layer.module + ".lora_A.weight", {rank, layer.in});
    Add(layer.module + ".lora_B.weight", {layer.out, rank});
  } else {
    Add(layer.module + ".lora_A.weight", {rank, layer.in, k, k});
    Add(layer.module + ".lora_B.weight", {layer.out, rank, 1, 1});
  }
  for (size_t i = first; i < tensors_.size(); ++i) {
    tensors_[i].adapter = true;
    tensors_[i].trainable = true;
    tensors_[i].dead = layer.dead;
  }
}

std::vector<TensorInfo> TensorBuilder::TakeTensors() {
  return std::move(tensors_);
}

}  // namespace transect
