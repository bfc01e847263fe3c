#include "launch/watch/watched_run.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/inputs/for_each.h"
#include "launch/store/cancel.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/watch/certificate.h"
#include "metrics/log_end.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

WatchState::Value StateOf(JobState state) {
  switch (state) {
    case JobState::kNew:
      return WatchState::NEW;
    case JobState::kTrained:
      return WatchState::TRAINED;
    case JobState::kDone:
      return WatchState::DONE;
    case JobState::kStale:
      return WatchState::STALE;
    case JobState::kOlder:
      return WatchState::OLDER_SCHEME;
    case JobState::kFailed:
      return WatchState::FAILED;
    case JobState::kRunning:
      return WatchState::RUNNING;
    case JobState::kCorrupt:
      return WatchState::CORRUPT;
    case JobState::kPending:
      return WatchState::PENDING;
  }
  return WatchState::UNSPECIFIED;
}

WatchState::Value StateOf(ListedState::Value state) {
  switch (state) {
    case ListedState::DONE:
      return WatchState::DONE;
    case ListedState::TRAINED:
      return WatchState::TRAINED;
    case ListedState::RUNNING:
      return WatchState::RUNNING;
    case ListedState::FAILED:
      return WatchState::FAILED;
    case ListedState::INTERRUPTED:
      return WatchState::STOPPED;
    case ListedState::CORRUPT:
      return WatchState::CORRUPT;
    case ListedState::OLDER_SCHEME:
      return WatchState::OLDER_SCHEME;
    default:
      return WatchState::UNSPECIFIED;
  }
}

// How far an attempt of a training has come.
void ReadTrainingLog(const std::string& attempt_dir, WatchedRun* run) {
  // A log that cannot be read shows no progress; the run is judged by its
  // result.
  const absl::StatusOr<LogEnd> end =
      ReadLogEnd(RankMetricsPath(attempt_dir, 0));
  if (!end.ok()) return;
  if (end->train_step.has_value()) {
    const TrainStep& step = *end->train_step;
    run->set_activity("step");
    run->set_done(step.step());
    run->set_total(step.steps());
    run->set_loss(step.loss());
    if (run->state() == WatchState::RUNNING && step.step_seconds() > 0) {
      run->set_seconds_left(static_cast<double>(step.steps() - step.step()) *
                            step.step_seconds());
    }
  }
  if (end->progress.has_value() && end->progress_is_newer &&
      run->state() == WatchState::RUNNING) {
    run->set_activity(end->progress->what());
    run->set_done(end->progress->done());
    run->set_total(end->progress->total());
    run->clear_seconds_left();
  }
  if (end->validation.has_value() && !run->has_giou()) {
    run->set_giou(end->validation->giou());
    run->set_split(end->validation->split());
    run->set_validated_step(end->validation->step());
  }
}

// How far the attempt has come with what it evaluates: the log that is not full
// yet.
void ReadEvaluationLogs(const std::string& run_dir, int attempt,
                        WatchedRun* run) {
  for (const std::string& name : EvaluationNames(run_dir)) {
    const std::string dir = absl::StrCat(EvaluationsDir(run_dir), "/", name);
    if (FileExists(ResultPath(dir))) continue;
    const absl::StatusOr<LogEnd> end =
        ReadLogEnd(RankMetricsPath(AttemptDir(dir, attempt), 0));
    if (!end.ok() || !end->progress.has_value()) continue;
    run->set_activity(name.substr(0, name.find('-')));
    run->set_done(end->progress->done());
    run->set_total(end->progress->total());
    run->clear_seconds_left();
  }
}

