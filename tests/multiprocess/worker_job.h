// Real worker processes on a small synthetic data set, started as the launcher
// starts them.
#ifndef TRANSECT_TESTS_MULTIPROCESS_WORKER_JOB_H_
#define TRANSECT_TESTS_MULTIPROCESS_WORKER_JOB_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiments/experiment.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"
#include "metrics/training_series.h"

namespace transect {

// Path of the worker among the test's runfiles.
std::string WorkerPath();

// One attempt of one job in a directory of its own.
class Job {
 public:
  explicit Job(const std::string& name);

  LaunchPlan& plan() { return plan_; }
  const LaunchPlan& plan() const { return plan_; }
  std::string job_dir() const { return plan_.job_dir(); }
  // Of a job that trains.
  RunSpec& run() { return *plan_.mutable_train()->mutable_run(); }
  TrainingSpec& training() { return *run().mutable_training(); }

  void NextAttempt();

  // Evaluates these splits at the end and no others.
  void EvaluateOn(const std::vector<std::string>& splits);
  // Directory of the evaluation of a split.
  std::string EvaluationOf(const std::string& split) const;

  // Starts all ranks, as the launcher does; the command of each after
  // `prefixes` of it.
  void Start(const std::vector<std::vector<std::string>>& prefixes = {});
  pid_t pid(int rank) const { return pids_[rank]; }
  void Signal(int rank, int signal_number);
  // Waits for a rank: its exit code, or minus the signal that ended it.
  int Wait(int rank);
  // Starts all ranks and waits: the exit codes by rank.
  std::vector<int> Run();

  // What a rank wrote to stdout and stderr, and the last line of it.
  std::string Output(int rank) const;
  std::string LastLine(int rank) const;
  // Of the metric log of a rank: of the training, of an evaluation.
  std::vector<MetricRecord> Records(int rank) const;
  std::vector<MetricRecord> Records(int rank, const std::string& split) const;
  // Of rank 0; events of the training, then of the evaluations.
  std::vector<TrainStep> TrainSteps() const;
  // Of all attempts up to this one.
  TrainingSeries Series() const;
  std::vector<std::string> Events() const;
  // Of all ranks and splits, by id; each must occur once.
  std::map<int64_t, EvalItem> EvalItems() const;
  // The bytes of the file of weights, and of each tensor in it.
  std::string Weights() const;
  std::map<std::string, std::string> Tensors() const;
  ResultCheck Check() const;

 private:
  LaunchPlan plan_;
  std::vector<pid_t> pids_;
};

// The data set and the tokenizer, made by the worker once in a process.
struct Inputs {
  Job data{"inputs_data"};
  Job tokenizer{"inputs_tokenizer"};
};
const Inputs& GetInputs();

// A job that trains SmallRun on `ranks` ranks and evaluates val.
Job TrainingJob(const std::string& name, int ranks = 1);

// Records of steps without what depends on the clock, as bytes and not digits:
// equal ones are the same bits.
std::vector<std::string> TimelessSteps(const TrainingSeries& series);

// Waits until rank 0 has logged `step`.
void AwaitStep(const Job& job, int64_t step);

}  // namespace transect

#endif  // TRANSECT_TESTS_MULTIPROCESS_WORKER_JOB_H_
