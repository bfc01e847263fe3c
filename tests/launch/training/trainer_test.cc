// The training loop and the evaluation on the tiny preset. With several ranks
// of real processes: //tests/multiprocess:worker_test.

#include "launch/training/trainer.h"

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "data/text/tokenizer.h"
#include "experiments/expanding/resolve.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/cross_rank_sum.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/evaluator.h"
#include "launch/training/exit_codes.h"
#include "launch/training/lr_schedule.h"
#include "launch/training/rank_log.h"
#include "launch/training/sample_sheet.h"
#include "launch/training/train_plan.h"
#include "launch/training/train_task.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"
#include "model/build_model.h"
#include "model/parts.h"
#include "tests/launch/worker/small_run.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Stands where a rank of a larger group would: it never has to answer.
class SilentRank : public Collective {
 public:
  SilentRank(int rank, int ranks) : rank_(rank), ranks_(ranks) {}
  int rank() const override { return rank_; }
  int ranks() const override { return ranks_; }
  absl::Status AllReduceSum(absl::string_view what, at::Tensor) override {
    return Unexpected(what);
  }
  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor&) override {
    return Unexpected(what);
  }
  absl::Status Broadcast(absl::string_view what, int, at::Tensor) override {
    return Unexpected(what);
  }
  absl::Status Barrier(absl::string_view what) override {
    return Unexpected(what);
  }
  void Abort() override {}

 private:
  static absl::Status Unexpected(absl::string_view what) {
    return absl::InternalError(absl::StrCat("unexpected ", what));
  }
  const int rank_;
  const int ranks_;
};

// One rank with all that it works on.
class Rank {
 public:
  Rank(const RunSpec& run, const std::string& name,
       std::unique_ptr<Collective> collective = MakeSingleCollective())
      : run_(run),
        collective_(std::move(collective)),
        statistics_(collective_.get()) {
    // As SmallRun says.
    at::set_num_threads(run_.training().threads_per_rank());
    plan_.set_id("a");
    plan_.set_attempt(1);
    plan_.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
    plan_.set_attempt_dir(AttemptDir(plan_.job_dir(), 1));
    plan_.set_ranks(collective_->ranks());
    TRANSECT_CHECK_OK(MakeDirs(plan_.attempt_dir()));
    auto log = RankLog::Open(plan_, collective_->rank());
    TRANSECT_CHECK_OK(log.status());
    log_ = *std::move(log);
    auto tokenizer = Tokenizer::Load(GetSmallFiles().tokenizer_path);
    TRANSECT_CHECK_OK(tokenizer.status());
    tokenizer_ = *std::move(tokenizer);
    auto model = BuildModel(run_.model(), run_.seed());
    TRANSECT_CHECK_OK(model.status());
    model_ = *std::move(model);
  }

  TrainTask task() {
    TrainTask task;
    task.run = &run_;
    task.tokenizer = tokenizer_.get();
    task.model = model_.get();
    task.collective = collective_.get();
    task.batch_statistics = &statistics_;
    task.log = log_.get();
    task.input = InputFormatOf(run_);
    task.loader = LoaderOptionsOf(run_.training());
    return task;
  }

  SegmentationModel& model() { return *model_; }

  // Closes the log and returns what is in it, without the header.
  std::vector<MetricRecord> Records() {
    TRANSECT_CHECK_OK(log_->Close());
    auto log = ReadMetricLog(
        RankMetricsPath(plan_.attempt_dir(), collective_->rank()));
    TRANSECT_CHECK_OK(log.status());
    return {log->records.begin() + 1, log->records.end()};
  }

 private:
  const RunSpec run_;
  LaunchPlan plan_;
  std::unique_ptr<Collective> collective_;
  CollectiveSum statistics_;
  std::unique_ptr<RankLog> log_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::shared_ptr<SegmentationModel> model_;
};

const DatasetIndex& Data(const std::string& split) {
  static std::map<std::string, DatasetIndex>* const all =
      new std::map<std::string, DatasetIndex>();
  if (all->count(split) == 0) {
    auto data = DatasetIndex::OpenRrsisd(GetSmallFiles().data_root, split);
    TRANSECT_CHECK_OK(data.status());
    all->emplace(split, *std::move(data));
  }
  return all->at(split);
}

