#include "launch/worker/split_notes.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "data/synthetic/blind_bounds.h"
#include "data/synthetic/synthesis.h"
#include "data/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/rank_log.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
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

TEST_F(SplitNotesTest, BlindBoundsCountWhereTheyAreOfTheItems) {
  SynthesisSpec recipe;
  recipe.set_seed(3);
  recipe.set_image_size(64);
  recipe.set_train_images(5);
  recipe.set_val_images(4);
  DataSpec spec;
  *spec.mutable_synthesis() = recipe;
  ResolveDataSpec(&spec);
  const std::string root = NewDatasetDir();
  ASSERT_OK_AND_ASSIGN(const std::vector<BlindBound> bounds,
                       WriteSyntheticDataset(spec.synthesis(), root, nullptr));
  ASSERT_OK_AND_ASSIGN(const DatasetIndex data,
                       DatasetIndex::OpenRrsisd(root, "val"));
  const auto note = [&] {
    SplitNotes notes;
    AddBlindBound(root, data, &notes);
    return notes;
  };
  EXPECT_EQ(note().frequent_place, bounds[1].frequent_place);
  EXPECT_THAT(note().texts, IsEmpty());

  // A record of other images says so: of another number, or other objects.
  const std::string path = absl::StrCat(root, "/", kBlindBoundsFile);
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(path));
  const std::pair<const char*, std::string> others[] = {
      {"\"images\": 4", "\"images\": 3"},
      {"\"giou_all_objects\": 0.", "\"giou_all_objects\": 0.0"},
      {"\"val\"", "\"test\""}};
  for (const auto& [from, to] : others) {
    const std::string changed = absl::StrReplaceAll(text, {{from, to}});
    ASSERT_NE(changed, text) << text;
    ASSERT_THAT(WriteFile(path, changed), IsOk());
    EXPECT_EQ(note().frequent_place, std::nullopt);
    EXPECT_THAT(note().texts,
                ElementsAre(HasSubstr("is not of the 4 items of split val")));
  }
  ASSERT_THAT(WriteFile(path, "{"), IsOk());
  EXPECT_EQ(note().frequent_place, std::nullopt);
  EXPECT_THAT(note().texts, ElementsAre(HasSubstr("is not what")));
  std::filesystem::remove(path);
  EXPECT_EQ(note().frequent_place, std::nullopt);
  EXPECT_THAT(note().texts, IsEmpty());
}

}  // namespace
}  // namespace transect
