#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "launch/cli/commands.h"
#include "launch/cli/session.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/process.h"
#include "launch/execute/progress.h"
#include "launch/execute/throughput_recorder.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_text.h"
#include "launch/store/bundle.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "third_party/absl_polyfill/status_macros.h"
#include "tools/build_info/build_info.h"

namespace transect {
namespace {

Provenance MakeProvenance(const CommandContext& context,
                          const BuiltWorker& worker) {
  const BuildInfo build = GetBuildInfo();
  Provenance provenance;
  provenance.set_commit(build.commit);
  provenance.set_dirty(build.dirty);
  char text[256] = "";
  if (gethostname(text, sizeof(text) - 1) == 0) {
    provenance.set_host(text);
  }
  if (const char* user = getenv("USER"); user != nullptr) {
    provenance.set_user(user);
  }
  for (const std::string& word : context.argv) {
    provenance.add_argv(word);
  }
  provenance.set_versions(worker.versions);
  return provenance;
}

// The plan with all found inputs hashed. Problems that can be seen without
// hashing come before anything is made.
absl::StatusOr<Plan> MakeRunPlan(const std::vector<std::string>& selectors,
                                 Session* session) {
  TRANSECT_ASSIGN_OR_RETURN(Plan plan, PlanWithoutHashing(*session, selectors));
  for (const FoundInput& input : plan.found) {
    TRANSECT_RETURN_IF_ERROR(input.problem);
  }
  TRANSECT_RETURN_IF_ERROR(session->worker.status());
  TRANSECT_ASSIGN_OR_RETURN(session->store,
                            Store::OpenOrCreate(session->store.root()));
  if (plan.found.empty()) {
    return plan;
  }
  std::string last;
  const HashProgress progress = [&last](const FoundInput& input, int64_t done,
                                        int64_t total) {
    const std::string text =
        absl::StrFormat("hashing %s '%s': %d %%\n", KindName(input.kind),
                        input.role, total > 0 ? 100 * done / total : 100);
    if (text != last) Tell(text);
    last = text;
  };
  TRANSECT_ASSIGN_OR_RETURN(
      plan, MakePlan(session->experiment, session->store, session->site,
                     session->code, &progress, session->accepted_codes));
  TRANSECT_RETURN_IF_ERROR(SelectRuns(selectors, &plan));
  return plan;
}

#ifdef TRANSECT_CUDA
constexpr bool kBuiltWithCuda = true;
#else
constexpr bool kBuiltWithCuda = false;
#endif

// The worker is built as this program is, so what cannot start is refused
// before anything starts.
absl::Status CheckDevices(const Plan& plan) {
  int on_gpu = 0;
  for (const Job& job : plan.jobs) {
    const RunSpec& run = job.launch.train().run();
    on_gpu += job.wanted && job.launch.has_train() &&
              run.training().device() == TrainingSpec::CUDA;
  }
  if (on_gpu == 0 || kBuiltWithCuda) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "training.device is CUDA in ", on_gpu, on_gpu == 1 ? " job" : " jobs",
      " to start, but this transect was built without --config=cuda; "
      "`bazel run --config=cuda //:transect -- run ...` builds it with"));
}

// Tells about runs that are neither done nor to do; returns how many.
int TellCorrupt(const Plan& plan) {
  int corrupt = 0;
  for (const Job& job : plan.jobs) {
    if (job.selected && job.state == JobState::kCorrupt) {
      ++corrupt;
      Tell(absl::StrCat("CORRUPT ", ShownId(job.id), "  ", job.name, ": ",
                        job.note, "\n"));
    }
  }
  return corrupt;
}

// What was done to the sentences of the finished runs.
void TellTruncated(const Plan& plan) {
  for (const Job& job : plan.jobs) {
    if (job.kind != Job::Kind::kRun || job.dir.empty()) continue;
    const ResultCheck check = CheckResult(job.dir, job.id, plan.code);
    if (check.state != ResultCheck::kValid ||
        check.result.truncated_sentences() == 0) {
      continue;
    }
    Tell(absl::StrCat("NOTE ", ShownId(job.id), "  ", job.name, ": ",
                      check.result.truncated_sentences(),
                      " sentences were longer than ",
                      job.launch.train().run().tokenizer().max_tokens(),
                      " tokens and were cut\n"));
  }
}