TEST(Trainer, LowersTheLossAndLogsWhatItDid) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(20);
  run.mutable_training()->set_log_every(8);
  Rank rank(run, "lowers");
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), Data("train")));
  EXPECT_EQ(summary.steps, 20);
  EXPECT_GT(summary.step_seconds, 0);
  const std::vector<MetricRecord> records = rank.Records();
  ASSERT_EQ(records.size(), 3u);
  const std::vector<int64_t> expected = {8, 16, 20};
  for (size_t i = 0; i < records.size(); ++i) {
    const TrainStep& step = records[i].train_step();
    EXPECT_EQ(step.step(), expected[i]);
    EXPECT_EQ(step.steps(), 20);
    EXPECT_EQ(step.lr(), LearningRate(run.training().schedule(), 1e-3, 20,
                                      expected[i] - 1));
    EXPECT_GT(step.step_seconds(), 0);
  }
  EXPECT_LT(records[2].train_step().loss(), records[0].train_step().loss());
}

// Told where the objects are, SAM is evaluated as it is, and nobody else sees a
// box.
TEST(Trainer, AnOracleIsEvaluatedWithoutTraining) {
  RunSpec run = SmallRun();
  run.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  run.mutable_training()->set_steps(0);
  ResolveRun(&run);
  Rank rank(run, "oracle");
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), Data("train")));
  EXPECT_EQ(summary.steps, 0);
  SampleSheet sheet(0);
  ASSERT_OK_AND_ASSIGN(const int64_t items,
                       Evaluate(rank.task(), Data("val"), &sheet));
  EXPECT_EQ(items, kSmallEvalImages);
  // It ignores the sentence, and the control shows it.
  int compared = 0;
  for (const MetricRecord& record : rank.Records()) {
    if (!record.has_eval_item()) continue;
    EXPECT_THAT(record.eval_item().permuted(),
                EqualsProto(record.eval_item().prediction()));
    ++compared;
  }
  EXPECT_EQ(compared, kSmallEvalImages);
}

TEST(Trainer, ThePatchTextMapTrainsInTheSameLoop) {
  RunSpec run = SmallRun();
  SiglipSpec* const siglip =
      run.mutable_model()->mutable_patch_text_map()->mutable_siglip();
  siglip->set_variant(SiglipSpec::TINY);
  siglip->set_max_positions(64);
  run.mutable_training()->set_steps(12);
  run.mutable_training()->mutable_optimizer()->set_lr(1e-2);
  ResolveRun(&run);
  Rank rank(run, "map");
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), Data("train")));
  EXPECT_EQ(summary.steps, 12);
  const std::vector<MetricRecord> records = rank.Records();
  EXPECT_LT(records.back().train_step().loss(),
            records.front().train_step().loss());
}

TEST(Trainer, ChangesWhatIsTrainedAndNothingElse) {
  Rank rank(SmallRun(), "changes");
  std::map<std::string, at::Tensor> before;
  for (const auto& parameter : rank.model().named_parameters()) {
    before[parameter.key()] = parameter.value().detach().clone();
  }
  ASSERT_THAT(Train(rank.task(), Data("train")), IsOk());
  int trained = 0;
  for (const auto& parameter : rank.model().named_parameters()) {
    const bool same = at::equal(parameter.value(), before[parameter.key()]);
    if (!parameter.value().requires_grad()) {
      EXPECT_TRUE(same) << parameter.key();
    } else {
      trained += !same;
    }
  }
  EXPECT_GT(trained, 50);
}

TEST(Trainer, GivesTheSameBitsTwice) {
  std::vector<std::map<std::string, at::Tensor>> results(2);
  for (int i = 0; i < 2; ++i) {
    Rank rank(SmallRun(), absl::StrCat("twice", i));
    ASSERT_THAT(Train(rank.task(), Data("train")), IsOk());
    for (const auto& parameter : rank.model().named_parameters()) {
      results[i][parameter.key()] = parameter.value().detach().clone();
    }
  }
  for (const auto& [name, tensor] : results[0]) {
    EXPECT_TRUE(at::equal(tensor, results[1][name])) << name;
  }
}

