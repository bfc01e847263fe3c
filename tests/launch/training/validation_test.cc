// Validations on the tiny preset: what they must not change, and what they
// decide. With several ranks of real processes: //tests/multiprocess.

#include "launch/training/validation.h"

#include <signal.h>
#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/evaluation/evaluator.h"
#include "launch/evaluation/predictions.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/result.pb.h"
#include "launch/training/best_so_far.h"
#include "launch/training/trainer.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"
#include "model/base/segmentation_model.h"
#include "tests/launch/testing/scripted_collective.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using State = std::map<std::string, at::Tensor>;

State StateOf(const SegmentationModel& model) {
  State state;
  for (const auto& each : model.named_parameters()) {
    state[each.key()] = each.value().detach().clone();
  }
  for (const auto& each : model.named_buffers()) {
    state[each.key()] = each.value().clone();
  }
  return state;
}

// The first tensor in which they differ; "" if they are the same bits.
std::string Difference(const State& a, const State& b) {
  for (const auto& [name, tensor] : a) {
    if (!at::equal(tensor, b.at(name))) return name;
  }
  return "";
}

ValidationSpec* ValidationOf(RunSpec* run) {
  return run->mutable_training()->mutable_validation();
}

// Trains `steps` steps with dropout, validating every `every`.
RunSpec ValidatedRun(int64_t steps, int64_t every) {
  RunSpec run = SmallRun();
  RsRefSegSpec* const model = run.mutable_model()->mutable_rsrefseg();
  model->mutable_sam()->mutable_lora()->set_dropout(0.1);
  run.mutable_training()->set_steps(steps);
  ValidationOf(&run)->set_every_steps(every);
  return run;
}

// Those of val, or of `split`.
std::vector<Validation> Validations(const std::vector<MetricRecord>& records,
                                    const std::string& split = "val") {
  std::vector<Validation> found;
  for (const MetricRecord& record : records) {
    if (record.has_validation() && record.validation().split() == split) {
      found.push_back(record.validation());
    }
  }
  return found;
}

std::vector<int64_t> StepsOf(const std::vector<Validation>& validations) {
  std::vector<int64_t> steps;
  for (const Validation& each : validations) steps.push_back(each.step());
  return steps;
}

absl::StatusOr<TrainSummary> TrainOn(TrainingRank* rank) {
  return Train(rank->task(), SmallData("train"), &SmallData("val"));
}

TEST(Validation, ChangesNoBitOfTheTraining) {
  RunSpec plain = ValidatedRun(9, 0);
  TrainingRank alone(plain, "not_validated");
  ASSERT_THAT(TrainOn(&alone), IsOk());
  RunSpec run = ValidatedRun(9, 2);
  ValidationOf(&run)->set_train_items(7);
  TrainingRank rank(run, "validated");
  ASSERT_THAT(TrainOn(&rank), IsOk());
  EXPECT_EQ(Difference(StateOf(rank.model()), StateOf(alone.model())), "");
  std::vector<double> losses, expected;
  for (const MetricRecord& record : rank.Records()) {
    if (record.has_train_step()) losses.push_back(record.train_step().loss());
  }
  const std::vector<MetricRecord> records = alone.Records();
  for (const MetricRecord& record : records) {
    if (record.has_train_step()) expected.push_back(record.train_step().loss());
  }
  EXPECT_EQ(losses, expected);
  EXPECT_THAT(Validations(records), IsEmpty());
}

// It says what the final evaluation says of the same weights, and it sees the
// network as that does: without dropout, with running statistics.
TEST(Validation, CountsAsTheFinalEvaluationDoes) {
  RunSpec run = ValidatedRun(12, 5);
  run.mutable_evaluation()->set_permuted_sentences(false);
  TrainingRank rank(run, "counts");
  ASSERT_THAT(TrainOn(&rank), IsOk());
  EXPECT_TRUE(rank.model().is_training());
  SampleSheet sheet(0);
  ASSERT_THAT(Evaluate(rank.task(), SmallData("val"), &sheet), IsOk());
  EXPECT_TRUE(rank.model().is_training());
  const std::vector<MetricRecord> records = rank.Records();
  const std::vector<Validation> validations = Validations(records);
  EXPECT_THAT(StepsOf(validations), ElementsAre(5, 10, 12));
  std::vector<int64_t> ids, intersections, unions;
  std::vector<ItemCounts> items;
  for (const MetricRecord& record : records) {
    if (!record.has_eval_item()) continue;
    const EvalItem& item = record.eval_item();
    ids.push_back(item.item_id());
    intersections.push_back(item.prediction().intersection());
    unions.push_back(item.prediction().union_());
    items.push_back({ids.back(), intersections.back(), unions.back()});
  }
  const Validation& last = validations.back();
  EXPECT_THAT(last.item_id(), testing::ElementsAreArray(ids));
  EXPECT_THAT(last.intersection(), testing::ElementsAreArray(intersections));
  EXPECT_THAT(last.union_(), testing::ElementsAreArray(unions));
  ASSERT_OK_AND_ASSIGN(const SegmentationScores scores, Score(items));
  EXPECT_EQ(last.giou(), scores.giou);
  EXPECT_EQ(last.ciou(), scores.ciou);
  EXPECT_GT(last.seconds(), 0);
  // Nothing is chosen.
  for (const Validation& each : validations) EXPECT_FALSE(each.best());
  // The validations differ, or equality above says little.
  EXPECT_NE(validations[0].SerializeAsString(), last.SerializeAsString());
}

