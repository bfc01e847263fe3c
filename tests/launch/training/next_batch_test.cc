#include "launch/training/next_batch.h"

#include <ATen/Functions.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/batch/batch.h"
#include "data/index/dataset_index.h"
#include "data/loader/loader.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/training/exit_codes.h"
#include "launch/training/train_plan.h"
#include "launch/training/train_task.h"
#include "model/base/segmentation_model.h"
#include "tests/launch/worker/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NextBatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    run_ = SmallRun();
    run_.mutable_data()->set_siglip_resize(DataSpec::BICUBIC_FROM_ORIGINAL);
    ASSERT_OK_AND_ASSIGN(tokenizer_,
                         Tokenizer::Load(GetSmallFiles().tokenizer_path));
    absl::StatusOr<DatasetIndex> data =
        DatasetIndex::OpenRrsisd(GetSmallFiles().data_root, "val");
    ASSERT_THAT(data, IsOk());
    samples_ = {data->samples()[0], data->samples()[1]};
    task_.run = &run_;
    task_.tokenizer = tokenizer_.get();
    task_.input = InputFormatOf(run_);
  }

  // One batch of the two samples.
  absl::StatusOr<Batch> Next() {
    const auto both = [this](int64_t) {
      return std::vector<const Sample*>{&samples_[0], &samples_[1]};
    };
    absl::StatusOr<std::unique_ptr<Loader>> loader =
        Loader::Start(both, 0, 1, task_.input, task_.loader);
    EXPECT_THAT(loader, IsOk());
    return NextBatch(task_, loader->get());
  }

  RunSpec run_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<Sample> samples_;
  TrainTask task_;
};

TEST_F(NextBatchTest, TheNetworkGetsWhatModelInputSays) {
  ASSERT_OK_AND_ASSIGN(const Batch batch, Next());
  const ModelInput input =
      MakeModelInput(batch, c10::Device(c10::DeviceType::CPU), 17);
  const int64_t side = run_.model().rsrefseg().sam().image_size();
  const int64_t siglip = run_.model().rsrefseg().siglip().image_size();
  EXPECT_EQ(input.image.sizes(), at::IntArrayRef({2, 3, side, side}));
  EXPECT_EQ(input.image.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(input.image, PixelsToFloat(batch.pixels)));
  EXPECT_EQ(input.siglip_image.sizes(),
            at::IntArrayRef({2, 3, siglip, siglip}));
  EXPECT_TRUE(
      at::equal(input.siglip_image, PixelsToFloat(batch.siglip_pixels)));
  EXPECT_THAT(input.sample_ids, ElementsAre(samples_[0].id, samples_[1].id));
  EXPECT_TRUE(at::equal(input.token_ids, batch.token_ids));
  EXPECT_TRUE(at::equal(input.token_counts, batch.token_counts));
  EXPECT_EQ(input.step, 17);
}

TEST_F(NextBatchTest, WhatCannotBeReadOrSaidIsData) {
  run_.mutable_tokenizer()->set_max_tokens(2);
  absl::Status status = Next().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  samples_[1].image_path = "/no/such.jpg";
  status = Next().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such.jpg"));
}

TEST_F(NextBatchTest, MemoryThatIsNotThereIsMemory) {
  task_.input = {1 << 20, 0};
  const absl::Status status = Next().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::MEMORY) << status;
}

}  // namespace
}  // namespace transect
