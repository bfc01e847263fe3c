#include "launch/worker/split_notes.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/exit_codes.h"
#include "launch/training/rank_log.h"
#include "metrics/log_reader.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SplitNotesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = NewDatasetDir();
    WriteSmallDataset(
        root_, {{.id = 1},
                {.id = 2, .sentence = "The small dam above the large dam"},
                {.id = 3, .with_image = false},
                {.id = 4, .image_height = 48, .image_width = 64}});
    plan_.set_attempt_dir(absl::StrCat(root_, "/attempt"));
    ASSERT_THAT(MakeDirs(plan_.attempt_dir()), IsOk());
    ASSERT_OK_AND_ASSIGN(
        tokenizer_, Tokenizer::Load("tests/data/text/testdata/spiece.model"));
    ASSERT_OK_AND_ASSIGN(log_, RankLog::Open(plan_, 0));
  }

  DatasetIndex Open(DefectPolicy::Action mismatch) {
    FoundDataset spec;
    spec.mutable_policy()->set_image_missing(DefectPolicy::DROP);
    spec.mutable_policy()->set_size_mismatch(mismatch);
    absl::StatusOr<DatasetIndex> data =
        DatasetIndex::OpenFound(root_, spec, "train", "");
    EXPECT_THAT(data, IsOk());
    return data.ok() ? *std::move(data) : DatasetIndex();
  }

  // Events of the log.
  std::vector<std::string> Events() {
    EXPECT_THAT(log_->Close(), IsOk());
    const absl::StatusOr<MetricLog> read =
        ReadMetricLog(RankMetricsPath(plan_.attempt_dir(), 0));
    EXPECT_THAT(read, IsOk());
    std::vector<std::string> events;
    if (read.ok()) {
      for (const MetricRecord& record : read->records) {
        if (record.has_event()) events.push_back(record.event().text());
      }
    }
    return events;
  }

  std::string root_;
  LaunchPlan plan_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::unique_ptr<RankLog> log_;
};

TEST_F(SplitNotesTest, WhatIsLeftOutRepairedAndCutStandsInTheLog) {
  const DatasetIndex data = Open(DefectPolicy::REPAIR);
  TokenizerSpec spec;
  // "The dam" fits, the longer sentence does not.
  ASSERT_OK_AND_ASSIGN(const auto ids, tokenizer_->Encode("The dam", 64));
  spec.set_max_tokens(static_cast<int>(ids.size()));
  spec.set_over_limit(TokenizerSpec::TRUNCATE);
  ASSERT_OK_AND_ASSIGN(const SplitNotes notes,
                       NoteSplit(data, "train", *tokenizer_, spec));
  EXPECT_EQ(notes.truncated_sentences, 1);
  EXPECT_THAT(
      notes.texts,
      ElementsAre(
          "data, split train: 3 of 4 records; dropped: image_missing "
          "1; repaired: size_mismatch 1",
          absl::StrCat("1 of 3 sentences of split train have more than ",
                       ids.size(), " tokens and are cut")));
  ASSERT_THAT(LogNotes(notes, log_.get()), IsOk());
  EXPECT_EQ(Events(), notes.texts);
}

TEST_F(SplitNotesTest, ALongSentenceIsAnErrorWhereTheSpecSaysSo) {
  const DatasetIndex data = Open(DefectPolicy::KEEP);
  TokenizerSpec spec;
  spec.set_max_tokens(3);
  spec.set_over_limit(TokenizerSpec::ERROR);
  const auto notes = NoteSplit(data, "train", *tokenizer_, spec);
  EXPECT_EQ(ExitCodeOf(notes.status()), ExitCode::DATA);
  EXPECT_THAT(std::string(notes.status().message()),
              HasSubstr("of split train: sentence \"The"));
}

TEST_F(SplitNotesTest, NothingIsSaidOfWhatIsUsedAsItIs) {
  WriteSmallDataset(root_, {{.id = 1}, {.id = 2}});
  const DatasetIndex data = Open(DefectPolicy::ERROR);
  ASSERT_OK_AND_ASSIGN(const SplitNotes notes,
                       NoteSplit(data, "train", *tokenizer_, TokenizerSpec()));
  EXPECT_THAT(notes.texts, IsEmpty());
  EXPECT_EQ(notes.truncated_sentences, 0);
  EXPECT_THAT(Events(), IsEmpty());
}

}  // namespace
}  // namespace transect
