#include "model/networks/sam_oracle_box/sam_oracle_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "model/build_model.h"
#include "model/loss.h"
#include "tests/model/testing/expect_table.h"
#include "tests/model/testing/tensor_near.h"
#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

ModelSpec Spec(const std::string& more = "") {
  return ResolvedSpec("sam_oracle_box { sam { variant: TINY } " + more + " }");
}

std::shared_ptr<OracleModel> Build(const std::string& more = "") {
  at::set_num_threads(1);
  auto model = BuildModel(Spec(more), /*seed=*/1);
  EXPECT_THAT(model, IsOk());
  auto oracle = std::dynamic_pointer_cast<OracleModel>(*model);
  EXPECT_NE(oracle, nullptr);
  return oracle;
}

// Corners of the squares of a tiny batch.
GroundTruth Truth(const at::Tensor& mask) {
  at::Tensor boxes = torch::empty({mask.size(0), 4});
  for (int64_t i = 0; i < mask.size(0); ++i) {
    const at::Tensor inside = mask[i][0].nonzero();  // rows, then columns
    const at::Tensor low = std::get<0>(inside.min(0));
    const at::Tensor high = std::get<0>(inside.max(0));
    boxes[i] = torch::stack({low[1], low[0], high[1], high[0]});
  }
  return {boxes};
}

TEST(SamOracleBox, HasTheTensorsOfTheTable) {
  for (const char* more : {"", "tuning: ALL"}) {
    SCOPED_TRACE(more);
    ASSERT_OK_AND_ASSIGN(const auto model,
                         SamOracleBox::Compose(Spec(more).sam_oracle_box(),
                                               /*seed=*/1, BuildOptions()));
    ExpectTable(*model, Spec(more));
  }
}

TEST(SamOracleBox, TrainsNothingUnlessItMakesWeights) {
  for (const at::Tensor& parameter : Build()->parameters()) {
    EXPECT_FALSE(parameter.requires_grad());
  }
  for (const at::Tensor& parameter : Build("tuning: ALL")->parameters()) {
    EXPECT_TRUE(parameter.requires_grad());
  }
}

TEST(SamOracleBox, AnswersOnlyWhereTheTruthIsGiven) {
  const auto model = Build();
  const TinyBatch batch = MakeTinyBatch(2);
  EXPECT_THROW(model->Forward(batch.input), c10::ValueError);
  EXPECT_THROW(model->ForwardWithTruth(batch.input, {}), c10::ValueError);
  EXPECT_THROW(model->ForwardWithTruth(batch.input, {torch::zeros({3, 4})}),
               c10::ValueError);
}

TEST(SamOracleBox, SeesBoxesAndNoSentence) {
  const torch::NoGradGuard no_grad;
  const auto model = Build();
  model->eval();
  TinyBatch batch = MakeTinyBatch(2);
  const GroundTruth truth = Truth(batch.mask);
  const ModelOutput output = model->ForwardWithTruth(batch.input, truth);
  EXPECT_EQ(output.mask_logits.sizes(), at::IntArrayRef({2, 1, 32, 32}));
  EXPECT_FALSE(output.activation_logits.defined());

  batch.input.token_ids.fill_(5);
  EXPECT_TRUE(model->ForwardWithTruth(batch.input, truth)
                  .mask_logits.equal(output.mask_logits));
  GroundTruth moved = {truth.boxes.clone()};
  moved.boxes[0][2] += 3;
  const at::Tensor after =
      model->ForwardWithTruth(batch.input, moved).mask_logits;
  EXPECT_FALSE(after[0].equal(output.mask_logits[0]));
  EXPECT_TRUE(after[1].equal(output.mask_logits[1]));
}

TEST(SamOracleBox, SaysNearlyTheSameInHalfPrecision) {
  const torch::NoGradGuard no_grad;
  BuildOptions options;
  options.compute = at::kBFloat16;
  const auto full = Build();
  ASSERT_OK_AND_ASSIGN(const auto half, BuildModel(Spec(), 1, options));
  full->eval();
  half->eval();
  const TinyBatch batch = MakeTinyBatch(2);
  const GroundTruth truth = Truth(batch.mask);
  const at::Tensor logits = dynamic_cast<OracleModel&>(*half)
                                .ForwardWithTruth(batch.input, truth)
                                .mask_logits;
  EXPECT_EQ(logits.scalar_type(), at::kFloat);
  const at::Tensor expected =
      full->ForwardWithTruth(batch.input, truth).mask_logits;
  EXPECT_LT(((logits - expected).norm() / expected.norm()).item<double>(),
            0.05);
}

TEST(SamOracleBox, OverfitsOneBatch) {
  const auto model = Build("tuning: ALL");
  const TinyBatch batch = MakeTinyBatch(4);
  const GroundTruth truth = Truth(batch.mask);
  torch::optim::AdamW optimizer(model->parameters(),
                                torch::optim::AdamWOptions(2e-3));
  double last = 1;
  for (int64_t step = 0; step < 60; ++step) {
    optimizer.zero_grad();
    const at::Tensor loss =
        SegmentationLoss(model->ForwardWithTruth(batch.input, truth),
                         batch.mask, {.bce_weight = 1});
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
  }
  EXPECT_LT(last, 0.1);
}

}  // namespace
}  // namespace transect
