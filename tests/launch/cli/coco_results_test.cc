#include "launch/cli/coco_results.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

class CocoResultsTest : public ::testing::Test {
 protected:
  CocoResultsTest() {
    run_.id = "0123";
    run_.dir = NewDir();
    AddEvaluation("val");
  }

  void AddEvaluation(const std::string& split) {
    FoundEvaluation evaluation;
    evaluation.split = split;
    evaluation.dir = EvaluationDir(run_.dir, split, "0123456789ab");
    evaluation.result.set_attempt(3);
    evaluation.result.set_ranks(2);
    EXPECT_THAT(MakeDirs(AttemptDir(evaluation.dir, 3)), IsOk());
    run_.evaluations.push_back(evaluation);
  }

  std::string Path(int rank, const std::string& split = "val") {
    const std::string dir = EvaluationDir(run_.dir, split, "0123456789ab");
    return RankMasksPath(AttemptDir(dir, 3), rank);
  }

  // A log with a header and the masks of these ids.
  void PutMasks(int rank, const std::vector<int64_t>& ids,
                const std::string& split = "val") {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<MetricLogWriter> writer,
                         MetricLogWriter::Create(Path(rank, split)));
    MetricRecord record;
    record.mutable_header()->set_id("0123");
    ASSERT_THAT(writer->Append(record), IsOk());
    for (const int64_t id : ids) {
      PredictedMask& mask = *record.mutable_predicted_mask();
      mask.set_split(split);
      mask.set_item_id(id);
      mask.set_category_id(id == 7 ? -1 : 8);
      mask.set_height(3);
      mask.set_width(4);
      mask.set_counts("52\\5");
      ASSERT_THAT(writer->Append(record), IsOk());
    }
    ASSERT_THAT(writer->Close(), IsOk());
  }

  FoundRun run_;
};

TEST_F(CocoResultsTest, AllRanksById) {
  PutMasks(0, {9, 2});
  PutMasks(1, {7});
  EXPECT_THAT(
      CocoResults(run_, ""),
      IsOkAndHolds(
          "[\n"
          R"({"image_id":2,"category_id":8,"segmentation":{"size":[3,4],)"
          R"("counts":"52\\5"},"score":1},)"
          "\n"
          R"({"image_id":7,"segmentation":{"size":[3,4],"counts":"52\\5"},)"
          R"("score":1},)"
          "\n"
          R"({"image_id":9,"category_id":8,"segmentation":{"size":[3,4],)"
          R"("counts":"52\\5"},"score":1})"
          "\n]\n"));
}

TEST_F(CocoResultsTest, SplitsAreNotMixed) {
  AddEvaluation("test");
  PutMasks(0, {1}, "val");
  PutMasks(1, {2}, "test");
  EXPECT_THAT(CocoResults(run_, ""),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("evaluated the splits test, val")));
  ASSERT_OK_AND_ASSIGN(const std::string test, CocoResults(run_, "test"));
  EXPECT_THAT(test, HasSubstr("\"image_id\":2"));
  EXPECT_THAT(test, testing::Not(HasSubstr("\"image_id\":1")));
  EXPECT_THAT(CocoResults(run_, "train"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no predicted masks of split train")));
}

// Masks of 480 x 480 pixels fit no image.
TEST_F(CocoResultsTest, MasksAtAnotherResolutionAreLeftOut) {
  PutMasks(0, {1});
  run_.evaluations[0].result.set_resolution(480);
  EXPECT_THAT(CocoResults(run_, "val"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("only at 480 x 480 pixels; `transect "
                                 "evaluate --resolution 0` makes them")));
  AddEvaluation("val");
  ASSERT_OK_AND_ASSIGN(const std::string results, CocoResults(run_, "val"));
  EXPECT_THAT(results, HasSubstr("\"image_id\":1"));
}

TEST_F(CocoResultsTest, NoMasksAndDamagedLogsAreErrors) {
  EXPECT_THAT(CocoResults(run_, ""),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("run 0123 recorded no predicted masks")));
  Put(Path(0), "garbage that is long enough to be no torn header at all");
  EXPECT_THAT(CocoResults(run_, ""),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(Path(0))));
}

}  // namespace
}  // namespace transect
