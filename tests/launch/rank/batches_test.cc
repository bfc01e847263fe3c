#include "launch/rank/batches.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/batch/batch.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/loader/loader.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/train_task.h"
#include "launch/store/result.pb.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BatchesTest : public ::testing::Test {
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
  }

  // One batch of the two samples.
  absl::StatusOr<Batch> Next() {
    const auto both = [this](int64_t) {
      return std::vector<const Sample*>{&samples_[0], &samples_[1]};
    };
    absl::StatusOr<std::unique_ptr<Loader>> loader =
        StartLoader(task_, both, 0, 1);
    EXPECT_THAT(loader, IsOk());
    return NextBatch(task_, loader->get());
  }

  RunSpec run_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<Sample> samples_;
  TrainTask task_;
};

TEST_F(BatchesTest, HoldWhatTheNetworkTakes) {
  ASSERT_OK_AND_ASSIGN(const Batch batch, Next());
  const int64_t side = run_.model().rsrefseg().sam().image_size();
  const int64_t siglip = run_.model().rsrefseg().siglip().image_size();
  EXPECT_EQ(batch.pixels.sizes(), at::IntArrayRef({2, 3, side, side}));
  EXPECT_EQ(batch.siglip_pixels.sizes(),
            at::IntArrayRef({2, 3, siglip, siglip}));
  EXPECT_THAT(batch.sample_ids, ElementsAre(samples_[0].id, samples_[1].id));
}

TEST_F(BatchesTest, WhatCannotBeReadOrSaidIsData) {
  run_.mutable_tokenizer()->set_max_tokens(2);
  absl::Status status = Next().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  samples_[1].image_path = "/no/such.jpg";
  status = Next().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such.jpg"));
}

TEST_F(BatchesTest, MemoryThatIsNotThereIsMemory) {
  run_.mutable_data()->clear_siglip_resize();
  run_.mutable_model()->mutable_rsrefseg()->mutable_sam()->set_image_size(
      1 << 20);
  const absl::Status status = Next().status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::MEMORY) << status;
}

TEST(InputFormatOf, SiglipHasAnImageOfItsOwnWhereTheSpecSaysSo) {
  RunSpec run;
  run.mutable_model()->mutable_rsrefseg()->mutable_sam()->set_image_size(64);
  run.mutable_model()->mutable_rsrefseg()->mutable_siglip()->set_image_size(48);
  EXPECT_EQ(InputFormatOf(run).image_size, 64);
  EXPECT_EQ(InputFormatOf(run).siglip_image_size, 0);
  run.mutable_data()->set_siglip_resize(DataSpec::BICUBIC_FROM_ORIGINAL);
  EXPECT_EQ(InputFormatOf(run).image_size, 64);
  EXPECT_EQ(InputFormatOf(run).siglip_image_size, 48);
}

}  // namespace
}  // namespace transect
