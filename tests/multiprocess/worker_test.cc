// Real worker processes on a small synthetic data set: what a rank leaves
// behind, how it ends, and what survives when it is killed.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/process.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/sample_sheet.h"
#include "launch/worker/make_inputs.h"
#include "launch/worker/train_job.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "model/base/runtime.h"
#include "model/checkpoint/safetensors.h"
#include "tests/launch/worker/small_run.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kWorker[] = "launch/worker/transect_worker";

// One attempt of one job in a directory of its own.
class Job {
 public:
  explicit Job(const std::string& name) {
    plan_.set_id(Sha256(name).substr(0, 32));
    plan_.set_code("fedcba9876543210fedcba9876543210");
    plan_.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
    plan_.set_ranks(1);
    NextAttempt();
  }

  LaunchPlan& plan() { return plan_; }
  const LaunchPlan& plan() const { return plan_; }
  std::string job_dir() const { return plan_.job_dir(); }

  void NextAttempt() {
    TRANSECT_CHECK_OK(MakeDirs(job_dir()));
    auto number = MakeNextAttempt(job_dir());
    TRANSECT_CHECK_OK(number.status());
    plan_.set_attempt(*number);
    plan_.set_attempt_dir(AttemptDir(job_dir(), *number));
  }

  // Starts all ranks, as the launcher does.
  void Start() {
    const std::string launch =
        absl::StrCat(plan_.attempt_dir(), "/launch.textproto");
    TRANSECT_CHECK_OK(WriteTextprotoAtomic(launch, plan_));
    pids_.clear();
    for (int rank = 0; rank < plan_.ranks(); ++rank) {
      ProcessSpec process;
      process.program = fs::absolute(kWorker).string();
      process.arguments = {absl::StrCat("--launch=", launch),
                           absl::StrCat("--rank=", rank)};
      process.directory = job_dir();
      process.log_path = RankLogPath(plan_.attempt_dir(), rank);
      process.environment = RankEnvironment(1);
      auto pid = StartProcess(process);
      TRANSECT_CHECK_OK(pid.status());
      pids_.push_back(*pid);
    }
  }

  void Signal(int rank, int signal_number) { kill(pids_[rank], signal_number); }

