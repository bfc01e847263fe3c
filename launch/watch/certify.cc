#include "launch/watch/certify.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "analysis/load_runs.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/execute/attempt.h"
#include "launch/execute/execution.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/progress.h"
#include "launch/execute/ranks.h"
#include "launch/plan/plan.h"
#include "launch/store/bundle.h"
#include "launch/store/check_job.h"
#include "launch/store/code.pb.h"
#include "launch/store/lease.h"
#include "launch/store/machine.h"
#include "launch/watch/certificate.h"
#include "metrics/training_series.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr std::chrono::seconds kTellEvery{10};

// How often a training that was over too soon is begun again.
constexpr int kMostKills = 3;

// Whether the attempt has a checkpoint.
bool HasCheckpoint(const std::string& attempt_dir) {
  const absl::StatusOr<std::vector<std::string>> names =
      ListDirectory(CheckpointsDir(attempt_dir));
  return names.ok() && std::ranges::any_of(*names, [](const std::string& name) {
           return absl::StartsWith(name, "step-") &&
                  absl::EndsWith(name, ".safetensors");
         });
}

// Ranks that are killed once there is a checkpoint.
class KilledRanks : public Ranks {
 public:
  KilledRanks(std::unique_ptr<Ranks> ranks, std::string attempt_dir,
              bool* killed)
      : ranks_(std::move(ranks)),
        attempt_dir_(std::move(attempt_dir)),
        killed_(*killed) {}

  std::vector<RankEnd> Collect() override {
    if (!killed_ && ranks_->running() && HasCheckpoint(attempt_dir_)) {
      killed_ = true;
      ranks_->Signal(SIGKILL);
    }
    return ranks_->Collect();
  }
  bool running() const override { return ranks_->running(); }
  void Signal(int signal_number) override { ranks_->Signal(signal_number); }

 private:
  std::unique_ptr<Ranks> ranks_;
  std::string attempt_dir_;
  bool& killed_;
};

// Tells how far a repetition is.
class Teller : public ExecutionObserver {
 public:
  Teller(const Plan& plan, std::string name, const CertifyOptions& options)
      : plan_(plan), name_(std::move(name)), options_(options) {}

  void OnStart(int job, absl::string_view attempt_dir) override {
    progress_ = std::make_unique<JobProgress>(
        MetricLogsOf(plan_.jobs[job], attempt_dir));
    last_ = std::chrono::steady_clock::now();
  }
  void OnElsewhere(int, absl::string_view holder) override {
    Tell(absl::StrCat("waits for ", holder));
  }
  void OnWait(int, absl::string_view why) override { Tell(std::string(why)); }
  void OnAgain(int, absl::string_view why) override {
    Tell(absl::StrCat("again: ", why));
  }
  void OnEnd(int, const JobEnd&) override { progress_.reset(); }
  void OnInterrupt(int) override { Tell("stopping"); }
  void OnTick(SteadyTime now) override {
    if (progress_ == nullptr) return;
    progress_->Poll();
    if (now - last_ < kTellEvery) return;
    last_ = now;
    Tell(progress_->Text());
  }

 private:
  void Tell(const std::string& what) {
    options_.tell(absl::StrCat(name_, ": ", what));
  }

  const Plan& plan_;
  const std::string name_;
  const CertifyOptions& options_;
  std::unique_ptr<JobProgress> progress_;
  SteadyTime last_;
};

// What the repetitions of a run have in common.
class Repeater {
 public:
  Repeater(const Store& store, const FoundRun& run,
           const CertifyOptions& options)
      : store_(store), run_(run), options_(options) {}

  absl::Status Prepare() {
    code_ = run_.result.code();
    TRANSECT_ASSIGN_OR_RETURN(const CodeParts parts,
                              ReadCodeParts(store_, code_));
    TRANSECT_RETURN_IF_ERROR(CheckBundle(store_, code_));
    worker_ =
        absl::StrCat(store_.BundleDir(code_), "/", parts.binary(0).path());
    return absl::OkStatus();
  }

