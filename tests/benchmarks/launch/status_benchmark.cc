// `transect status` of a store with many runs, as a process: what a person
// waits for. The store is made by hand in a temporary directory, without
// training: of 2,000 runs each twentieth is running and the others are done.
//
//   bazel run //tests/benchmarks/launch:status_benchmark -- [RUNS]
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "google/protobuf/message.h"
#include "launch/inputs/site.h"
#include "launch/ledger/ledger.h"
#include "launch/plan/plan.h"
#include "launch/store/bundle.h"
#include "launch/store/lease.h"
#include "launch/store/machine.h"
#include "launch/store/program/built_worker.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/experiments/testing/sample_specs.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr int kRepetitions = 7;
constexpr int kEachRunning = 20;
constexpr int kRunsOfALauncher = 50;
constexpr int kSteps = 300;

// Not synced to the disk: nobody is to find it after a crash.
void Put(const std::string& path, absl::string_view text) {
  TRANSECT_CHECK_OK(
      MakeDirs(std::filesystem::path(path).parent_path().string()));
  std::ofstream file(path, std::ios::binary);
  file << text;
  TRANSECT_CHECK(file.flush().good()) << path;
}

void PutMessage(const std::string& path,
                const google::protobuf::Message& message) {
  Put(path, PrintTextproto(message));
}

Result ResultOf(const std::string& id, const std::string& code,
                const MachineIdentity& machine, const std::string& file) {
  Result result;
  result.set_id(id);
  result.set_code(code);
  result.set_attempt(1);
  result.set_ranks(1);
  ResultFile* const made = result.add_file();
  made->set_path(file);
  made->set_bytes(3);
  made->set_sha256(Sha256("abc"));
  result.set_seconds(100);
  *result.mutable_machine() = machine;
  for (const char* input : {"data", "tokenizer", "weights"}) {
    InputDigest* const digest = result.add_input();
    digest->set_input(input);
    digest->set_sha256(Sha256(input));
  }
  return result;
}

// The attempt of a job, with all that a launcher and a rank leave.
void PutAttempt(const Plan& plan, int index, const MachineIdentity& machine) {
  const Job& job = plan.jobs[index];
  const std::string attempt = AttemptDir(job.dir, 1);
  LaunchPlan launch = job.launch;
  launch.mutable_forecast()->set_seconds(90);
  launch.mutable_forecast()->set_seconds_low(60);
  launch.mutable_forecast()->set_seconds_high(120);
  launch.mutable_forecast()->set_processors(1);
  PutMessage(LaunchPath(attempt), launch);
  Provenance provenance;
  provenance.set_host("node7");
  provenance.set_user("me");
  provenance.set_start_unix_us(1);
  provenance.set_experiment(plan.expansion.name);
  provenance.set_job(job.name);
  *provenance.mutable_machine() = machine;
  PutMessage(ProvenancePath(attempt), provenance);
  Put(SpecPath(job.dir), SpecText(plan, index));
  if (!job.launch.has_train()) return;
  const auto log = MetricLogWriter::Create(RankMetricsPath(attempt, 0));
  TRANSECT_CHECK_OK(log.status());
  for (int step = 1; step <= kSteps; ++step) {
    MetricRecord record;
    record.mutable_train_step()->set_step(step);
    record.mutable_train_step()->set_steps(2 * kSteps);
    record.mutable_train_step()->set_loss(0.5);
    record.mutable_train_step()->set_step_seconds(0.1);
    TRANSECT_CHECK_OK((*log)->Append(record));
  }
}

void PutDone(const Plan& plan, int index, const MachineIdentity& machine) {
  const Job& job = plan.jobs[index];
  Result result =
      ResultOf(job.id, plan.code, machine, std::string(kWeightsFile));
  result.set_steps(kSteps);
  Put(absl::StrCat(job.dir, "/", kWeightsFile), "abc");
  PutMessage(ResultPath(job.dir), result);
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    const std::string dir =
        EvaluationDir(job.dir, evaluation.split(), evaluation.id());
    Result scores = ResultOf(evaluation.id(), plan.code, machine, "log");
    scores.set_giou(0.5);
    scores.set_eval_items(200);
    Put(dir + "/log", "abc");
    PutMessage(ResultPath(dir), scores);
  }
}