TEST(Validation, APartOfTheTrainSplitIsSpreadOverIt) {
  const std::vector<const Sample*> all = ItemsOf(SmallData("train"));
  const std::vector<const Sample*> chosen = SpreadItems(all, 7);
  ASSERT_EQ(chosen.size(), 7u);
  for (int64_t i = 0; i < 7; ++i) {
    EXPECT_EQ(chosen[i], all[i * kSmallTrainImages / 7]);
  }
  EXPECT_EQ(SpreadItems(all, 1000), all);
  EXPECT_THAT(SpreadItems(all, 0), IsEmpty());

  RunSpec run = ValidatedRun(2, 2);
  ValidationOf(&run)->set_train_items(7);
  TrainingRank rank(run, "train_items");
  ASSERT_THAT(TrainOn(&rank), IsOk());
  const std::vector<MetricRecord> records = rank.Records();
  const std::vector<Validation> found = Validations(records, "train");
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].item_id_size(), 7);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(found[0].item_id(i), chosen[i]->id);
  EXPECT_THAT(StepsOf(Validations(records)), ElementsAre(2));
}

// 40 images in batches of 12 are 3 1/3 or 4 steps an epoch.
TEST(Validation, ComesAtTheEndsOfEpochs) {
  for (const auto& [last_batch, expected] :
       std::map<DataSpec::LastBatch, std::vector<int64_t>>{
           {DataSpec::CONTINUE, {7, 14, 17}}, {DataSpec::WRAP, {8, 16, 20}}}) {
    RunSpec run = ValidatedRun(0, 0);
    run.mutable_data()->set_last_batch(last_batch);
    run.mutable_training()->set_epochs(5);
    run.mutable_training()->set_global_batch(12);
    ValidationOf(&run)->clear_every_steps();
    ValidationOf(&run)->set_every_epochs(2);
    TrainingRank rank(run, absl::StrCat("epochs_", last_batch));
    ASSERT_THAT(TrainOn(&rank), IsOk());
    EXPECT_EQ(StepsOf(Validations(rank.Records())), expected);
  }
}

// One rank of which every item of the k-th validation has an IoU of
// scores[k] / 100; `at` is called before with k.
std::unique_ptr<Collective> Scoring(
    std::vector<int> scores, std::function<void(size_t)> at = [](size_t) {}) {
  return std::make_unique<ScriptedCollective>(
      1, ScriptedCollective::Gather(),
      [scores, at, k = size_t{0}](absl::string_view what,
                                  at::Tensor value) mutable {
        if (what != "counts of a validation") return;
        at(k);
        const int64_t items = value.numel() / 2;
        value.slice(0, 0, items).fill_(scores.at(k++));
        value.slice(0, items, 2 * items).fill_(100);
      });
}

TEST(BestSoFar, TheFirstOfEqualsIsTheBest) {
  BestSoFar best;
  EXPECT_TRUE(best.Add(2, 0));
  EXPECT_TRUE(best.Add(4, 0.5));
  EXPECT_FALSE(best.Add(6, 0.5));
  EXPECT_FALSE(best.Add(8, 0.25));
  EXPECT_EQ(best.step, 4);
  EXPECT_EQ(best.metric, 0.5);
  EXPECT_EQ(best.since, 2);
  EXPECT_TRUE(best.Add(10, 0.75));
  EXPECT_EQ(best.since, 0);
}

TEST(Validation, TheRunHasTheWeightsOfTheBestOne) {
  for (const auto precision : {TrainingSpec::FP32, TrainingSpec::FP16}) {
    RunSpec run = ValidatedRun(7, 2);
    run.mutable_training()->set_precision(precision);
    if (precision == TrainingSpec::FP16) {
      run.mutable_training()->mutable_loss_scale()->set_initial(4);
    }
    ValidationOf(&run)->set_weights(ValidationSpec::BEST);
    // At steps 2, 4, 6 and 7.
    std::vector<State> states;
    const SegmentationModel* model = nullptr;
    TrainingRank rank(run, absl::StrCat("best_", precision),
                      Scoring({20, 40, 40, 30}, [&](size_t) {
                        states.push_back(StateOf(*model));
                      }));
    model = &rank.model();
    ASSERT_OK_AND_ASSIGN(const TrainSummary summary, TrainOn(&rank));
    EXPECT_EQ(summary.steps, 7);
    EXPECT_EQ(summary.best_step, 4);
    EXPECT_FALSE(summary.ended_early);
    ASSERT_EQ(states.size(), 4u);
    EXPECT_EQ(Difference(StateOf(rank.model()), states[1]), "");
    EXPECT_NE(Difference(states[1], states[2]), "");
    std::vector<bool> best;
    for (const Validation& each : Validations(rank.Records())) {
      best.push_back(each.best());
    }
    EXPECT_THAT(best, ElementsAre(true, true, false, false));
  }
}

