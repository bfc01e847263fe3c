// What the worker leaves behind: made inputs, weights, metric logs, results.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/make_inputs.h"
#include "launch/worker/train_job.h"
#include "metrics/metric_log.pb.h"
#include "model/checkpoint/safetensors.h"
#include "tests/launch/testing/small_run.h"
#include "tests/multiprocess/worker_job.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Worker, MakesInputsWithAResultThatListsThem) {
  const Job& data = GetInputs().data;
  const ResultCheck check = data.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.file(0).path(), kDataManifest);
  // Every line of the manifest is the digest of a file.
  ASSERT_OK_AND_ASSIGN(
      const std::string manifest,
      ReadFile(absl::StrCat(data.job_dir(), "/", kDataManifest)));
  int images = 0;
  for (const absl::string_view line :
       absl::StrSplit(manifest, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, "  ");
    ASSERT_EQ(parts.size(), 2u) << line;
    EXPECT_THAT(Sha256OfFile(absl::StrCat(data.job_dir(), "/", parts[1])),
                IsOkAndHolds(parts[0]));
    images += absl::EndsWith(parts[1], ".jpg");
  }
  EXPECT_EQ(images, kSmallTrainImages + kSmallEvalImages);
  EXPECT_EQ(data.Records(0).back().progress().done(),
            kSmallTrainImages + kSmallEvalImages);
  const ResultCheck tokenizer = GetInputs().tokenizer.Check();
  ASSERT_EQ(tokenizer.state, ResultCheck::kValid) << tokenizer.problem;
  EXPECT_EQ(tokenizer.result.file(0).path(), kTokenizerFile);
  // What the tokenizer read.
  ASSERT_EQ(tokenizer.result.input_size(), 1);
  EXPECT_EQ(tokenizer.result.input(0).sha256(), check.result.file(0).sha256());
}

TEST(Worker, StartsOverWhatAnEarlierAttemptLeft) {
  Job job("leftovers");
  *job.plan().mutable_synthesis() = SmallSynthesis();
  for (const std::string name : {"data", "data.making.17"}) {
    ASSERT_THAT(MakeDirs(absl::StrCat(job.job_dir(), "/", name, "/images")),
                IsOk());
    ASSERT_THAT(
        WriteFileAtomic(absl::StrCat(job.job_dir(), "/", name, "/old"), "x"),
        IsOk());
  }
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_FALSE(FileExists(job.job_dir() + "/data/old"));
  EXPECT_FALSE(FileExists(job.job_dir() + "/data.making.17"));
  // The same recipe gives the same bytes.
  EXPECT_EQ(job.Check().result.file(0).sha256(),
            GetInputs().data.Check().result.file(0).sha256());
}

TEST(Worker, SavesWhatWasTrainedAndNothingElse) {
  Job adapters = TrainingJob("saves_adapters");
  adapters.EvaluateOn({});
  ASSERT_EQ(adapters.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_EQ(adapters.EvalItems().size(), 0u);
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file,
                       SafetensorsFile::Open(absl::StrCat(adapters.job_dir(),
                                                          "/", kWeightsFile)));
  int lora = 0;
  for (const SafetensorsInfo& tensor : file.tensors()) {
    lora += absl::StrContains(tensor.name, ".lora_");
    // Weights of the towers are frozen; their adapters and buffers are not.
    if (absl::StartsWith(tensor.name, "siglip.") ||
        absl::StartsWith(tensor.name, "sam.vision_encoder.")) {
      EXPECT_THAT(tensor.name, HasSubstr(".lora_"));
    }
  }
  EXPECT_GT(lora, 0);
}

