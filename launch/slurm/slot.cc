#include "launch/slurm/slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "launch/execute/attempt.h"
#include "launch/execute/execution.h"
#include "launch/execute/gpu_leases.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/ranks.h"
#include "launch/execute/signal_watch.h"
#include "launch/execute/throughput_recorder.h"
#include "launch/inputs/gpus.h"
#include "launch/inputs/resources.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/ledger_observer.h"
#include "launch/plan/plan.h"
#include "launch/slurm/program.h"
#include "launch/slurm/srun_ranks.h"
#include "launch/slurm/staged.h"
#include "launch/slurm/sweep.h"
#include "launch/slurm/sweep_jobs.h"
#include "launch/store/bundle.h"
#include "launch/store/claim.h"
#include "launch/store/machine.h"
#include "launch/store/result.pb.h"
#include "launch/store/throughput.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Between two looks at what another slot has: leases on a file server cost it.
constexpr std::chrono::seconds kLookEvery{2};
// Longer than a lease holds without a sign of life, so that what a dead slot
// had is taken up.
constexpr std::chrono::seconds kPatience{10};

// A line for each event, with its time.
class SlotLog : public ExecutionObserver {
 public:
  explicit SlotLog(const Plan& plan) : plan_(plan) {}

  void OnStart(int job, absl::string_view attempt_dir) override {
    started_ = true;
    Line("start", job, attempt_dir);
  }
  void OnElsewhere(int job, absl::string_view holder) override {
    Line("elsewhere", job, holder);
  }
  void OnWait(int job, absl::string_view why) override {
    Line("waits", job, why);
  }
  void OnAgain(int job, absl::string_view why) override {
    Line("again", job, why);
  }
  void OnEnd(int job, const JobEnd& end) override {
    switch (end.kind) {
      case JobEnd::kDone:
        return Line("done", job, absl::StrCat(end.seconds, " s"));
      case JobEnd::kDoneElse:
        return Line("done elsewhere", job, "");
      case JobEnd::kInterrupted:
        return Line("stopped", job, end.cause);
      case JobEnd::kFailed:
      case JobEnd::kBlocked:
      case JobEnd::kOpen:
        break;
    }
    Line("FAILED", job, absl::StrCat(end.cause, "  ", end.log));
  }
  void OnInterrupt(int) override {
    printf("%s told to stop: ranks write their checkpoints\n", Now().c_str());
    fflush(stdout);
  }
  void OnTick(SteadyTime) override {}

  // Whether an attempt was.
  bool started() const { return started_; }

 private:
  static std::string Now() {
    return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::Now(),
                            absl::LocalTimeZone());
  }
  void Line(const char* word, int job, absl::string_view detail) {
    printf("%s %s  %s %s  %s\n", Now().c_str(), word,
           ShownId(plan_.jobs[job].id).c_str(), plan_.jobs[job].name.c_str(),
           std::string(detail).c_str());
    fflush(stdout);
  }

  const Plan& plan_;
  bool started_ = false;
};

// What the allocation has: the GPUs of this node, and as many on the others.
Resources ResourcesOf(const SweepGroup& group, const Site& site) {
  Resources resources;
  resources.processors =
      group.nodes() * group.ranks_per_node() * group.processors_per_rank();
  if (group.gpus_per_node() == 0) return resources;
  Site any;
  any.set_gpu_memory_bytes(site.gpu_memory_bytes());
  const Resources here = FindResources(any);
  resources.gpu_memory_bytes = here.gpu_memory_bytes;
  resources.gpu_origin = here.gpu_origin;
  const size_t usable =
      std::min(here.gpus.size(), static_cast<size_t>(group.gpus_per_node()));
  for (int node = 0; node < group.nodes(); ++node) {
    for (size_t i = 0; i < usable; ++i) {
      Gpu gpu = here.gpus[i];
      if (node > 0) gpu.key = absl::StrCat("node", node, "-", gpu.key);
      resources.gpus.push_back(std::move(gpu));
    }
  }
  return resources;
}

Provenance ProvenanceOf(const Sweep& sweep) {
  Provenance provenance = sweep.provenance();
  provenance.set_host(HostName());
  *provenance.mutable_machine() = DescribeMachine(/*gpus=*/true);
  provenance.set_experiment(sweep.experiment());
  return provenance;
}