TEST(Validation, TheTrainingEndsWhenItsPatienceDoes) {
  RunSpec run = ValidatedRun(20, 2);
  ValidationOf(&run)->set_early_stopping(true);
  ValidationOf(&run)->set_patience(2);
  run.mutable_training()->set_log_every(100);
  std::vector<State> states;
  const SegmentationModel* model = nullptr;
  TrainingRank rank(run, "patience", Scoring({20, 10, 40, 40, 39}, [&](size_t) {
                      states.push_back(StateOf(*model));
                    }));
  model = &rank.model();
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary, TrainOn(&rank));
  EXPECT_EQ(summary.steps, 10);
  EXPECT_TRUE(summary.ended_early);
  // The weights are those of the last step all the same.
  EXPECT_EQ(summary.best_step, 0);
  EXPECT_EQ(Difference(StateOf(rank.model()), states.back()), "");
  const std::vector<MetricRecord> records = rank.Records();
  EXPECT_THAT(StepsOf(Validations(records)), ElementsAre(2, 4, 6, 8, 10));
  std::string told;
  int64_t last_logged = 0;
  for (const MetricRecord& record : records) {
    if (record.has_event()) told = record.event().text();
    if (record.has_train_step()) last_logged = record.train_step().step();
  }
  EXPECT_EQ(told,
            "the training ends after step 10 of 20: the best gIoU on val, "
            "0.4000, is that after step 6; validations since without a better "
            "one: 2");
  EXPECT_EQ(last_logged, 10);
}

// With both, the best weights are those of an earlier step than the end.
TEST(Validation, AnEarlyEndKeepsTheBestWeights) {
  RunSpec run = ValidatedRun(20, 2);
  ValidationOf(&run)->set_early_stopping(true);
  ValidationOf(&run)->set_patience(1);
  ValidationOf(&run)->set_weights(ValidationSpec::BEST);
  TrainingRank rank(run, "early_best", Scoring({20, 30, 29}));
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary, TrainOn(&rank));
  EXPECT_EQ(summary.steps, 6);
  EXPECT_EQ(summary.best_step, 4);
  EXPECT_TRUE(summary.ended_early);
}

// A patience that ends with the last step ends nothing early.
TEST(Validation, TheLastStepIsNoEarlyEnd) {
  RunSpec run = ValidatedRun(4, 2);
  ValidationOf(&run)->set_early_stopping(true);
  ValidationOf(&run)->set_patience(1);
  TrainingRank rank(run, "late", Scoring({20, 20}));
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary, TrainOn(&rank));
  EXPECT_EQ(summary.steps, 4);
  EXPECT_FALSE(summary.ended_early);
}

TEST(Validation, TheMetricOfTheSpecDecides) {
  // An item that is missed counts more for cIoU the larger it is.
  const auto skewed = [](int large, int small) {
    return [large, small](absl::string_view what, at::Tensor value) {
      if (what != "counts of a validation") return;
      const int64_t items = value.numel() / 2;
      value.slice(0, 0, items).fill_(small);
      value.slice(0, items, 2 * items).fill_(10);
      value[0] = large;
      value[items] = 10000;
    };
  };
  for (const auto& [metric, best] : std::map<ValidationSpec::Metric, int64_t>{
           {ValidationSpec::GIOU, 2}, {ValidationSpec::CIOU, 4}}) {
    RunSpec run = ValidatedRun(4, 2);
    ValidationOf(&run)->set_weights(ValidationSpec::BEST);
    ValidationOf(&run)->set_metric(metric);
    TrainingRank rank(
        run, absl::StrCat("metric_", metric),
        std::make_unique<ScriptedCollective>(
            1, ScriptedCollective::Gather(),
            [=, k = 0](absl::string_view what, at::Tensor value) mutable {
              if (what != "counts of a validation") return;
              ++k;
              // Small items first, then the large one.
              skewed(k == 1 ? 0 : 9000, k == 1 ? 9 : 1)(what, value);
            }));
    ASSERT_OK_AND_ASSIGN(const TrainSummary summary, TrainOn(&rank));
    EXPECT_EQ(summary.best_step, best);
  }
}

// A signal that comes while it validates does not wait for its end.
TEST(Validation, ASignalLeavesIt) {
  RunSpec run = ValidatedRun(8, 4);
  TrainingRank rank(
      run, "signal",
      std::make_unique<ScriptedCollective>(
          1, ScriptedCollective::Gather(),
          [step = 0](absl::string_view what, const at::Tensor&) mutable {
            // In the fourth step, after it has looked for signals.
            if (what == "sum of losses" && ++step == 4) raise(SIGTERM);
          }));
  const absl::Status status = TrainOn(&rank).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::CHECKPOINTED) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("after step 4 of 8"));
  EXPECT_THAT(Validations(rank.Records()), IsEmpty());
}

}  // namespace
}  // namespace transect
