#include "launch/worker/evaluate_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/load_runs.h"
#include "data/annotations/rrsisd.h"
#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/synthetic/blind_bounds.h"
#include "launch/rank/exit_codes.h"
#include "launch/requests/drawn_items.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

// SmallRun as it is before training, on its data set.
EvaluateRequest Request(const std::string& name) {
  EvaluateRequest request;
  RunFiles& files = *request.mutable_files();
  request.set_id(kId);
  files.set_code(kCode);
  *files.mutable_job()->mutable_run() = SmallRun();
  files.mutable_job()->set_tokenizer_path(GetSmallFiles().tokenizer_path);
  files.mutable_job()->set_data_root(GetSmallFiles().data_root);
  request.set_split("val");
  request.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  std::filesystem::remove_all(request.job_dir());
  EXPECT_THAT(MakeDirs(request.job_dir()), IsOk());
  return request;
}

TEST(EvaluateRun, FillsADirectoryThatReadsBack) {
  const EvaluateRequest request = Request("evaluation");
  ASSERT_THAT(EvaluateRun(request), IsOk());
  ASSERT_OK_AND_ASSIGN(const LoadedEvaluation run,
                       LoadEvaluation(request.job_dir()));
  EXPECT_EQ(run.result.id(), kId);
  EXPECT_EQ(run.result.code(), kCode);
  // As the data set's maker says, and still there when the data are not.
  ASSERT_OK_AND_ASSIGN(const std::vector<BlindBound> bounds,
                       ReadBlindBounds(GetSmallFiles().data_root));
  EXPECT_EQ(bounds[1].split, "val");
  EXPECT_EQ(run.result.frequent_place_giou(), bounds[1].frequent_place);
  ASSERT_EQ(run.items->size(), static_cast<size_t>(kSmallEvalImages));
  for (const EvalItem& item : *run.items) {
    EXPECT_EQ(item.split(), "val");
    EXPECT_TRUE(item.has_permuted());
  }
}

// As training does.
TEST(EvaluateRun, SaysWhatIsLeftOutAndCut) {
  EvaluateRequest request = Request("notes");
  TrainJob& job = *request.mutable_files()->mutable_job();
  const std::string root = absl::StrCat(testing::TempDir(), "/damaged_set");
  std::filesystem::remove_all(root);
  std::filesystem::copy(job.data_root(), root,
                        std::filesystem::copy_options::recursive);
  // The first of split val.
  std::filesystem::remove(
      absl::StrCat(root, "/", kRrsisdImages, "/",
                   RrsisdFileName(kSmallTrainImages + 1, ".jpg")));
  job.set_data_root(root);
  job.mutable_run()
      ->mutable_data()
      ->mutable_found()
      ->mutable_policy()
      ->set_image_missing(DefectPolicy::DROP);
  job.mutable_run()->mutable_tokenizer()->set_max_tokens(2);
  job.mutable_run()->mutable_tokenizer()->set_over_limit(
      TokenizerSpec::TRUNCATE);
  ASSERT_THAT(EvaluateRun(request), IsOk());
  ASSERT_OK_AND_ASSIGN(const LoadedEvaluation run,
                       LoadEvaluation(request.job_dir()));
  EXPECT_EQ(run.items->size(), static_cast<size_t>(kSmallEvalImages) - 1);
  EXPECT_EQ(run.result.truncated_sentences(), kSmallEvalImages - 1);
  ASSERT_OK_AND_ASSIGN(
      const MetricLog log,
      ReadMetricLog(RankMetricsPath(AttemptDir(request.job_dir(), 1), 0)));
  std::vector<std::string> events;
  for (const MetricRecord& record : log.records) {
    if (record.has_event()) events.push_back(record.event().text());
  }
  EXPECT_THAT(
      events,
      testing::ElementsAre(
          "data, split val: 12 of 13 records; dropped: image_missing 1",
          "12 of 12 sentences of split val have more than 2 tokens and are "
          "cut",
          absl::StrCat(root,
                       "/blind_bounds.json is not of the 12 items of "
                       "split val that are used, so its bounds are "
                       "not")));
  EXPECT_FALSE(run.result.has_frequent_place_giou());
}

TEST(EvaluateRun, WithoutTheSplitThereIsNoResult) {
  EvaluateRequest request = Request("no_split");
  request.set_split("test");
  const auto code = EvaluateRun(request);
  EXPECT_EQ(ExitCodeOf(code.status()), ExitCode::DATA);
  EXPECT_THAT(std::string(code.status().message()), testing::HasSubstr("test"));
  EXPECT_FALSE(FileExists(request.job_dir() + "/result.textproto"));
}

// Draws `ids` of an evaluation that was made; the rest is the caller's.
DrawItemsRequest::Evaluation ToDraw(const EvaluateRequest& made,
                                    const std::vector<int64_t>& ids,
                                    const std::string& out) {
  DrawItemsRequest::Evaluation evaluation;
  *evaluation.mutable_files() = made.files();
  // As the run was before training: it has no weights of its own.
  evaluation.mutable_files()->set_trained_weights_path("");
  evaluation.set_split("val");
  evaluation.set_evaluation_dir(made.job_dir());
  for (const int64_t id : ids) evaluation.add_item(id);
  evaluation.set_out(absl::StrCat(testing::TempDir(), "/", out));
  return evaluation;
}