TEST(Worker, TrainsAndEvaluatesAndSaysSo) {
  Job job = TrainingJob("trains");
  ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
  const ResultCheck check = job.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.steps(), 4);
  EXPECT_EQ(check.result.eval_items(), kSmallEvalImages);
  EXPECT_GT(check.result.step_seconds(), 0);
  EXPECT_GT(check.result.trainable_parameters(), 0);
  EXPECT_LT(check.result.trainable_parameters(), check.result.parameters());
  ASSERT_EQ(check.result.input_size(), 2);
  EXPECT_EQ(check.result.input(0).input(), "data");
  EXPECT_EQ(check.result.input(0).sha256(),
            GetInputs().data.Check().result.file(0).sha256());
  EXPECT_EQ(check.result.input(1).input(), "tokenizer");
  EXPECT_EQ(check.result.input(1).sha256(),
            GetInputs().tokenizer.Check().result.file(0).sha256());
  ASSERT_EQ(check.result.file_size(), 2);
  EXPECT_EQ(check.result.file(0).path(), kWeightsFile);
  EXPECT_EQ(check.result.file(0).sha256(), Sha256(job.Weights()));
  EXPECT_EQ(check.result.file(1).path(), "attempts/0001/rank00000.metrics");
  ASSERT_OK_AND_ASSIGN(
      const Result evaluation,
      ReadTextproto<Result>(ResultPath(job.EvaluationOf("val"))));
  EXPECT_EQ(evaluation.eval_items(), kSmallEvalImages);
  EXPECT_EQ(evaluation.code(), job.plan().code());
  // Pictures, metrics, masks.
  ASSERT_EQ(evaluation.file_size(), 3);
  EXPECT_EQ(evaluation.file(0).path(), kSampleSheetFile);
  EXPECT_EQ(evaluation.file(1).path(), "attempts/0001/rank00000.metrics");
  EXPECT_EQ(job.Records(0)[0].header().id(), job.plan().id());
  EXPECT_EQ(job.TrainSteps().size(), 4u);
  EXPECT_EQ(job.EvalItems().size(), static_cast<size_t>(kSmallEvalImages));
  for (const auto& [id, item] : job.EvalItems()) {
    EXPECT_TRUE(item.has_prediction() && item.has_permuted() &&
                item.has_all_objects())
        << id;
  }
  // Started again it finds the result and does nothing.
  job.NextAttempt();
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_FALSE(FileExists(RankMetricsPath(job.plan().attempt_dir(), 0)));
}

TEST(Worker, EvaluatesEverySplitThatIsAskedFor) {
  Job job = TrainingJob("two_splits", 2);
  job.EvaluateOn({"train", "val"});
  ASSERT_EQ(job.Run(), (std::vector<int>{ExitCode::OK, ExitCode::OK}))
      << job.LastLine(0);
  const ResultCheck check = job.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.eval_items(), kSmallTrainImages + kSmallEvalImages);
  EXPECT_GT(check.result.eval_seconds(), 0);
  // LibTorch alone is more.
  EXPECT_GT(check.result.peak_memory_bytes(), 20'000'000);
  std::map<std::string, int> items;
  for (const auto& [id, item] : job.EvalItems()) {
    ++items[item.split()];
    EXPECT_TRUE(item.has_permuted());
  }
  EXPECT_EQ(items["train"], kSmallTrainImages);
  EXPECT_EQ(items["val"], kSmallEvalImages);
}

// The weights, the log and the result of the training stay what they are.
TEST(Worker, EvaluatesWhatIsTrainedWithoutTrainingItAgain) {
  Job job = TrainingJob("evaluates_later", 2);
  job.EvaluateOn({});
  const std::vector<int> both = {ExitCode::OK, ExitCode::OK};
  ASSERT_EQ(job.Run(), both) << job.LastLine(0);
  ASSERT_OK_AND_ASSIGN(const std::string result,
                       ReadFile(ResultPath(job.job_dir())));
  job.EvaluateOn({"val"});
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  job.NextAttempt();
  ASSERT_EQ(job.Run(), both) << job.LastLine(0);
  EXPECT_EQ(job.Check().state, ResultCheck::kValid);
  EXPECT_THAT(ReadFile(ResultPath(job.job_dir())), IsOkAndHolds(result));
  EXPECT_FALSE(FileExists(RankMetricsPath(job.plan().attempt_dir(), 0)));
  // The integers are those of a run that evaluates at once.
  Job at_once = TrainingJob("evaluates_at_once", 2);
  ASSERT_EQ(at_once.Run(), both) << at_once.LastLine(0);
  const auto items = at_once.EvalItems();
  ASSERT_EQ(items.size(), job.EvalItems().size());
  for (const auto& [id, item] : job.EvalItems()) {
    EXPECT_THAT(item, EqualsProto(items.at(id)));
  }
}