absl::StatusOr<Execution> Execute(const CommandContext& context,
                                  const RunOptions& options,
                                  const Session& session, Plan* plan) {
  ExecutorOptions executor;
  TRANSECT_ASSIGN_OR_RETURN(
      executor.worker,
      InstallBundle(*session.worker, session.code, session.store));
  executor.jobs = options.jobs;
  executor.processors = static_cast<int>(std::thread::hardware_concurrency());
  executor.provenance = MakeProvenance(context, *session.worker);
  ProgressStyle style;
  style.descriptor = STDERR_FILENO;
  style.color = UseColor(context, STDERR_FILENO);
  style.bars = style.color && TerminalWidth(STDERR_FILENO) > 0;
  style.width = TerminalWidth(STDERR_FILENO);
  // A sweep goes on when whoever watched it has gone away (`| head`).
  signal(SIGPIPE, SIG_IGN);
  ProgressView view(*plan, CommandText(context, "run", options.spec), style);
  const Machine machine = ThisMachine();
  ThroughputRecorder recorder(*plan, session.store, machine, &view);
  Execution execution =
      ExecuteLocally(executor, session.store, plan, &recorder);
  view.Finish();
  return execution;
}

// Prints the report and keeps it as Markdown in the store.
absl::StatusOr<int> Report(const CommandContext& context,
                           const Session& session, const Plan& plan) {
  TRANSECT_ASSIGN_OR_RETURN(const RenderedReport report,
                            MakeReport(context, session, plan));
  TRANSECT_RETURN_IF_ERROR(PrintOut(report.text));
  const std::string path = session.store.ReportPath(plan.expansion.name);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(path.substr(0, path.find_last_of('/'))));
  TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(path, report.markdown));
  Tell(absl::StrCat("\nas Markdown: ", path, "\n"));
  return report.exit_code;
}

}  // namespace

absl::StatusOr<int> RunCommand(const CommandContext& context,
                               const RunOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(Session session,
                            OpenSession(context, options.spec));
  if (options.dry_run) {
    TRANSECT_ASSIGN_OR_RETURN(Plan plan,
                              PlanWithoutHashing(session, options.selectors));
    TRANSECT_ASSIGN_OR_RETURN(const PricedPlan priced,
                              PricePlan(session, options.budget, &plan));
    PlanOptions shown;
    shown.spec = options.spec;
    shown.selectors = options.selectors;
    shown.budget = options.budget;
    TRANSECT_RETURN_IF_ERROR(PrintPlan(context, session, shown, priced, plan));
    return 0;
  }
  TRANSECT_ASSIGN_OR_RETURN(Plan plan,
                            MakeRunPlan(options.selectors, &session));
  if (!options.budget.empty()) {
    TRANSECT_RETURN_IF_ERROR(
        PricePlan(session, options.budget, &plan).status());
  }
  TRANSECT_RETURN_IF_ERROR(CheckDevices(plan));
  int wanted = 0;
  for (const Job& job : plan.jobs) {
    wanted += job.wanted ? 1 : 0;
  }
  Tell(absl::StrCat(plan.expansion.name, ": ", plan.CountSelected(), " runs (",
                    CountsText(plan), "), ", wanted,
                    wanted == 1 ? " job" : " jobs", " to start   store ",
                    session.store.root(), "   code ", ShownCode(plan.code),
                    "\n"));
  bool failed = TellCorrupt(plan) > 0;
  if (wanted > 0) {
    TRANSECT_ASSIGN_OR_RETURN(const Execution execution,
                              Execute(context, options, session, &plan));
    if (execution.signal != 0) {
      Tell(absl::StrCat(
          "stopped by ", strsignal(execution.signal),
          "; go on with: ", CommandText(context, "run", options.spec), "\n"));
      return 128 + execution.signal;
    }
    for (size_t i = 0; i < plan.jobs.size(); ++i) {
      const JobEnd::Kind kind = execution.ends[i].kind;
      failed = failed || (plan.jobs[i].wanted && kind != JobEnd::kDone &&
                          kind != JobEnd::kDoneElse);
    }
    if (!execution.launcher_error.ok()) {
      Tell("nothing more was started after the last error\n");
    }
  }
  TellTruncated(plan);
  if (plan.CountSelected() == 0) {
    Tell("no run fits the selectors\n");
    return failed ? 2 : 0;
  }
  if (plan.CountRuns(JobState::kDone) == 0) {
    Tell("no run is done, so there is nothing to report\n");
    return 2;
  }
  TRANSECT_ASSIGN_OR_RETURN(const int report, Report(context, session, plan));
  return failed ? 2 : report;
}

}  // namespace transect