  // Trains in `dir`, which is empty or has what a kill left. With `killed` the
  // ranks are killed at their first checkpoint, after `every` steps, and
  // whether they were is said there.
  absl::StatusOr<Execution> Train(const std::string& name,
                                  const std::string& dir, int64_t every,
                                  bool* killed) const {
    Plan plan;
    plan.code = code_;
    plan.expansion.name = options_.provenance.experiment();
    Job job;
    job.id = run_.id;
    job.name = name;
    job.dir = dir;
    job.launch = LaunchOf(every);
    job.threads = run_.launch.train().run().training().threads_per_rank();
    job.inputs = run_.inputs;
    job.wanted = true;
    plan.jobs.push_back(job);
    ExecutorOptions executor;
    executor.worker = worker_;
    executor.check_worker = [this] { return CheckBundle(store_, code_); };
    executor.jobs = 1;
    executor.resources = options_.resources;
    executor.provenance = options_.provenance;
    executor.describe = [this, &job](int) -> absl::StatusOr<AttemptSpec> {
      AttemptSpec spec;
      spec.plan = job.launch;
      spec.job_dir = job.dir;
      spec.threads = job.threads;
      TRANSECT_ASSIGN_OR_RETURN(spec.spec_text, ReadFile(SpecPath(run_.dir)));
      spec.inputs = job.inputs;
      return spec;
    };
    if (killed != nullptr) {
      executor.start_ranks = [killed](const RanksSpec& ranks)
          -> absl::StatusOr<std::unique_ptr<Ranks>> {
        TRANSECT_ASSIGN_OR_RETURN(std::unique_ptr<Ranks> started,
                                  StartLocalRanks(ranks));
        return std::make_unique<KilledRanks>(std::move(started),
                                             ranks.plan.attempt_dir(), killed);
      };
    }
    Teller teller(plan, name, options_);
    Execution execution = ExecuteLocally(executor, store_, &plan, &teller);
    TRANSECT_RETURN_IF_ERROR(execution.launcher_error);
    return execution;
  }

 private:
  // What the ranks of the run were told, less where and when.
  LaunchPlan LaunchOf(int64_t every) const {
    LaunchPlan launch = run_.launch;
    launch.clear_attempt();
    launch.clear_attempt_dir();
    launch.clear_job_dir();
    launch.clear_staging_dir();
    launch.clear_forecast();
    launch.clear_gpu();
    launch.clear_address();
    CheckpointSpec* const checkpoint = launch.mutable_train()
                                           ->mutable_run()
                                           ->mutable_training()
                                           ->mutable_checkpoint();
    checkpoint->set_every_steps(every);
    checkpoint->set_every_minutes(0);
    return launch;
  }

  const Store& store_;
  const FoundRun& run_;
  const CertifyOptions& options_;
  std::string code_;
  std::string worker_;
};

// A digest of numbers that does not depend on how they are printed.
std::string DigestOf(const TrainingSeries& series) {
  std::string text;
  for (const TrainStep& step : series.steps) {
    absl::StrAppendFormat(&text, "%d %d %a %a %a %d\n", step.step(),
                          step.steps(), step.loss(), step.lr(),
                          step.gradient_norm(), step.mean_of_steps());
  }
  for (const Validation& validation : series.validations) {
    absl::StrAppend(&text, validation.step(), " ", validation.split(), "\n");
    for (int i = 0; i < validation.item_id_size(); ++i) {
      absl::StrAppend(&text, validation.item_id(i), " ",
                      validation.intersection(i), " ", validation.union_(i),
                      "\n");
    }
  }
  return Sha256(text);
}

absl::StatusOr<std::string> SeriesDigest(const std::string& dir) {
  TRANSECT_ASSIGN_OR_RETURN(const Result result,
                            ReadTextproto<Result>(ResultPath(dir)));
  TRANSECT_ASSIGN_OR_RETURN(
      const TrainingSeries series,
      ReadTrainingSeries(MetricsOfAttempts(dir), result.attempt()));
  return DigestOf(series);
}