// What is not known from the plan or the listing: attempts, progress, where.
void ReadAttempts(WatchedRun* run) {
  const std::vector<int> attempts = Attempts(run->directory());
  if (run->state() != WatchState::DONE && run->state() != WatchState::RUNNING) {
    if (std::string why = CancelText(run->directory()); !why.empty()) {
      run->set_state(WatchState::CANCELLED);
      run->set_note(std::move(why));
    }
  }
  if (attempts.empty()) return;
  run->set_restarts(static_cast<int32_t>(attempts.size()) - 1);
  const std::string last = AttemptDir(run->directory(), attempts.back());
  if (run->start_unix_us() == 0) {
    if (const absl::StatusOr<Provenance> provenance =
            ReadTextproto<Provenance>(ProvenancePath(last));
        provenance.ok()) {
      run->set_node(provenance->host());
      run->set_start_unix_us(provenance->start_unix_us());
    }
  }
  if (run->state() == WatchState::DONE) {
    run->set_certified(IsCertified(run->directory()));
    return;
  }
  if (run->state() == WatchState::NEW) run->set_state(WatchState::STOPPED);
  ReadTrainingLog(last, run);
  if (run->state() == WatchState::RUNNING) {
    ReadEvaluationLogs(run->directory(), attempts.back(), run);
  }
}

// The result of the first split that the job evaluates.
void ReadScore(const Job& job, WatchedRun* run) {
  if (job.launch.train().evaluation().empty()) return;
  const EvaluateJob& first = job.launch.train().evaluation(0);
  const absl::StatusOr<Result> result = ReadTextproto<Result>(
      ResultPath(EvaluationDir(job.dir, first.split(), first.id())));
  if (!result.ok() || !result->has_giou()) return;
  run->set_giou(result->giou());
  run->set_split(first.split());
}

// By run of the expansion, the run of the first base that a table compares it
// with; -1 for none.
std::vector<int> BasesOf(const Expansion& expansion) {
  std::vector<int> bases(expansion.runs.size(), -1);
  for (const DesignCells& design : expansion.designs) {
    const auto base = std::ranges::find_if(design.cells, &Cell::is_base);
    if (base == design.cells.end()) continue;
    for (const Cell& cell : design.cells) {
      for (size_t seed = 0; seed < cell.runs.size(); ++seed) {
        int& of = bases[cell.runs[seed]];
        if (of < 0) of = base->runs[seed];
      }
    }
  }
  return bases;
}

// By run of the expansion, the label of its first row.
std::vector<std::string> LabelsOf(const Expansion& expansion) {
  std::vector<std::string> labels(expansion.runs.size());
  for (const DesignCells& design : expansion.designs) {
    for (const Cell& cell : design.cells) {
      for (const int run : cell.runs) {
        if (labels[run].empty()) labels[run] = cell.label;
      }
    }
  }
  return labels;
}

// Differences to the base with the same seed, of results on one split. `runs`
// are those of the numbers that they carry.
void AddDeltas(const Expansion& expansion, std::vector<WatchedRun>* runs) {
  const std::vector<int> bases = BasesOf(expansion);
  std::map<int, const WatchedRun*> by_number;
  for (const WatchedRun& run : *runs) by_number[run.number()] = &run;
  for (WatchedRun& run : *runs) {
    const int base = bases[run.number() - 1];
    run.set_is_base(base == run.number() - 1);
    const auto found = by_number.find(base + 1);
    if (base < 0 || run.is_base() || found == by_number.end()) continue;
    const WatchedRun& other = *found->second;
    if (run.has_giou() && other.has_giou() && run.validated_step() == 0 &&
        other.validated_step() == 0 && run.split() == other.split()) {
      run.set_delta(run.giou() - other.giou());
    }
  }
}

// Of what was evaluated on the run's own data val, else test, else train.
void AddScore(const ListedRun& listed, WatchedRun* run) {
  for (const char* split : {"train", "test", "val"}) {
    for (const ListedEvaluation& evaluation : listed.evaluations()) {
      if (!evaluation.data().empty() || !evaluation.has_giou() ||
          evaluation.split() != split) {
        continue;
      }
      run->set_giou(evaluation.giou());
      run->set_split(split);
    }
  }
}

