#include "tests/multiprocess/worker_job.h"

#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gtest/gtest.h"
#include "launch/execute/process.h"
#include "launch/store/check_job.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "model/checkpoint/safetensors.h"
#include "tests/launch/testing/small_run.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

std::string WorkerPath() {
  return std::filesystem::absolute("launch/worker/transect_worker").string();
}

Job::Job(const std::string& name) {
  plan_.set_id(Sha256(name).substr(0, 32));
  plan_.set_code("fedcba9876543210fedcba9876543210");
  plan_.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  plan_.set_ranks(1);
  NextAttempt();
}

void Job::NextAttempt() {
  TRANSECT_CHECK_OK(MakeDirs(job_dir()));
  auto number = MakeNextAttempt(job_dir());
  TRANSECT_CHECK_OK(number.status());
  plan_.set_attempt(*number);
  plan_.set_attempt_dir(AttemptDir(job_dir(), *number));
}

void Job::Start(const std::vector<std::vector<std::string>>& prefixes) {
  const std::string launch =
      absl::StrCat(plan_.attempt_dir(), "/launch.textproto");
  TRANSECT_CHECK_OK(WriteTextprotoAtomic(launch, plan_));
  pids_.clear();
  for (int rank = 0; rank < plan_.ranks(); ++rank) {
    ProcessSpec process;
    std::vector<std::string> command;
    if (!prefixes.empty()) command = prefixes[rank];
    command.insert(command.end(),
                   {WorkerPath(), absl::StrCat("--launch=", launch),
                    absl::StrCat("--rank=", rank)});
    process.program = command[0];
    process.arguments.assign(command.begin() + 1, command.end());
    process.directory = job_dir();
    process.log_path = RankLogPath(plan_.attempt_dir(), rank);
    process.environment = RankEnvironment(1);
    auto pid = StartProcess(process);
    TRANSECT_CHECK_OK(pid.status());
    pids_.push_back(*pid);
  }
}

void Job::Signal(int rank, int signal_number) {
  TRANSECT_CHECK(kill(pids_[rank], signal_number) == 0);
}