  // Waits for a rank: its exit code, or minus the signal that ended it.
  int Wait(int rank) {
    int status = 0;
    TRANSECT_CHECK(waitpid(pids_[rank], &status, 0) == pids_[rank]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  // Starts all ranks and waits: the exit codes by rank.
  std::vector<int> Run() {
    Start();
    std::vector<int> codes;
    for (int rank = 0; rank < plan_.ranks(); ++rank) {
      codes.push_back(Wait(rank));
    }
    return codes;
  }

  // Last line that a rank wrote to stdout or stderr.
  std::string LastLine(int rank) const {
    auto text = ReadFile(RankLogPath(plan_.attempt_dir(), rank));
    TRANSECT_CHECK_OK(text.status());
    const std::vector<std::string> lines =
        absl::StrSplit(absl::StripAsciiWhitespace(*text), '\n');
    return lines.back();
  }

  std::vector<MetricRecord> Records(int rank) const {
    auto log = ReadMetricLog(RankMetricsPath(plan_.attempt_dir(), rank));
    TRANSECT_CHECK_OK(log.status());
    return log->records;
  }

  ResultCheck Check() const {
    return CheckResult(job_dir(), plan_.id(), plan_.code());
  }

 private:
  LaunchPlan plan_;
  std::vector<pid_t> pids_;
};

// The data set and the tokenizer, made once by the worker.
struct Inputs {
  Job data{"inputs_data"};
  Job tokenizer{"inputs_tokenizer"};
};

const Inputs& GetInputs() {
  static const Inputs* const inputs = [] {
    auto* const made = new Inputs();
    *made->data.plan().mutable_synthesis() = SmallSynthesis();
    EXPECT_EQ(made->data.Run(), std::vector<int>{ExitCode::OK});
    TokenizerJob* const job = made->tokenizer.plan().mutable_tokenizer();
    *job->mutable_spec() = SmallRun().tokenizer().sentencepiece();
    job->set_corpus_root(made->data.job_dir() + "/data");
    EXPECT_EQ(made->tokenizer.Run(), std::vector<int>{ExitCode::OK});
    return made;
  }();
  return *inputs;
}

// A job that trains SmallRun on `ranks` ranks.
Job TrainingJob(const std::string& name, int ranks = 1) {
  Job job(name);
  job.plan().set_ranks(ranks);
  TrainJob* const train = job.plan().mutable_train();
  *train->mutable_run() = SmallRun();
  train->mutable_run()->mutable_training()->set_ranks(ranks);
  train->set_data_root(GetInputs().data.job_dir() + "/data");
  train->set_tokenizer_path(GetInputs().tokenizer.job_dir() + "/spiece.model");
  return job;
}

TrainingSpec& Training(Job& job) {
  return *job.plan().mutable_train()->mutable_run()->mutable_training();
}

TokenizerSpec& TokenizerOf(Job& job) {
  return *job.plan().mutable_train()->mutable_run()->mutable_tokenizer();
}

std::map<int64_t, EvalItem> EvalItems(const Job& job, int ranks) {
  std::map<int64_t, EvalItem> items;
  for (int rank = 0; rank < ranks; ++rank) {
    for (const MetricRecord& record : job.Records(rank)) {
      if (record.has_eval_item()) {
        const EvalItem& item = record.eval_item();
        EXPECT_TRUE(items.emplace(item.item_id(), item).second)
            << item.item_id();
      }
    }
  }
  return items;
}

std::vector<TrainStep> TrainSteps(const Job& job) {
  std::vector<TrainStep> steps;
  for (const MetricRecord& record : job.Records(0)) {
    if (record.has_train_step()) {
      steps.push_back(record.train_step());
    }
  }
  return steps;
}

std::string Weights(const Job& job) {
  auto bytes = ReadFile(absl::StrCat(job.job_dir(), "/", kWeightsFile));
  TRANSECT_CHECK_OK(bytes.status());
  return *bytes;
}

// Waits until rank 0 has logged `step`.
void AwaitStep(const Job& job, int64_t step) {
  MetricLogTail tail(RankMetricsPath(job.plan().attempt_dir(), 0));
  const absl::Time deadline = absl::Now() + absl::Seconds(120);
  while (absl::Now() < deadline) {
    auto records = tail.Poll();
    TRANSECT_CHECK_OK(records.status());
    for (const MetricRecord& record : *records) {
      if (record.train_step().step() >= step) {
        return;
      }
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  FAIL() << "no step " << step;
}

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
}

TEST(Worker, StartsOverWhatAnEarlierAttemptLeft) {
  Job job("leftovers");
  *job.plan().mutable_synthesis() = SmallSynthesis();
  for (const std::string name : {"data", "data.making"}) {
    ASSERT_THAT(MakeDirs(absl::StrCat(job.job_dir(), "/", name, "/images")),
                IsOk());
    ASSERT_THAT(
        WriteFileAtomic(absl::StrCat(job.job_dir(), "/", name, "/old"), "x"),
        IsOk());
  }
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_FALSE(FileExists(job.job_dir() + "/data/old"));
  EXPECT_FALSE(FileExists(job.job_dir() + "/data.making"));
  // The same recipe gives the same bytes.
  EXPECT_EQ(job.Check().result.file(0).sha256(),
            GetInputs().data.Check().result.file(0).sha256());
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
  ASSERT_EQ(check.result.file_size(), 4);
  EXPECT_EQ(check.result.file(0).path(), kWeightsFile);
  EXPECT_EQ(check.result.file(0).sha256(), Sha256(Weights(job)));
  EXPECT_EQ(check.result.file(1).path(), kSampleSheetFile);
  EXPECT_EQ(check.result.file(2).path(), "attempts/0001/rank00000.metrics");
  EXPECT_EQ(job.Records(0)[0].header().id(), job.plan().id());
  EXPECT_EQ(TrainSteps(job).size(), 4u);
  EXPECT_EQ(EvalItems(job, 1).size(), static_cast<size_t>(kSmallEvalImages));
  for (const auto& [id, item] : EvalItems(job, 1)) {
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
  DataSpec* const data =
      job.plan().mutable_train()->mutable_run()->mutable_data();
  data->clear_eval_splits();
  data->add_eval_splits("train");
  data->add_eval_splits("val");
  ASSERT_EQ(job.Run(), (std::vector<int>{ExitCode::OK, ExitCode::OK}))
      << job.LastLine(0);
  const ResultCheck check = job.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.eval_items(), kSmallTrainImages + kSmallEvalImages);
  EXPECT_GT(check.result.eval_seconds(), 0);
  // LibTorch alone is more.
  EXPECT_GT(check.result.peak_memory_bytes(), 20'000'000);
  std::map<std::string, int> items;
  for (const auto& [id, item] : EvalItems(job, 2)) {
    ++items[item.split()];
    EXPECT_TRUE(item.has_permuted());
  }
  EXPECT_EQ(items["train"], kSmallTrainImages);
  EXPECT_EQ(items["val"], kSmallEvalImages);
}

TEST(Worker, SavesWhatWasTrainedAndNothingElse) {
  Job adapters = TrainingJob("saves_adapters");
  adapters.plan().mutable_train()->set_evaluate(false);
  ASSERT_EQ(adapters.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_EQ(EvalItems(adapters, 1).size(), 0u);
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

TEST(Worker, GivesTheSameBitsTwice) {
  Job first = TrainingJob("first");
  Job second = TrainingJob("second");
  ASSERT_EQ(first.Run(), std::vector<int>{ExitCode::OK});
  ASSERT_EQ(second.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_EQ(Weights(first), Weights(second));
  const std::map<int64_t, EvalItem> items = EvalItems(second, 1);
  for (const auto& [id, item] : EvalItems(first, 1)) {
    EXPECT_THAT(item, EqualsProto(items.at(id)));
  }
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(TrainSteps(first)[i].loss(), TrainSteps(second)[i].loss());
  }
}

TEST(Worker, TwoRanksShareTheWorkOfOne) {
  Job one = TrainingJob("one_rank", 1);
  Job two = TrainingJob("two_ranks", 2);
  Job again = TrainingJob("two_ranks_again", 2);
  const std::vector<int> both = {ExitCode::OK, ExitCode::OK};
  ASSERT_EQ(one.Run(), std::vector<int>{ExitCode::OK});
  ASSERT_EQ(two.Run(), both) << two.LastLine(0) << two.LastLine(1);
  ASSERT_EQ(again.Run(), both);
  // The same bits on two ranks every time; nearly those of one rank, because
  // only the order of sums differs.
  EXPECT_EQ(Weights(two), Weights(again));
  const std::vector<TrainStep> alone = TrainSteps(one);
  const std::vector<TrainStep> together = TrainSteps(two);
  ASSERT_EQ(together.size(), alone.size());
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_NEAR(together[i].loss(), alone[i].loss(), 1e-4 * alone[i].loss());
  }
  // Every item once, each rank its batches of 4.
  EXPECT_EQ(EvalItems(two, 2).size(), static_cast<size_t>(kSmallEvalImages));
  int of_rank_1 = 0;
  for (const MetricRecord& record : two.Records(1)) {
    of_rank_1 += record.has_eval_item();
    EXPECT_FALSE(record.has_train_step());
  }
  EXPECT_EQ(of_rank_1, 5);
  const ResultCheck check = two.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.eval_items(), kSmallEvalImages);
  // Weights, pictures, and of each rank its log and its masks.
  EXPECT_EQ(check.result.file_size(), 6);
}

TEST(Worker, StartsFromTheWeightsOfAnotherRun) {
  Job initial = TrainingJob("initial");
  RunSpec& all = *initial.plan().mutable_train()->mutable_run();
  all.mutable_model()->mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  all.mutable_model()
      ->mutable_rsrefseg()
      ->mutable_siglip()
      ->clear_vision_lora();
  all.mutable_model()->mutable_rsrefseg()->mutable_siglip()->clear_text_lora();
  all.mutable_model()->mutable_rsrefseg()->mutable_sam()->clear_lora();
  all.mutable_training()->mutable_loss()->set_activation_weight(1);
  initial.plan().mutable_train()->set_evaluate(false);
  ASSERT_EQ(initial.Run(), std::vector<int>{ExitCode::OK})
      << initial.LastLine(0);
  Job random = TrainingJob("from_random");
  Job adapted = TrainingJob("from_initial");
  adapted.plan()
      .mutable_train()
      ->mutable_run()
      ->mutable_weights()
      ->mutable_trained();
  adapted.plan().mutable_train()->mutable_initial_weights()->set_trained(
      absl::StrCat(initial.job_dir(), "/", kWeightsFile));
  ASSERT_EQ(random.Run(), std::vector<int>{ExitCode::OK});
  ASSERT_EQ(adapted.Run(), std::vector<int>{ExitCode::OK})
      << adapted.LastLine(0);
  EXPECT_NE(TrainSteps(random)[0].loss(), TrainSteps(adapted)[0].loss());

  Job torn = TrainingJob("from_torn");
  *torn.plan().mutable_train() = adapted.plan().train();
  const std::string path = torn.job_dir() + "/torn.safetensors";
  ASSERT_THAT(WriteFileAtomic(path, Weights(initial).substr(0, 5000)), IsOk());
  torn.plan().mutable_train()->mutable_initial_weights()->set_trained(path);
  EXPECT_NE(torn.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_THAT(torn.LastLine(0),
              AllOf(StartsWith("transect_worker: "), HasSubstr(path)));
}

TEST(Worker, EndsAllRanksAlikeWhereTheLossIsNotFinite) {
  Job job = TrainingJob("non_finite", 2);
  Training(job).mutable_optimizer()->set_lr(1e30);
  EXPECT_EQ(job.Run(),
            (std::vector<int>{ExitCode::NON_FINITE, ExitCode::NON_FINITE}));
  for (const int rank : {0, 1}) {
    EXPECT_THAT(job.LastLine(rank),
                AllOf(StartsWith("transect_worker: NON_FINITE: the "),
                      HasSubstr("of step ")));
  }
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
}

TEST(Worker, NamesTheDataThatIsMissing) {
  Job job = TrainingJob("no_data");
  job.plan().mutable_train()->set_data_root("/nowhere/rrsisd");
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(job.LastLine(0), AllOf(StartsWith("transect_worker: DATA: "),
                                     HasSubstr("/nowhere/rrsisd")));
  Job tokenizer = TrainingJob("no_tokenizer");
  tokenizer.plan().mutable_train()->set_tokenizer_path("/nowhere/spiece.model");
  EXPECT_EQ(tokenizer.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(tokenizer.LastLine(0), HasSubstr("/nowhere/spiece.model"));
}

TEST(Worker, RefusesAPlanThatItCannotRun) {
  Job job = TrainingJob("cuda");
  Training(job).set_device(TrainingSpec::CUDA);
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::SPEC});
  EXPECT_THAT(job.LastLine(0), StartsWith("transect_worker: SPEC: "
                                          "training.device is CUDA"));
}

TEST(Worker, LosesAPeerThatIsKilled) {
  Job job = TrainingJob("killed_peer", 2);
  Training(job).set_steps(100000);
  job.Start();
  AwaitStep(job, 2);
  const absl::Time killed = absl::Now();
  job.Signal(1, SIGKILL);
  EXPECT_EQ(job.Wait(0), ExitCode::PEER_LOST);
  EXPECT_EQ(job.Wait(1), -SIGKILL);
  EXPECT_LT(absl::Now() - killed, absl::Seconds(20));
  EXPECT_THAT(job.LastLine(0), StartsWith("transect_worker: PEER_LOST: "));
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
}

TEST(Worker, LosesAPeerThatStallsWhenTheTimeIsUp) {
  Job job = TrainingJob("stalled_peer", 2);
  Training(job).set_steps(100000);
  Training(job).set_collective_timeout_seconds(3);
  job.Start();
  AwaitStep(job, 2);
  const absl::Time stopped = absl::Now();
  job.Signal(1, SIGSTOP);
  EXPECT_EQ(job.Wait(0), ExitCode::PEER_LOST);
  EXPECT_GE(absl::Now() - stopped, absl::Seconds(2));
  EXPECT_LT(absl::Now() - stopped, absl::Seconds(20));
  job.Signal(1, SIGKILL);
  job.Wait(1);
}

TEST(Worker, StopsAtOnceWhenToldAndLeavesNoResult) {
  Job job = TrainingJob("told");
  Training(job).set_steps(100000);
  job.Start();
  AwaitStep(job, 2);
  const absl::Time told = absl::Now();
  job.Signal(0, SIGTERM);
  EXPECT_EQ(job.Wait(0), -SIGTERM);
  EXPECT_LT(absl::Now() - told, absl::Seconds(5));
  EXPECT_EQ(job.Check().state, ResultCheck::kAbsent);
  EXPECT_FALSE(FileExists(absl::StrCat(job.job_dir(), "/", kWeightsFile)));
}

TEST(Worker, AnswersWrongArgumentsWithOneLine) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"--launch=/nowhere", "--rank=x"},
        {"--launch=/nowhere", "--rank=0"}}) {
    ProcessSpec process;
    process.program = fs::absolute(kWorker).string();
    process.arguments = arguments;
    process.directory = testing::TempDir();
    process.log_path =
        absl::StrCat(testing::TempDir(), "/arguments", arguments.size());
    process.environment = RankEnvironment(1);
    fs::remove(process.log_path);
    ASSERT_OK_AND_ASSIGN(const pid_t pid, StartProcess(process));
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_GE(WEXITSTATUS(status), ExitCode::SPEC);
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(process.log_path));
    EXPECT_THAT(text, StartsWith("transect_worker: "));
    EXPECT_THAT(absl::StripAsciiWhitespace(text), Not(HasSubstr("\n")));
  }
}

