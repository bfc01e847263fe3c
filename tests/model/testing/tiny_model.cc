#include "tests/model/testing/tiny_model.h"

#include <torch/torch.h>

#include <vector>

#include "data/random/philox.h"
#include "model/loss.h"

namespace transect {
namespace {

constexpr int64_t kSide = 64;
constexpr int64_t kSquare = 24;
constexpr int64_t kMaxTokens = 8;
constexpr int64_t kPad = 1;

}  // namespace

TinyBatch MakeTinyBatch(int64_t batch) {
  Philox random(1, "tiny batch");
  TinyBatch made;
  ModelInput& input = made.input;
  input.image = torch::empty({batch, 3, kSide, kSide});
  float* pixels = input.image.data_ptr<float>();
  for (int64_t i = 0; i < input.image.numel(); ++i) {
    pixels[i] = static_cast<float>(random.NextUniform());
  }
  input.token_ids = torch::full({batch, kMaxTokens}, kPad, torch::kLong);
  input.token_counts = torch::empty({batch}, torch::kLong);
  made.mask = torch::zeros({batch, 1, kSide, kSide});
  for (int64_t i = 0; i < batch; ++i) {
    const int64_t count = 3 + i % 4;
    input.token_counts[i] = count;
    for (int64_t t = 0; t + 1 < count; ++t) {
      input.token_ids[i][t] = static_cast<int64_t>(2 + random.NextBelow(250));
    }
    input.sample_ids.push_back(100 + i);
    const auto place = [&random] {
      return static_cast<int64_t>(random.NextBelow(kSide - kSquare));
    };
    const int64_t top = place(), left = place();
    const auto square = [top, left](const at::Tensor& map) {
      return map.slice(1, top, top + kSquare).slice(2, left, left + kSquare);
    };
    square(input.image[i]).mul_(0.3);
    square(made.mask[i]).fill_(1);
  }
  return made;
}

ModelInput Select(const ModelInput& input, const std::vector<int64_t>& places) {
  const at::Tensor index = torch::tensor(places);
  ModelInput selected;
  selected.image = input.image.index_select(0, index);
  selected.token_ids = input.token_ids.index_select(0, index);
  selected.token_counts = input.token_counts.index_select(0, index);
  for (const int64_t place : places) {
    selected.sample_ids.push_back(input.sample_ids[static_cast<size_t>(place)]);
  }
  selected.step = input.step;
  return selected;
}

LossesOfOneBatch OverfitOneBatch(SegmentationModel& model, TinyBatch batch,
                                 double learning_rate, int64_t steps) {
  std::vector<at::Tensor> trained;
  for (const at::Tensor& parameter : model.parameters()) {
    if (parameter.requires_grad()) trained.push_back(parameter);
  }
  torch::optim::AdamW optimizer(trained,
                                torch::optim::AdamWOptions(learning_rate));
  LossesOfOneBatch losses;
  for (int64_t step = 0; step < steps; ++step) {
    batch.input.step = step;
    optimizer.zero_grad();
    const at::Tensor loss = SegmentationLoss(model.Forward(batch.input),
                                             batch.mask, {.bce_weight = 1});
    loss.backward();
    optimizer.step();
    losses.last = loss.item<double>();
    if (step == 0) losses.first = losses.last;
  }
  return losses;
}

}  // namespace transect