// What the launchers of the runs wrote down.
void PutLedgers(const Store& store, const Plan& plan) {
  std::unique_ptr<LedgerWriter> writer;
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    const size_t run = i - plan.first_run;
    if (run % kRunsOfALauncher == 0) {
      LedgerStart start;
      start.set_kind(LedgerStart::LOCAL);
      start.set_experiment(plan.expansion.name);
      start.set_code(plan.code);
      writer = std::make_unique<LedgerWriter>(store, start);
    }
    for (const auto kind : {LedgerEvent::BEGUN, LedgerEvent::DONE}) {
      LedgerEvent event;
      event.set_kind(kind);
      event.add_run(plan.jobs[i].id);
      event.set_attempt(1);
      TRANSECT_CHECK_OK(writer->Append(event));
      if (run % kEachRunning == 0) break;
    }
  }
}

struct Took {
  int code = 0;
  double seconds = 0;
  double processor_seconds = 0;
};

Took RunOnce(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage usage;
  wait4(pid, &status, 0, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  Took took;
  took.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  took.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  took.processor_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  return took;
}

int Measure(const std::string& self, int runs) {
  const std::string runfiles = absl::StrCat(
      std::filesystem::absolute(self).lexically_normal().string(), ".runfiles");
  // Of a test it is known already.
  setenv("TEST_SRCDIR", runfiles.c_str(), /*overwrite=*/0);
  const absl::StatusOr<BuiltWorker> worker = FindWorker(self);
  TRANSECT_CHECK_OK(worker.status());
  std::string place =
      (std::filesystem::temp_directory_path() / "status.XXXXXX").string();
  TRANSECT_CHECK(mkdtemp(place.data()) != nullptr);
  const std::string spec = place + "/many.textproto";
  PutMessage(spec, SampleExperimentOf(runs));
  const absl::StatusOr<Store> store = Store::OpenOrCreate(place + "/store");
  TRANSECT_CHECK_OK(store.status());
  const absl::StatusOr<CodeParts> parts = MakeCodeParts(*worker, *store);
  TRANSECT_CHECK_OK(parts.status());
  TRANSECT_CHECK_OK(InstallBundle(*worker, *parts, *store).status());
  const absl::StatusOr<Experiment> experiment = LoadExperiment(spec);
  TRANSECT_CHECK_OK(experiment.status());
  const absl::StatusOr<Plan> plan =
      MakePlan(*Expand(*experiment, {}), *store, SiteFile(), CodeDigest(*parts),
               nullptr);
  TRANSECT_CHECK_OK(plan.status());
  const MachineIdentity machine = DescribeMachine(/*gpus=*/false);
  std::vector<std::unique_ptr<Lease>> leases;
  for (int i = 0; i < static_cast<int>(plan->jobs.size()); ++i) {
    PutAttempt(*plan, i, machine);
    if (i < plan->first_run || (i - plan->first_run) % kEachRunning != 0) {
      PutDone(*plan, i, machine);
      continue;
    }
    auto lease = Lease::TryTake(plan->jobs[i].dir);
    TRANSECT_CHECK_OK(lease.status());
    leases.push_back(*std::move(lease));
  }
  PutLedgers(*store, *plan);
  std::vector<Took> all;
  for (int i = 0; i < kRepetitions; ++i) {
    all.push_back(RunOnce({worker->root + "/launch/cli/transect", "status",
                           spec, "--store", store->root()}));
    // Something is running.
    TRANSECT_CHECK(all.back().code == 3) << "exit code " << all.back().code;
  }
  std::ranges::sort(all, {}, &Took::seconds);
  double load = 0;
  getloadavg(&load, 1);
  printf(
      "transect status of %d runs, %zu of them running: %.2f s (median of %d; "
      "best %.2f s), %.2f s of processors; load of the machine %.1f\n",
      runs, leases.size(), all[kRepetitions / 2].seconds, kRepetitions,
      all[0].seconds, all[kRepetitions / 2].processor_seconds, load);
  leases.clear();
  if (getenv("KEEP") != nullptr) {
    printf("kept: %s\n", place.c_str());
  } else {
    std::filesystem::remove_all(place);
  }
  return 0;
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  int runs = 2000;
  if (argc > 2 || (argc == 2 && (!absl::SimpleAtoi(argv[1], &runs) ||
                                 runs < 2 || runs % 2 != 0))) {
    fprintf(stderr, "usage: %s [RUNS], an even number\n", argv[0]);
    return 1;
  }
  return transect::Measure(argv[0], runs);
}
