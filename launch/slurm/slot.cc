#include "launch/slurm/slot.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "launch/execute/attempt.h"
#include "launch/execute/execution.h"
#include "launch/execute/gpu_leases.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/ranks.h"
#include "launch/execute/throughput_recorder.h"
#include "launch/inputs/gpus.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/slurm/program.h"
#include "launch/slurm/srun_ranks.h"
#include "launch/slurm/staged.h"
#include "launch/slurm/sweep.h"
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

ExecutorOptions OptionsOf(const Store& store, const Sweep& sweep,
                          const SweepGroup& group,
                          const std::vector<int>& sources) {
  ExecutorOptions executor;
  executor.worker = sweep.worker();
  executor.check_worker = [&store, &sweep] {
    return CheckBundle(store, sweep.code());
  };
  executor.jobs = 1;
  executor.resources = ResourcesOf(group, sweep.site());
  executor.provenance = sweep.provenance();
  executor.provenance.set_host(HostName());
  *executor.provenance.mutable_machine() = DescribeMachine(/*gpus=*/true);
  executor.provenance.set_experiment(sweep.experiment());
  executor.look_every = kLookEvery;
  executor.leave_after = std::chrono::seconds(LeaseSeconds()) + kPatience;
  executor.second_signal_kills = false;
  for (const int source : sources) {
    executor.attempts_before.push_back(sweep.job(source).last_attempt());
  }
  // The slot has one job at a time, so what its ranks copy is that of the last
  // one that was described.
  const auto staged = std::make_shared<Staged>();
  executor.describe = [&store, &sweep, sources, staged](int job) {
    const SweepJob& record = sweep.job(sources[job]);
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
  std::vector<int> sources;
  TRANSECT_ASSIGN_OR_RETURN(
      Plan plan, PlanOfSweep(sweep, options.group, options.run, &sources));
  const ExecutorOptions executor =
      OptionsOf(store, sweep, sweep.group(options.group), sources);
  SlotLog log(plan);
  const Machine machine = ThisMachine();
  ThroughputRecorder recorder(plan, store, machine, &log);
  const Execution execution = ExecuteLocally(executor, store, &plan, &recorder);
  if (!execution.launcher_error.ok()) {
    printf("%s\n", std::string(execution.launcher_error.message()).c_str());
    return 1;
  }
  const auto any = [&](auto is) {
    return std::ranges::any_of(execution.ends, is);
  };
  if (execution.signal != 0 && any([](const JobEnd& end) {
        return end.kind == JobEnd::kOpen || end.kind == JobEnd::kInterrupted;
      })) {
    return ExitCode::CHECKPOINTED;
  }
  return any([](const JobEnd& end) {
    return end.kind == JobEnd::kFailed || end.kind == JobEnd::kBlocked;
  })
             ? 2
             : 0;
}

}  // namespace transect