// Neither is part of a run's identity.
TEST(Trainer, GivesTheSameBitsWithAnyNumberOfLoaderThreads) {
  std::map<std::string, at::Tensor> expected;
  for (const int threads : {0, 1, 3}) {
    RunSpec run = SmallRun();
    run.mutable_training()->set_loader_threads(threads);
    run.mutable_training()->set_prefetch_batches(1 + threads);
    Rank rank(run, absl::StrCat("loader_threads_", threads));
    ASSERT_THAT(Train(rank.task(), Data("train")), IsOk());
    for (const auto& parameter : rank.model().named_parameters()) {
      const at::Tensor value = parameter.value().detach();
      const auto [known, is_new] =
          expected.emplace(parameter.key(), value.clone());
      EXPECT_TRUE(is_new == (threads == 0) && at::equal(known->second, value))
          << parameter.key() << " with " << threads;
    }
  }
}

TEST(Trainer, SiglipMaySeeItsOwnResizeOfTheImage) {
  std::vector<double> losses;
  for (const auto resize :
       {DataSpec::BILINEAR_FROM_SAM_INPUT, DataSpec::BICUBIC_FROM_ORIGINAL}) {
    RunSpec run = SmallRun();
    run.mutable_data()->set_siglip_resize(resize);
    Rank rank(run, DataSpec::SiglipResize_Name(resize));
    ASSERT_THAT(Train(rank.task(), Data("train")), IsOk());
    losses.push_back(rank.Records().back().train_step().loss());
  }
  EXPECT_NE(losses[0], losses[1]);
}

TEST(Trainer, CallsAnEpochWithoutAFullBatchData) {
  RunSpec run = SmallRun();
  run.mutable_data()->set_last_batch(DataSpec::DROP);
  run.mutable_training()->set_global_batch(kSmallTrainImages + 1);
  Rank rank(run, "no_full_batch");
  const absl::Status status = Train(rank.task(), Data("train")).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("data.last_batch"));
}

TEST(Trainer, CallsALossThatIsNotANumberNonFinite) {
  RunSpec run = SmallRun();
  run.mutable_training()->mutable_optimizer()->set_lr(1e30);
  Rank rank(run, "non_finite");
  const absl::Status status = Train(rank.task(), Data("train")).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::NON_FINITE) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("step "));
}

TEST(Trainer, CallsASampleThatCannotBeReadDataAndNamesIt) {
  namespace fs = std::filesystem;
  const std::string root = absl::StrCat(testing::TempDir(), "/torn_images");
  fs::copy(GetSmallFiles().data_root, root, fs::copy_options::recursive);
  for (const auto& image :
       fs::directory_iterator(root + "/images/rrsisd/JPEGImages")) {
    // The header stays, so that the index is made.
    fs::resize_file(image.path(), fs::file_size(image.path()) - 100);
  }
  ASSERT_OK_AND_ASSIGN(const DatasetIndex data,
                       DatasetIndex::OpenRrsisd(root, "train"));
  Rank rank(SmallRun(), "unreadable");
  const absl::Status status = Train(rank.task(), data).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(root));
  EXPECT_THAT(std::string(status.message()), StartsWith("sample "));
}

// Records by item; every item must occur once.
std::map<int64_t, EvalItem> Items(const std::vector<MetricRecord>& records) {
  std::map<int64_t, EvalItem> items;
  for (const MetricRecord& record : records) {
    if (record.has_eval_item()) {
      const EvalItem& item = record.eval_item();
      EXPECT_TRUE(items.emplace(item.item_id(), item).second) << item.item_id();
    }
  }
  return items;
}

TEST(Evaluator, CountsEveryItemOnceWithItsControls) {
  Rank rank(SmallRun(), "evaluates");
  SampleSheet sheet(3);
  EXPECT_THAT(Evaluate(rank.task(), Data("val"), &sheet),
              IsOkAndHolds(kSmallEvalImages));
  EXPECT_FALSE(sheet.empty());
  const std::vector<MetricRecord> records = rank.Records();
  const std::map<int64_t, EvalItem> items = Items(records);
  ASSERT_EQ(items.size(), static_cast<size_t>(kSmallEvalImages));
  for (const Sample& sample : Data("val").samples()) {
    const EvalItem& item = items.at(sample.id);
    EXPECT_EQ(item.split(), "val");
    EXPECT_EQ(item.category_id(), sample.category_id);
    EXPECT_EQ(item.all_objects().intersection(), RleArea(sample.mask));
    EXPECT_GE(item.objects(), 3);
    EXPECT_GE(item.prediction().union_(), RleArea(sample.mask));
    EXPECT_GE(item.permuted().union_(), RleArea(sample.mask));
  }
  EXPECT_EQ(records.back().progress().done(), kSmallEvalImages);
}