// What ledgers and Slurm add to what the files say.
void AddStatus(const RunStatus& status, WatchedRun* run) {
  if (!status.node.empty()) run->set_node(status.node);
  switch (run->state()) {
    case WatchState::NEW:
    case WatchState::STOPPED:
    case WatchState::TRAINED:
      break;
    case WatchState::RUNNING:
      run->set_job(status.job);
      return;
    default:
      return;
  }
  switch (status.state) {
    case RunState::kSubmitted:
      run->set_state(WatchState::SUBMITTED);
      break;
    case RunState::kQueued:
      run->set_state(WatchState::QUEUED);
      break;
    case RunState::kRequeued:
      run->set_state(WatchState::REQUEUED);
      break;
    case RunState::kLost:
      run->set_state(WatchState::LOST);
      break;
    case RunState::kUnknown:
      run->set_state(WatchState::UNKNOWN);
      break;
    default:
      return;
  }
  run->set_job(status.job);
  run->set_estimated_start(status.estimated_start);
  if (!status.reason.empty()) run->set_note(status.reason);
}

}  // namespace

std::vector<WatchedRun> WatchPlan(const Plan& plan,
                                  absl::Span<const RunStatus> states) {
  const std::vector<std::string> labels = LabelsOf(plan.expansion);
  std::vector<WatchedRun> runs;
  std::vector<const Job*> jobs;
  for (size_t i = 0; i < plan.Runs().size(); ++i) {
    const Job& job = plan.Runs()[i];
    if (!job.selected) continue;
    jobs.push_back(&job);
    WatchedRun& run = runs.emplace_back();
    run.set_number(static_cast<int32_t>(i) + 1);
    run.set_id(job.id);
    run.set_code(plan.code.empty() ? "" : ShownCode(plan.code));
    run.set_name(job.name);
    run.set_experiment(plan.expansion.name);
    run.set_cell(labels[i]);
    run.set_state(StateOf(job.state));
    run.set_note(job.note);
    run.set_directory(job.dir);
    run.set_total(job.launch.train().run().training().steps());
    if (job.state == JobState::kDone || job.state == JobState::kTrained) {
      run.set_activity("step");
      run.set_done(job.result.steps());
      run.set_total(job.result.steps());
    }
  }
  ForEachAtOnce(static_cast<int>(runs.size()), [&](int i) {
    if (runs[i].state() == WatchState::DONE) ReadScore(*jobs[i], &runs[i]);
    if (!runs[i].directory().empty()) ReadAttempts(&runs[i]);
    const auto index = static_cast<size_t>(runs[i].number()) - 1;
    if (index < states.size()) AddStatus(states[index], &runs[i]);
  });
  AddDeltas(plan.expansion, &runs);
  return runs;
}

std::vector<WatchedRun> WatchListing(const StoreListing& listing) {
  std::vector<WatchedRun> runs;
  for (const ListedRun& listed : listing.runs()) {
    WatchedRun& run = runs.emplace_back();
    run.set_id(listed.id());
    run.set_code(listed.code());
    run.set_name(listed.name());
    run.set_experiment(listed.experiment());
    run.set_state(StateOf(listed.state()));
    run.set_note(listed.note());
    run.set_directory(listed.directory());
    run.set_node(listed.host());
    run.set_start_unix_us(listed.start_unix_us());
    if (listed.steps() > 0) {
      run.set_activity("step");
      run.set_done(listed.steps());
      run.set_total(listed.steps());
    }
    AddScore(listed, &run);
  }
  ForEachAtOnce(static_cast<int>(runs.size()),
                [&](int i) { ReadAttempts(&runs[i]); });
  return runs;
}

std::string WatchStateName(WatchState::Value state) {
  return absl::StrReplaceAll(
      absl::AsciiStrToLower(WatchState::Value_Name(state)), {{"_", " "}});
}

bool IsUnderWay(WatchState::Value state) {
  switch (state) {
    case WatchState::SUBMITTED:
    case WatchState::QUEUED:
    case WatchState::RUNNING:
    case WatchState::REQUEUED:
      return true;
    default:
      return false;
  }
}

bool IsOver(WatchState::Value state) {
  switch (state) {
    case WatchState::DONE:
    case WatchState::FAILED:
    case WatchState::CANCELLED:
    case WatchState::CORRUPT:
    case WatchState::STALE:
    case WatchState::OLDER_SCHEME:
      return true;
    default:
      return false;
  }
}

}  // namespace transect