absl::StatusOr<std::string> DigestOfEvaluation(const std::string& dir) {
  TRANSECT_ASSIGN_OR_RETURN(const LoadedEvaluation loaded, LoadEvaluation(dir));
  return ItemsDigest(*loaded.items);
}

absl::Status EmptyDirectory(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("cannot remove ", path, ": ", error.message()));
  }
  return MakeDirs(path);
}

// What ended badly, as an error; OK where the job is done.
absl::Status EndOf(const std::string& name, const Execution& execution) {
  const JobEnd& end = execution.ends[0];
  if (IsDone(end)) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      name, ": ", end.cause, end.log.empty() ? "" : "; its log: ", end.log));
}

// Adds what was compared and what differs.
absl::Status Compare(const std::string& name, const FoundRun& run,
                     const std::string& dir, Repetition* repetition,
                     std::vector<std::string>* differences) {
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<Comparison> comparisons,
                            CompareRuns(run.dir, dir, run.launch));
  for (const Comparison& each : comparisons) {
    *repetition->add_comparison() = each;
    if (each.run_sha256() != each.repetition_sha256()) {
      differences->push_back(
          absl::StrCat(name, ": ", each.what(), " differs: SHA-256 ",
                       each.repetition_sha256().substr(0, 12), ", of the run ",
                       each.run_sha256().substr(0, 12)));
    }
  }
  return absl::OkStatus();
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

// The step from which the last attempt in `dir` went on, and the last one that
// the attempt before had logged.
void AddKill(const std::string& dir, Repetition* repetition) {
  const absl::StatusOr<TrainingSeries> series =
      ReadTrainingSeries(MetricsOfAttempts(dir));
  if (!series.ok() || series->parts.size() < 2) return;
  repetition->set_went_on_from_step(series->parts.back().begin);
  const absl::StatusOr<TrainingSeries> killed =
      ReadTrainingSeries(MetricsOfAttempts(dir), series->parts.front().attempt);
  if (killed.ok() && !killed->steps.empty()) {
    repetition->set_killed_after_step(killed->steps.back().step());
  }
}

constexpr char kFromNothing[] = "from nothing";
constexpr char kOverAKill[] = "over a kill";

// Trains over a kill into `dir`; the signal that came, or 0.
absl::StatusOr<int> TrainOverAKill(const Repeater& repeater, int64_t steps,
                                   const std::string& dir) {
  int64_t every = std::max<int64_t>(1, steps / 2);
  for (int tries = 0; tries < kMostKills; ++tries) {
    TRANSECT_RETURN_IF_ERROR(EmptyDirectory(dir));
    bool killed = false;
    TRANSECT_ASSIGN_OR_RETURN(const Execution first,
                              repeater.Train(kOverAKill, dir, every, &killed));
    if (first.signal != 0) return first.signal;
    if (!killed || IsDone(first.ends[0])) {
      TRANSECT_RETURN_IF_ERROR(EndOf(kOverAKill, first));
      every = std::max<int64_t>(1, every / 2);
      continue;
    }
    TRANSECT_ASSIGN_OR_RETURN(const Execution second,
                              repeater.Train(kOverAKill, dir, 0, nullptr));
    if (second.signal != 0) return second.signal;
    TRANSECT_RETURN_IF_ERROR(EndOf(kOverAKill, second));
    return 0;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("a training of ", steps,
                   " steps was over before it could be killed, three times"));
}

}  // namespace

