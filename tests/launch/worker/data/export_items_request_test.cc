#include "launch/worker/data/export_items_request.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "nlohmann/json.hpp"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// Items 1 and 2 of split val, whose masks have 30 pixels; the second has a
// control.
class ExportItemsTest : public ::testing::Test {
 protected:
  ExportItemsTest()
      : root_(NewDatasetDir()), dir_(absl::StrCat(root_, "_evaluation")) {
    WriteSmallDataset(
        root_, {{.id = 1, .split = "val", .sentence = "The dam, \"old\" one"},
                {.id = 2, .split = "val"}});
    request_.mutable_job()->set_data_root(root_);
    // Such data is not cached for the user.
    request_.mutable_job()->mutable_run()->mutable_data()->mutable_synthesis();
    request_.set_split("val");
    request_.set_evaluation_dir(dir_);
    Put(2);
  }

  // An evaluation of the items up to `last`.
  void Put(int last) {
    const std::string attempt = AttemptDir(dir_, last);
    ASSERT_THAT(MakeDirs(attempt), IsOk());
    ASSERT_THAT(WriteFile(ResultPath(dir_),
                          absl::StrCat("attempt: ", last, " ranks: 1")),
                IsOk());
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<MetricLogWriter> log,
                         MetricLogWriter::Create(RankMetricsPath(attempt, 0)));
    for (int id = last; id >= 1; --id) {
      MetricRecord record;
      EvalItem* const item = record.mutable_eval_item();
      item->set_split("val");
      item->set_item_id(id);
      item->mutable_prediction()->set_intersection(15);
      item->mutable_prediction()->set_union_(60);
      if (id == 2) item->mutable_permuted()->set_union_(9);
      ASSERT_THAT(log->Append(record), IsOk());
    }
    ASSERT_THAT(log->Close(), IsOk());
  }

  // Lines of the file that the request makes under that ending.
  std::vector<std::string> Lines(const std::string& ending,
                                 const std::string& line_end) {
    request_.set_out(absl::StrCat(root_, ending));
    EXPECT_THAT(ExportItems(request_), IsOk());
    const absl::StatusOr<std::string> text = ReadFile(request_.out());
    EXPECT_THAT(text, IsOk());
    return absl::StrSplit(*text, line_end);
  }

  std::string root_;
  std::string dir_;
  ExportItemsRequest request_;
};

TEST_F(ExportItemsTest, JsonLinesAscendingByItem) {
  const std::vector<std::string> lines = Lines(".jsonl", "\n");
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines[2], "");
  const nlohmann::json first = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(first["item"], 1);
  EXPECT_EQ(first["split"], "val");
  EXPECT_EQ(first["image"], SmallImagePath(root_, 1));
  EXPECT_EQ(first["sentence"], "The dam, \"old\" one");
  EXPECT_EQ(first["category_id"], 8);
  EXPECT_EQ(first["category"], "dam");
  EXPECT_EQ(first["height"], 24);
  EXPECT_EQ(first["width"], 32);
  EXPECT_EQ(first["true_pixels"], 30);
  EXPECT_EQ(first["predicted_pixels"], 45);
  EXPECT_EQ(first["intersection"], 15);
  EXPECT_EQ(first["union"], 60);
  EXPECT_EQ(first["iou"], 0.25);
  EXPECT_TRUE(first["permuted_iou"].is_null());
  const nlohmann::json second = nlohmann::json::parse(lines[1]);
  EXPECT_EQ(second["item"], 2);
  EXPECT_EQ(second["permuted_iou"], 0.0);
}

TEST_F(ExportItemsTest, CsvWithAHeaderAndQuotes) {
  const std::vector<std::string> lines = Lines(".csv", "\r\n");
  ASSERT_EQ(lines.size(), 4);
  EXPECT_EQ(lines[0],
            "item,split,image,sentence,category_id,category,height,width,"
            "true_pixels,predicted_pixels,intersection,union,iou,permuted_iou,"
            "permuted_within_category_iou,other_object_iou,all_objects_iou,"
            "distractor_iou");
  EXPECT_EQ(lines[1],
            absl::StrCat("1,val,", SmallImagePath(root_, 1),
                         ",\"The dam, \"\"old\"\" one\",8,dam,24,32,30,45,15,"
                         "60,0.25,,,,,"));
  EXPECT_EQ(lines[3], "");
}

TEST_F(ExportItemsTest, AnItemThatTheDataDoesNotHaveIsAnError) {
  Put(3);
  request_.set_out(root_ + "_none.csv");
  EXPECT_THAT(
      ExportItems(request_),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("item 3 was evaluated")));
  EXPECT_FALSE(FileExists(request_.out()));
}

}  // namespace
}  // namespace transect