// The training of a run whose evaluation fails is not lost.
TEST(Worker, WhatFailsAfterTheLastStepKeepsTheTraining) {
  Job job = TrainingJob("evaluation_fails");
  // A file where the evaluation needs a directory.
  const std::string attempts = job.EvaluationOf("val") + "/attempts";
  ASSERT_THAT(MakeDirs(job.EvaluationOf("val")), IsOk());
  ASSERT_THAT(WriteFileAtomic(attempts, ""), IsOk());
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::INPUT_OUTPUT});
  EXPECT_EQ(job.Check().state, ResultCheck::kTrained);
  std::filesystem::remove(attempts);
  const std::string weights = job.Weights();
  job.NextAttempt();
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
  EXPECT_EQ(job.Check().state, ResultCheck::kValid);
  EXPECT_EQ(job.Weights(), weights);
}

// At a learning rate of 0 the saved weights are those that it started from.
TEST(Worker, StartsFromTheWeightsOfAnotherRun) {
  const auto train_all = [](Job& job, double lr) {
    RsRefSegSpec* const model = job.run().mutable_model()->mutable_rsrefseg();
    model->set_tuning(RsRefSegSpec::ALL);
    model->mutable_siglip()->clear_vision_lora();
    model->mutable_siglip()->clear_text_lora();
    model->mutable_sam()->clear_lora();
    job.training().mutable_loss()->set_activation_weight(1);
    job.training().mutable_optimizer()->set_lr(lr);
    job.EvaluateOn({});
  };
  Job initial = TrainingJob("initial");
  train_all(initial, 1e-3);
  ASSERT_EQ(initial.Run(), std::vector<int>{ExitCode::OK})
      << initial.LastLine(0);
  Job random = TrainingJob("from_random");
  train_all(random, 0);
  ASSERT_EQ(random.Run(), std::vector<int>{ExitCode::OK}) << random.LastLine(0);
  Job continued = TrainingJob("from_initial");
  train_all(continued, 0);
  continued.run().mutable_weights()->mutable_trained();
  continued.plan().mutable_train()->mutable_initial_weights()->set_trained(
      absl::StrCat(initial.job_dir(), "/", kWeightsFile));
  ASSERT_EQ(continued.Run(), std::vector<int>{ExitCode::OK})
      << continued.LastLine(0);

  const std::map<std::string, std::string> start = initial.Tensors();
  const std::map<std::string, std::string> drawn = random.Tensors();
  int changed = 0;
  for (const auto& [name, bytes] : continued.Tensors()) {
    // Batch statistics move whatever the learning rate is.
    if (absl::StrContains(name, ".running_")) continue;
    EXPECT_EQ(bytes == start.at(name), !absl::StrContains(name, "num_batches"))
        << name;
    changed += bytes != drawn.at(name);
  }
  EXPECT_GT(changed, 100);

  Job torn = TrainingJob("from_torn");
  *torn.plan().mutable_train() = continued.plan().train();
  const std::string path = torn.job_dir() + "/torn.safetensors";
  ASSERT_THAT(WriteFileAtomic(path, initial.Weights().substr(0, 5000)), IsOk());
  torn.plan().mutable_train()->mutable_initial_weights()->set_trained(path);
  EXPECT_NE(torn.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_THAT(torn.LastLine(0),
              AllOf(StartsWith("transect_worker: "), HasSubstr(path)));
}

TEST(Worker, LongSentencesAreAnErrorOrAreCutAndCounted) {
  Job job = TrainingJob("long_sentences");
  job.run().mutable_tokenizer()->set_max_tokens(2);
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(job.LastLine(0), HasSubstr("tokens, at most 2 are allowed"));

  Job cut = TrainingJob("cut_sentences");
  cut.run().mutable_tokenizer()->set_max_tokens(2);
  cut.run().mutable_tokenizer()->set_over_limit(TokenizerSpec::TRUNCATE);
  ASSERT_EQ(cut.Run(), std::vector<int>{ExitCode::OK}) << cut.LastLine(0);
  EXPECT_EQ(cut.Check().result.truncated_sentences(),
            kSmallTrainImages + kSmallEvalImages);
  EXPECT_THAT(
      cut.Events(),
      ElementsAre("40 of 40 sentences of split train have more than 2 tokens "
                  "and are cut",
                  "13 of 13 sentences of split val have more than 2 tokens and "
                  "are cut"));
}

}  // namespace
}  // namespace transect