// `sources` must outlive what is returned.
ExecutorOptions OptionsOf(const Store& store, const Sweep& sweep,
                          const SweepGroup& group, const Resources& resources,
                          const Provenance& provenance,
                          const std::vector<SweepJob>& sources) {
  ExecutorOptions executor;
  executor.worker = sweep.worker();
  executor.check_worker = [&store, &sweep] {
    return CheckBundle(store, sweep.code());
  };
  executor.jobs = 1;
  executor.resources = resources;
  executor.provenance = provenance;
  executor.look_every = kLookEvery;
  executor.second_signal_kills = false;
  for (const SweepJob& source : sources) {
    executor.attempts_before.push_back(source.last_attempt());
  }
  // The slot has one job at a time, so what its ranks copy is that of the last
  // one that was described.
  const auto staged = std::make_shared<Staged>();
  executor.describe = [&store, &sweep, &sources, staged](int job) {
    const SweepJob& record = sources[job];
    AttemptSpec spec;
    spec.plan = record.launch();
    *staged = StageFor(store, sweep, record, &spec.plan);
    spec.job_dir = record.dir();
    spec.threads = record.threads();
    spec.nodes = record.nodes();
    spec.spec_text = record.spec_text();
    spec.inputs = record.inputs();
    return spec;
  };
  executor.start_ranks = [&store, &sweep, &group,
                          staged](const RanksSpec& ranks) {
    SrunOptions srun;
    srun.program = ProgramPath(store, sweep.program());
    srun.site = sweep.site().slurm();
    srun.processors = group.processors_per_rank();
    srun.stage = staged->pairs;
    srun.worker = staged->worker;
    return StartSrunRanks(srun, ranks);
  };
  return executor;
}

// Runs of the group that one execution is given: their descriptions are in
// memory together.
constexpr size_t kWindow = kJobsOfAFrame;
// Runs of others that a slot without work watches, in case their slot is dead.
constexpr size_t kWatched = 8;

std::string Variable(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? "" : value;
}

// A slot's work on its group.
class Slot {
 public:
  Slot(const Store& store, const Sweep& sweep, const SlotOptions& options,
       SweepJobsReader jobs)
      : store_(store),
        sweep_(sweep),
        group_(sweep.group(options.group)),
        jobs_(std::move(jobs)),
        resources_(ResourcesOf(group_, sweep.site())),
        provenance_(ProvenanceOf(sweep)),
        machine_(ThisMachine()),
        ledger_(store, StartOf(sweep)) {}

  // The runs that are this slot's own come first, so that slots do not meet:
  // of S slots the k-th has every S-th run from the k-th on, which also keeps
  // the order of the plan. Then what others have not begun.
  absl::Status Work(const std::vector<int>& runs) {
    SignalWatch signals;  // Held between executions too.
    const size_t slots = std::max(1, group_.slots());
    size_t own = 0;
    if (absl::SimpleAtoi(Variable("SLURM_ARRAY_TASK_ID"), &own)) own %= slots;
    std::vector<int> first, left;
    for (size_t i = 0; i < runs.size(); ++i) {
      (i % slots == own ? first : left).push_back(runs[i]);
    }
    TRANSECT_RETURN_IF_ERROR(WorkOn(first, std::chrono::seconds(0)).status());
    bool worked = true;
    while (worked && MayGoOn()) {
      left = NotDone(runs);
      TRANSECT_ASSIGN_OR_RETURN(worked, WorkOn(left, std::chrono::seconds(0)));
      if (worked || !MayGoOn()) continue;
      // What others have now: longer than a lease holds without a sign of life.
      left = NotDone(runs);
      std::ranges::rotate(
          left, left.begin() + static_cast<std::ptrdiff_t>(
                                   left.empty() ? 0 : own % left.size()));
      left.resize(std::min(left.size(), kWatched));
      TRANSECT_ASSIGN_OR_RETURN(
          worked,
          WorkOn(left, std::chrono::seconds(LeaseSeconds()) + kPatience));
    }
    if (signal_ != 0 && !NotDone(runs).empty()) open_ = true;
    return absl::OkStatus();
  }

  int exit_code() const {
    if (signal_ != 0 && open_) return ExitCode::CHECKPOINTED;
    return failed_ ? 2 : 0;
  }
  const absl::Status& launcher_error() const { return launcher_error_; }

 private:
  static LedgerStart StartOf(const Sweep& sweep) {
    LedgerStart start;
    start.set_kind(LedgerStart::SLOT);
    start.set_experiment(sweep.experiment());
    start.set_code(sweep.code());
    const std::string array = Variable("SLURM_ARRAY_JOB_ID");
    start.set_number(
        array.empty()
            ? Variable("SLURM_JOB_ID")
            : absl::StrCat(array, "_", Variable("SLURM_ARRAY_TASK_ID")));
    start.set_nodes(Variable("SLURM_JOB_NODELIST"));
    return start;
  }