TEST(Evaluator, GivesTheSameIntegersOnAnyNumberOfRanks) {
  // A few steps, so that logits are on both sides of the threshold.
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(12);
  std::map<int64_t, EvalItem> expected;
  for (const int ranks : {1, 2, 3}) {
    std::map<int64_t, EvalItem> items;
    for (int r = 0; r < ranks; ++r) {
      // The same weights: all ranks repeat the training of one.
      Rank trainer(run, absl::StrCat("train", r, "of", ranks));
      ASSERT_THAT(Train(trainer.task(), Data("train")), IsOk());
      Rank rank(run, absl::StrCat("rank", r, "of", ranks),
                std::make_unique<SilentRank>(r, ranks));
      TrainTask task = rank.task();
      task.model = &trainer.model();
      SampleSheet sheet(0);
      ASSERT_THAT(Evaluate(task, Data("val"), &sheet), IsOk());
      EXPECT_TRUE(sheet.empty());
      items.merge(Items(rank.Records()));
    }
    ASSERT_EQ(items.size(), static_cast<size_t>(kSmallEvalImages));
    if (ranks == 1) {
      expected = items;
      std::set<int64_t> unions;
      for (const auto& [id, item] : items) {
        unions.insert(item.prediction().union_());
      }
      EXPECT_GT(unions.size(), 3u) << "predictions must not be trivial";
    }
    for (const auto& [id, item] : items) {
      EXPECT_THAT(item, EqualsProto(expected[id])) << ranks << " ranks";
    }
  }
}

TEST(Evaluator, GivesTheSameIntegersWithAnyNumberOfLoaderThreads) {
  std::map<int64_t, EvalItem> expected;
  for (const int threads : {0, 1, 3}) {
    RunSpec run = SmallRun();
    run.mutable_training()->set_loader_threads(threads);
    Rank rank(run, absl::StrCat("evaluates_with_", threads));
    SampleSheet sheet(0);
    ASSERT_THAT(Evaluate(rank.task(), Data("val"), &sheet), IsOk());
    const std::map<int64_t, EvalItem> items = Items(rank.Records());
    ASSERT_EQ(items.size(), static_cast<size_t>(kSmallEvalImages));
    if (expected.empty()) {
      expected = items;
    }
    for (const auto& [id, item] : items) {
      EXPECT_THAT(item, EqualsProto(expected[id])) << threads;
    }
  }
}

// `evaluation.batch` is no part of a run's identity, so it may not show.
TEST(Evaluator, GivesTheSameIntegersInBatchesOfAnySize) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(12);
  Rank trainer(run, "batches");
  ASSERT_THAT(Train(trainer.task(), Data("train")), IsOk());
  std::map<int64_t, EvalItem> expected;
  for (const int batch : {16, 7, 1}) {
    run.mutable_evaluation()->set_batch(batch);
    Rank rank(run, absl::StrCat("batches_of_", batch));
    TrainTask task = rank.task();
    task.model = &trainer.model();
    SampleSheet sheet(0);
    ASSERT_THAT(Evaluate(task, Data("val"), &sheet), IsOk());
    const std::map<int64_t, EvalItem> items = Items(rank.Records());
    if (expected.empty()) {
      expected = items;
    }
    for (const auto& [id, item] : items) {
      EXPECT_THAT(item, EqualsProto(expected[id])) << batch;
    }
  }
}

TEST(Evaluator, LeavesOutTheControlThatIsNotWanted) {
  RunSpec run = SmallRun();
  run.mutable_evaluation()->set_permuted_sentences(false);
  Rank rank(run, "no_control");
  SampleSheet sheet(0);
  ASSERT_THAT(Evaluate(rank.task(), Data("val"), &sheet), IsOk());
  for (const auto& [id, item] : Items(rank.Records())) {
    EXPECT_FALSE(item.has_permuted());
    EXPECT_TRUE(item.has_prediction());
  }
}

}  // namespace
}  // namespace transect