int Job::Wait(int rank) {
  int status = 0;
  TRANSECT_CHECK(waitpid(pids_[rank], &status, 0) == pids_[rank]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::vector<int> Job::Run() {
  Start();
  std::vector<int> codes;
  for (int rank = 0; rank < plan_.ranks(); ++rank) {
    codes.push_back(Wait(rank));
  }
  return codes;
}

std::string Job::Output(int rank) const {
  auto text = ReadFile(RankLogPath(plan_.attempt_dir(), rank));
  TRANSECT_CHECK_OK(text.status());
  return *text;
}

std::string Job::LastLine(int rank) const {
  const std::string text = Output(rank);
  const std::vector<std::string> lines =
      absl::StrSplit(absl::StripAsciiWhitespace(text), '\n');
  return lines.back();
}

void Job::EvaluateOn(const std::vector<std::string>& splits) {
  plan_.mutable_train()->clear_evaluation();
  for (const std::string& split : splits) {
    EvaluateJob* const evaluation = plan_.mutable_train()->add_evaluation();
    evaluation->set_split(split);
    evaluation->set_id(
        Sha256(absl::StrCat(plan_.id(), " ", split)).substr(0, 32));
  }
}

std::string Job::EvaluationOf(const std::string& split) const {
  for (const EvaluateJob& evaluation : plan_.train().evaluation()) {
    if (evaluation.split() == split) {
      return EvaluationDir(job_dir(), split, evaluation.id());
    }
  }
  ADD_FAILURE() << split << " is not evaluated";
  return "";
}

std::vector<MetricRecord> Job::Records(int rank) const {
  auto log = ReadMetricLog(RankMetricsPath(plan_.attempt_dir(), rank));
  TRANSECT_CHECK_OK(log.status());
  return log->records;
}

std::vector<MetricRecord> Job::Records(int rank,
                                       const std::string& split) const {
  const std::string attempt = AttemptDir(EvaluationOf(split), plan_.attempt());
  auto log = ReadMetricLog(RankMetricsPath(attempt, rank));
  TRANSECT_CHECK_OK(log.status());
  return log->records;
}

std::vector<TrainStep> Job::TrainSteps() const {
  std::vector<TrainStep> steps;
  for (const MetricRecord& record : Records(0)) {
    if (record.has_train_step()) steps.push_back(record.train_step());
  }
  return steps;
}

TrainingSeries Job::Series() const {
  auto series =
      ReadTrainingSeries(MetricsOfAttempts(job_dir()), plan_.attempt());
  TRANSECT_CHECK_OK(series.status());
  return *std::move(series);
}

std::vector<std::string> Job::Events() const {
  std::vector<MetricRecord> records = Records(0);
  for (const EvaluateJob& evaluation : plan_.train().evaluation()) {
    const std::vector<MetricRecord> more = Records(0, evaluation.split());
    records.insert(records.end(), more.begin(), more.end());
  }
  std::vector<std::string> events;
  for (const MetricRecord& record : records) {
    if (record.has_event()) events.push_back(record.event().text());
  }
  return events;
}

std::map<int64_t, EvalItem> Job::EvalItems() const {
  std::map<int64_t, EvalItem> items;
  for (const EvaluateJob& evaluation : plan_.train().evaluation()) {
    for (int rank = 0; rank < plan_.ranks(); ++rank) {
      for (const MetricRecord& record : Records(rank, evaluation.split())) {
        if (!record.has_eval_item()) continue;
        const EvalItem& item = record.eval_item();
        EXPECT_TRUE(items.emplace(item.item_id(), item).second)
            << item.item_id();
      }
    }
  }
  return items;
}

std::string Job::Weights() const {
  auto bytes = ReadFile(absl::StrCat(job_dir(), "/", kWeightsFile));
  TRANSECT_CHECK_OK(bytes.status());
  return *bytes;
}

std::map<std::string, std::string> Job::Tensors() const {
  auto file = SafetensorsFile::Open(absl::StrCat(job_dir(), "/", kWeightsFile));
  TRANSECT_CHECK_OK(file.status());
  std::map<std::string, std::string> tensors;
  for (const SafetensorsInfo& tensor : file->tensors()) {
    std::string& bytes = tensors[tensor.name];
    bytes.resize(tensor.end - tensor.begin);
    TRANSECT_CHECK_OK(file->Read(tensor, absl::MakeSpan(bytes)));
  }
  return tensors;
}

ResultCheck Job::Check() const { return CheckJob(plan_); }

const Inputs& GetInputs() {
  static const Inputs* const inputs = [] {
    auto* const made = new Inputs();
    *made->data.plan().mutable_synthesis() = SmallSynthesis();
    EXPECT_EQ(made->data.Run(), std::vector<int>{ExitCode::OK});
    TokenizerJob* const job = made->tokenizer.plan().mutable_tokenizer();
    *job->mutable_spec() = SmallRun().tokenizer().sentencepiece();
    job->set_corpus_root(absl::StrCat(made->data.job_dir(), "/", kDataDir));
    EXPECT_EQ(made->tokenizer.Run(), std::vector<int>{ExitCode::OK});
    return made;
  }();
  return *inputs;
}

Job TrainingJob(const std::string& name, int ranks) {
  Job job(name);
  job.plan().set_ranks(ranks);
  job.run() = SmallRun();
  job.training().set_ranks(ranks);
  job.training().set_logical_shards(ranks);
  job.EvaluateOn({"val"});
  TrainJob* const train = job.plan().mutable_train();
  train->set_data_root(absl::StrCat(GetInputs().data.job_dir(), "/", kDataDir));
  train->set_tokenizer_path(
      absl::StrCat(GetInputs().tokenizer.job_dir(), "/", kTokenizerFile));
  return job;
}

std::vector<std::string> TimelessSteps(const TrainingSeries& series) {
  std::vector<std::string> steps;
  for (TrainStep step : series.steps) {
    step.clear_step_seconds();
    step.clear_images_per_second();
    step.clear_data_seconds();
    step.clear_peak_memory_bytes();
    steps.push_back(step.SerializeAsString());
  }
  return steps;
}

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

}  // namespace transect