  bool MayGoOn() const { return signal_ == 0 && launcher_error_.ok(); }

  // The runs less those that ended here or are done, as far as the ledgers say:
  // the launcher that follows sees what they do not.
  std::vector<int> NotDone(const std::vector<int>& runs) const {
    std::set<std::string> done;
    if (const absl::StatusOr<Ledger> ledger =
            ReadLedger(store_, sweep_.experiment());
        ledger.ok()) {
      for (const LedgerEntry& entry : ledger->entries) {
        if (entry.event.kind() != LedgerEvent::DONE) continue;
        done.insert(entry.event.run().begin(), entry.event.run().end());
      }
    }
    std::vector<int> left;
    for (const int run : runs) {
      if (!ended_.contains(run) && !done.contains(sweep_.job(run).id())) {
        left.push_back(run);
      }
    }
    return left;
  }

  // Works on `runs`, and leaves those that others have for so long; returns
  // whether anything was started.
  absl::StatusOr<bool> WorkOn(const std::vector<int>& runs,
                              std::chrono::milliseconds leave_after) {
    bool worked = false;
    for (size_t i = 0; i < runs.size() && MayGoOn(); i += kWindow) {
      const auto window = absl::MakeConstSpan(runs).subspan(i, kWindow);
      TRANSECT_ASSIGN_OR_RETURN(const bool started,
                                WorkOnWindow(window, leave_after));
      worked = worked || started;
    }
    return worked;
  }

  absl::StatusOr<bool> WorkOnWindow(absl::Span<const int> runs,
                                    std::chrono::milliseconds leave_after) {
    std::vector<SweepJob> sources;
    TRANSECT_ASSIGN_OR_RETURN(Plan plan,
                              PlanOfSweep(sweep_, &jobs_, runs, &sources));
    ExecutorOptions executor =
        OptionsOf(store_, sweep_, group_, resources_, provenance_, sources);
    executor.leave_after = leave_after;
    SlotLog log(plan);
    LedgerObserver ledger(
        plan, &ledger_, sweep_.site().slurm().requeue(),
        [](const absl::Status& problem) {
          printf("%s\n", std::string(problem.message()).c_str());
        },
        &log);
    ThroughputRecorder recorder(plan, store_, machine_, &ledger);
    const Execution execution =
        ExecuteLocally(executor, store_, &plan, &recorder);
    signal_ = execution.signal;
    launcher_error_ = execution.launcher_error;
    open_ = false;
    for (size_t i = 0; i < execution.ends.size(); ++i) {
      const JobEnd::Kind kind = execution.ends[i].kind;
      open_ = open_ || kind == JobEnd::kOpen || kind == JobEnd::kInterrupted;
      failed_ = failed_ || kind == JobEnd::kFailed || kind == JobEnd::kBlocked;
      const int run = static_cast<int>(i) - plan.first_run;
      if (run >= 0 && kind != JobEnd::kOpen) ended_.insert(runs[run]);
    }
    return log.started();
  }

  const Store& store_;
  const Sweep& sweep_;
  const SweepGroup& group_;
  SweepJobsReader jobs_;
  const Resources resources_;
  const Provenance provenance_;
  const Machine machine_;
  LedgerWriter ledger_;
  // Indices of runs.
  std::set<int> ended_;
  int signal_ = 0;
  bool open_ = false;
  bool failed_ = false;
  absl::Status launcher_error_;
};

}  // namespace

absl::StatusOr<int> RunSlot(const Store& store, const SlotOptions& options) {
  if (getenv("SLURM_JOB_ID") == nullptr) {
    return absl::FailedPreconditionError(
        "`transect slot` is started by Slurm's jobs; `transect run SPEC "
        "--executor slurm` submits them");
  }
  TRANSECT_ASSIGN_OR_RETURN(const Sweep sweep, ReadSweep(store, options.sweep));
  SetLeaseSeconds(sweep.site().lease_seconds());
  if (!sweep.site().group().empty()) umask(0002);
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<int> runs,
                            RunsOfGroup(sweep, options.group, options.run));
  TRANSECT_ASSIGN_OR_RETURN(SweepJobsReader jobs,
                            SweepJobsReader::Read(store, sweep));
  Slot slot(store, sweep, options, std::move(jobs));
  TRANSECT_RETURN_IF_ERROR(slot.Work(runs));
  if (!slot.launcher_error().ok()) {
    printf("%s\n", std::string(slot.launcher_error().message()).c_str());
    return 1;
  }
  return slot.exit_code();
}

}  // namespace transect