TEST(WorkerTest, HalfPrecisionTrainsAndSaysSo) {
  Job full = TrainingJob("full_precision");
  ASSERT_EQ(full.Run(), std::vector<int>{ExitCode::OK});
  const std::vector<TrainStep> expected = TrainSteps(full);
  for (const auto precision : {TrainingSpec::BF16, TrainingSpec::FP16}) {
    Job job = TrainingJob(
        absl::StrCat("precision_", TrainingSpec::Precision_Name(precision)));
    Training(job).set_precision(precision);
    if (precision == TrainingSpec::FP16) Training(job).mutable_loss_scale();
    ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
    const std::vector<TrainStep> steps = TrainSteps(job);
    ASSERT_EQ(steps.size(), expected.size());
    for (size_t i = 0; i < steps.size(); ++i) {
      EXPECT_NEAR(steps[i].loss(), expected[i].loss(), 0.02);
    }
    EXPECT_NE(Weights(job), Weights(full));
  }
}

TEST(WorkerTest, AnOverflowOfTheLossScaleSkipsTheStep) {
  Job job = TrainingJob("overflow");
  Training(job).set_precision(TrainingSpec::FP16);
  LossScaleSpec* const scale = Training(job).mutable_loss_scale();
  scale->set_initial(16777216);
  scale->set_hysteresis(1);
  ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
  int overflows = 0;
  for (const MetricRecord& record : job.Records(0)) {
    if (record.has_event()) {
      EXPECT_THAT(record.event().text(),
                  HasSubstr("the gradients overflowed, no weight changed"));
      ++overflows;
    }
  }
  EXPECT_GE(overflows, 1);
  // With no room to fall it is an end.
  Job stuck = TrainingJob("overflow_at_the_minimum");
  Training(stuck).set_precision(TrainingSpec::FP16);
  Training(stuck).mutable_loss_scale()->set_initial(16777216);
  Training(stuck).mutable_loss_scale()->set_minimum(16777216);
  EXPECT_EQ(stuck.Run(), std::vector<int>{ExitCode::NON_FINITE});
  EXPECT_THAT(stuck.LastLine(0), HasSubstr("is at its minimum"));
}