DrawnItems Draw(const DrawItemsRequest::Evaluation& evaluation) {
  DrawItemsRequest request;
  *request.add_evaluation() = evaluation;
  EXPECT_THAT(DrawItems(request), IsOkAndHolds(ExitCode::OK));
  DrawnItems drawn;
  const auto bytes = ReadFile(evaluation.out());
  EXPECT_THAT(bytes, IsOk());
  EXPECT_TRUE(drawn.ParseFromString(*bytes));
  return drawn;
}

TEST(DrawItems, DrawsWhatWasScoredAndAsksTheNetworkForTheMap) {
  const EvaluateRequest made = Request("to_draw");
  ASSERT_THAT(EvaluateRun(made), IsOk());
  ASSERT_OK_AND_ASSIGN(const LoadedEvaluation run,
                       LoadEvaluation(made.job_dir()));
  const int64_t first = run.items->front().item_id();
  const int64_t last = run.items->back().item_id();
  const DrawnItems drawn = Draw(ToDraw(made, {first, last, last + 1}, "drawn"));
  EXPECT_EQ(drawn.version(), DrawnItems::PRESENT);
  EXPECT_EQ(drawn.problem(), "");
  // The data set has no item after the last.
  ASSERT_EQ(drawn.item_size(), 2);
  for (const DrawnItem& item : drawn.item()) {
    EXPECT_EQ(item.missing(), "");
    EXPECT_TRUE(item.asked_network());
    EXPECT_NE(item.sentence(), "");
    for (const std::string* jpeg : {&item.image(), &item.truth(),
                                    &item.prediction(), &item.activation()}) {
      ASSERT_OK_AND_ASSIGN(const Image image, DecodeJpeg(*jpeg, "picture"));
      EXPECT_EQ(image.width, 160);
      EXPECT_EQ(image.height, 160);
    }
    EXPECT_NE(item.truth(), item.image());
    EXPECT_NE(item.activation(), item.image());
  }
  EXPECT_EQ(drawn.item(0).item_id(), first);

  // Without the network the mask is there all the same, from the log, and
  // without the log it is what the network says, which is the same mask.
  DrawItemsRequest::Evaluation evaluation = ToDraw(made, {first}, "masks");
  evaluation.mutable_files()->clear_trained_weights_path();
  const DrawnItems masks = Draw(evaluation);
  ASSERT_EQ(masks.item_size(), 1);
  EXPECT_EQ(masks.item(0).prediction(), drawn.item(0).prediction());
  EXPECT_EQ(masks.item(0).activation(), "");
  EXPECT_FALSE(masks.item(0).asked_network());
  std::filesystem::remove(RankMasksPath(AttemptDir(made.job_dir(), 1), 0));
  const DrawnItems asked = Draw(ToDraw(made, {first}, "asked"));
  ASSERT_EQ(asked.item_size(), 1);
  EXPECT_EQ(asked.item(0).prediction(), drawn.item(0).prediction());
}

TEST(DrawItems, SaysWhatIsNotThereAndGoesOn) {
  const EvaluateRequest made = Request("lacks_things");
  ASSERT_THAT(EvaluateRun(made), IsOk());
  ASSERT_OK_AND_ASSIGN(const LoadedEvaluation run,
                       LoadEvaluation(made.job_dir()));
  const int64_t first = run.items->front().item_id();
  DrawItemsRequest request;
  auto no_data = ToDraw(made, {first}, "no_data");
  no_data.mutable_files()->mutable_job()->set_data_root("/nowhere");
  auto no_weights = ToDraw(made, {first}, "no_weights");
  no_weights.mutable_files()->set_trained_weights_path("/nowhere/weights");
  *request.add_evaluation() = no_data;
  *request.add_evaluation() = no_weights;
  ASSERT_THAT(DrawItems(request), IsOkAndHolds(ExitCode::OK));
  DrawnItems drawn;
  ASSERT_TRUE(drawn.ParseFromString(*ReadFile(no_data.out())));
  EXPECT_THAT(drawn.problem(), testing::HasSubstr("/nowhere"));
  EXPECT_EQ(drawn.item_size(), 0);
  ASSERT_TRUE(drawn.ParseFromString(*ReadFile(no_weights.out())));
  EXPECT_THAT(drawn.problem(), testing::HasSubstr("/nowhere/weights"));
  ASSERT_EQ(drawn.item_size(), 1);
  EXPECT_NE(drawn.item(0).prediction(), "");
  EXPECT_FALSE(drawn.item(0).asked_network());
}

TEST(DrawItems, ShowsTheDataSetsSentenceToPeople) {
  EvaluateRequest made = Request("constant");
  made.mutable_files()
      ->mutable_job()
      ->mutable_run()
      ->mutable_data()
      ->set_sentences(DataSpec::CONSTANT);
  ASSERT_THAT(EvaluateRun(made), IsOk());
  ASSERT_OK_AND_ASSIGN(const LoadedEvaluation run,
                       LoadEvaluation(made.job_dir()));
  const DrawnItems drawn =
      Draw(ToDraw(made, {run.items->front().item_id()}, "own_sentence"));
  ASSERT_EQ(drawn.item_size(), 1);
  EXPECT_NE(drawn.item(0).sentence(), kConstantSentence);
  EXPECT_NE(drawn.item(0).sentence(), "");
}

}  // namespace
}  // namespace transect