absl::StatusOr<std::vector<Comparison>> CompareRuns(const std::string& a,
                                                    const std::string& b,
                                                    const LaunchPlan& launch) {
  std::vector<Comparison> comparisons;
  const auto add = [&comparisons](std::string what, std::string run,
                                  std::string repetition) {
    Comparison& comparison = comparisons.emplace_back();
    comparison.set_what(std::move(what));
    comparison.set_run_sha256(std::move(run));
    comparison.set_repetition_sha256(std::move(repetition));
  };
  const std::string weights(kWeightsFile);
  TRANSECT_ASSIGN_OR_RETURN(std::string run_weights,
                            Sha256OfFile(absl::StrCat(a, "/", weights)));
  TRANSECT_ASSIGN_OR_RETURN(std::string new_weights,
                            Sha256OfFile(absl::StrCat(b, "/", weights)));
  add(weights, std::move(run_weights), std::move(new_weights));
  TRANSECT_ASSIGN_OR_RETURN(std::string run_series, SeriesDigest(a));
  TRANSECT_ASSIGN_OR_RETURN(std::string new_series, SeriesDigest(b));
  add("metric series", std::move(run_series), std::move(new_series));
  for (const EvaluateJob& job : EvaluationsOf(launch)) {
    TRANSECT_ASSIGN_OR_RETURN(
        std::string run_items,
        DigestOfEvaluation(EvaluationDir(a, job.split(), job.id())));
    TRANSECT_ASSIGN_OR_RETURN(
        std::string new_items,
        DigestOfEvaluation(EvaluationDir(b, job.split(), job.id())));
    add(ItemsName(job.split()), std::move(run_items), std::move(new_items));
  }
  return comparisons;
}

absl::StatusOr<Certified> Certify(const Store& store, const FoundRun& run,
                                  const CertifyOptions& options) {
  const int64_t steps = run.result.steps();
  if (steps < 2) {
    return absl::FailedPreconditionError(
        absl::StrCat("run ", ShownId(run.id), " trained ", steps,
                     " steps, and a kill in the middle needs 2"));
  }
  Certified certified;
  certified.directory = store.CertifyDir(run.id, run.result.code());
  TRANSECT_RETURN_IF_ERROR(MakeDirs(certified.directory));
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Lease> lease,
                            Lease::TryTake(certified.directory));
  Repeater repeater(store, run, options);
  TRANSECT_RETURN_IF_ERROR(repeater.Prepare());
  Certificate& certificate = certified.certificate;
  for (const bool kill : {false, true}) {
    const std::string name = kill ? kOverAKill : kFromNothing;
    const std::string dir =
        absl::StrCat(certified.directory, kill ? "/killed" : "/from_nothing");
    options.tell(absl::StrCat(name, ": ", steps, " steps"));
    const auto start = std::chrono::steady_clock::now();
    if (kill) {
      TRANSECT_ASSIGN_OR_RETURN(certified.signal,
                                TrainOverAKill(repeater, steps, dir));
    } else {
      TRANSECT_RETURN_IF_ERROR(EmptyDirectory(dir));
      TRANSECT_ASSIGN_OR_RETURN(const Execution execution,
                                repeater.Train(name, dir, 0, nullptr));
      certified.signal = execution.signal;
      if (execution.signal == 0) {
        TRANSECT_RETURN_IF_ERROR(EndOf(name, execution));
      }
    }
    if (certified.signal != 0) break;
    Repetition* const repetition = certificate.add_repetition();
    repetition->set_seconds(SecondsSince(start));
    if (kill) AddKill(dir, repetition);
    TRANSECT_RETURN_IF_ERROR(
        Compare(name, run, dir, repetition, &certified.differences));
    if (!kill) {
      TRANSECT_ASSIGN_OR_RETURN(const Result result,
                                ReadTextproto<Result>(ResultPath(dir)));
      *certificate.mutable_machine() = result.machine();
    }
  }
  std::error_code ignored;
  if (certified.differences.empty()) {
    std::filesystem::remove_all(certified.directory, ignored);
  }
  if (certified.signal != 0) return certified;
  if (!certified.differences.empty()) {
    std::filesystem::remove(CertificatePath(run.dir), ignored);
    return certified;
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string result,
                            ReadFile(ResultPath(run.dir)));
  certificate.set_id(run.id);
  certificate.set_code(run.result.code());
  certificate.set_result_sha256(Sha256(result));
  certificate.set_user(options.provenance.user());
  certificate.set_host(options.provenance.host());
  certificate.set_unix_us(absl::ToUnixMicros(absl::Now()));
  TRANSECT_RETURN_IF_ERROR(
      WriteTextprotoAtomic(CertificatePath(run.dir), certificate));
  return certified;
}

}  // namespace transect