TEST(WorkerTest, RecomputedActivationsGiveTheSameWeights) {
  Job kept = TrainingJob("kept");
  ASSERT_EQ(kept.Run(), std::vector<int>{ExitCode::OK});
  Job again = TrainingJob("recomputed");
  Training(again).set_activations(TrainingSpec::RECOMPUTE);
  ASSERT_EQ(again.Run(), std::vector<int>{ExitCode::OK}) << again.LastLine(0);
  EXPECT_EQ(Weights(again), Weights(kept));
}

TEST(WorkerTest, AGpuThatIsNotThereIsOneClearLine) {
  if (BuiltWithCuda() && OpenGpu(0).ok()) {
    GTEST_SKIP() << "this machine has a GPU";
  }
  Job job = TrainingJob("gpu");
  Training(job).set_device(TrainingSpec::CUDA);
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::SPEC});
  EXPECT_THAT(job.LastLine(0), HasSubstr("training.device is CUDA: "));
}

TEST(WorkerTest, LongSentencesAreAnErrorOrAreCutAndCounted) {
  Job job = TrainingJob("long_sentences");
  TokenizerOf(job).set_max_tokens(2);
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::DATA});
  EXPECT_THAT(job.LastLine(0), HasSubstr("tokens, at most 2 are allowed"));

  Job cut = TrainingJob("cut_sentences");
  TokenizerOf(cut).set_max_tokens(2);
  TokenizerOf(cut).set_over_limit(TokenizerSpec::TRUNCATE);
  ASSERT_EQ(cut.Run(), std::vector<int>{ExitCode::OK}) << cut.LastLine(0);
  EXPECT_EQ(cut.Check().result.truncated_sentences(),
            kSmallTrainImages + kSmallEvalImages);
  std::vector<std::string> events;
  for (const MetricRecord& record : cut.Records(0)) {
    if (record.has_event()) events.push_back(record.event().text());
  }
  EXPECT_THAT(events, ElementsAre("40 of 40 sentences of split train have more "
                                  "than 2 tokens and are cut",
                                  "13 of 13 sentences of split val have more "
                                  "than 2 tokens and are cut"));
}

}  // namespace
}  // namespace transect
