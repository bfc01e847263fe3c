// `transect run`.

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "launch/cli/output.h"
#include "launch/cli/plan_screen.h"
#include "launch/cli/report_screen.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/process.h"
#include "launch/execute/progress.h"
#include "launch/execute/throughput_recorder.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_text.h"
#include "launch/store/bundle.h"
#include "launch/store/machine.h"
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
  provenance.mutable_argv()->Assign(context.argv.begin(), context.argv.end());
  provenance.set_versions(worker.versions);
  *provenance.mutable_machine() = DescribeMachine(/*gpus=*/true);
  return provenance;
}

// Makes the store and hashes all found inputs. Problems that can be seen
// without hashing come before anything is made.
absl::Status PrepareToRun(const CommandContext& context,
                          const ExperimentOptions& options,
                          ExperimentSession* session) {
  for (const FoundInput& input : session->plan.found) {
    TRANSECT_RETURN_IF_ERROR(input.problem);
  }
  TRANSECT_RETURN_IF_ERROR(session->worker.status());
  TRANSECT_ASSIGN_OR_RETURN(session->store,
                            Store::OpenOrCreate(session->store.root()));
  if (session->plan.found.empty()) {
    return absl::OkStatus();
  }
  PercentTeller teller;
  const auto progress = [&teller](const FoundInput& input, int64_t done,
                                  int64_t total) {
    teller.Tell(
        absl::StrCat("hashing ", KindName(input.kind), " '", input.role, "'"),
        done, total);
  };
  return HashFoundInputs(context, options.selectors, progress, session);
}

#ifdef TRANSECT_CUDA
constexpr bool kBuiltWithCuda = true;
#else
constexpr bool kBuiltWithCuda = false;
#endif

// The worker is built with the same flags as this program, so jobs that it
// cannot run are refused before anything starts.
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
      " to start, but this transect was built without --config=cuda; use "
      "`bazel run --config=cuda //:transect -- run ...`"));
}

// Tells about runs that are neither done nor to do; returns whether there are
// any.
bool TellCorrupt(const Plan& plan) {
  bool corrupt = false;
  for (const Job& job : plan.jobs) {
    if (job.selected && job.state == JobState::kCorrupt) {
      corrupt = true;
      Tell(absl::StrCat("CORRUPT ", ShownId(job.id), "  ", job.name, ": ",
                        job.note, "\n"));
    }
  }
  return corrupt;
}

// Tells which finished runs cut sentences.
void TellTruncated(const Plan& plan) {
  for (const Job& job : plan.jobs) {
    if (job.kind != Job::Kind::kRun || job.state != JobState::kDone ||
        job.result.truncated_sentences() == 0) {
      continue;
    }
    Tell(absl::StrCat("NOTE ", ShownId(job.id), "  ", job.name, ": ",
                      job.result.truncated_sentences(),
                      " sentences were longer than ",
                      job.launch.train().run().tokenizer().max_tokens(),
                      " tokens and were cut\n"));
  }
}

struct RunOptions : PlanScreen {
  // Most jobs at a time; 0: as many as the processors allow.
  int jobs = 0;
  bool dry_run = false;
};

absl::StatusOr<Execution> Execute(const CommandContext& context,
                                  const RunOptions& options,
                                  ExperimentSession* session) {
  ExecutorOptions executor;
  TRANSECT_ASSIGN_OR_RETURN(
      executor.worker,
      InstallBundle(*session->worker, *session->parts, session->store));
  executor.check_worker = [session] {
    return CheckBundle(session->store, session->code);
  };
  executor.jobs = options.jobs;
  executor.processors = static_cast<int>(std::thread::hardware_concurrency());
  executor.provenance = MakeProvenance(context, *session->worker);
  ProgressStyle style;
  style.descriptor = STDERR_FILENO;
  style.color = UseColor(context, STDERR_FILENO);
  style.bars = style.color && TerminalWidth(STDERR_FILENO) > 0;
  style.width = TerminalWidth(STDERR_FILENO);
  // A sweep continues when its reader has exited (`| head`).
  signal(SIGPIPE, SIG_IGN);
  ProgressView view(session->plan, CommandText(context, "run", options.spec),
                    style);
  const Machine machine = ThisMachine();
  ThroughputRecorder recorder(session->plan, session->store, machine, &view);
  Execution execution =
      ExecuteLocally(executor, session->store, &session->plan, &recorder);
  view.Finish();
  return execution;
}

// Whether a job that was wanted is not done.
bool AnyFailed(const Plan& plan, const Execution& execution) {
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    const JobEnd::Kind kind = execution.ends[i].kind;
    if (plan.jobs[i].wanted && kind != JobEnd::kDone &&
        kind != JobEnd::kDoneElse) {
      return true;
    }
  }
  return false;
}

// Prints the report and keeps it as Markdown in the store; returns the exit
// code.
absl::StatusOr<int> Report(const CommandContext& context,
                           const ExperimentSession& session) {
  TRANSECT_ASSIGN_OR_RETURN(const MadeReport made, MakeReport(session));
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            RenderReport(context, made.report, "text"));
  TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  TRANSECT_ASSIGN_OR_RETURN(const std::string markdown,
                            RenderReport(context, made.report, "md"));
  const std::string path =
      session.store.ReportPath(session.plan.expansion.name);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(path.substr(0, path.find_last_of('/'))));
  TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(path, markdown));
  Tell(absl::StrCat("\nas Markdown: ", path, "\n"));
  return made.exit_code;
}

absl::StatusOr<int> RunExperiment(const CommandContext& context,
                                  const RunOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, options));
  if (options.dry_run) {
    return PrintPlan(context, options, &session);
  }
  TRANSECT_RETURN_IF_ERROR(PrepareToRun(context, options, &session));
  TRANSECT_ASSIGN_OR_RETURN(const PricedPlan priced,
                            PricePlan(options.budget, &session));
  RecordForecasts(priced.prices, &session.plan);
  const Plan& plan = session.plan;
  TRANSECT_RETURN_IF_ERROR(CheckDevices(plan));
  const auto wanted = std::ranges::count_if(plan.jobs, &Job::wanted);
  Tell(absl::StrCat(plan.expansion.name, ": ", plan.CountSelected(), " runs (",
                    CountsText(plan), "), ", wanted,
                    wanted == 1 ? " job" : " jobs", " to start   store ",
                    session.store.root(), "   code ", ShownCode(plan.code),
                    "\n"));
  bool failed = TellCorrupt(plan);
  if (wanted > 0) {
    TRANSECT_ASSIGN_OR_RETURN(const Execution execution,
                              Execute(context, options, &session));
    if (execution.signal != 0) {
      Tell(absl::StrCat("stopped by ", strsignal(execution.signal),
                        "; continue with: ",
                        CommandText(context, "run", options.spec), "\n"));
      return 128 + execution.signal;
    }
    failed = failed || AnyFailed(plan, execution);
    if (!execution.launcher_error.ok()) {
      Tell("nothing more was started after the last error\n");
    }
  }
  TellTruncated(plan);
  if (plan.CountSelected() == 0) {
    Tell("no run matches the selectors\n");
    return failed ? 2 : 0;
  }
  if (plan.CountRuns(JobState::kDone) == 0) {
    Tell("no run is done, so there is nothing to report\n");
    return 2;
  }
  TRANSECT_ASSIGN_OR_RETURN(const int report, Report(context, session));
  return failed ? 2 : report;
}

}  // namespace

void AddRunVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<RunOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "run",
      "Bring the store to what SPEC declares, then print the report. Running "
      "it again is always safe.",
      options.get());
  AddAcceptCode(verb, line);
  verb->add_option("--jobs", options->jobs,
                   "Most inputs and runs at a time. Default: as many as there "
                   "are processors for their ranks and threads.")
      ->check(CLI::Range(1, 4096));
  AddBudget(verb, &options->budget);
  verb->add_flag("-n,--dry_run", options->dry_run,
                 "Print the plan instead; writes nothing.");
  OnVerb(verb, line, options, RunExperiment);
}

}  // namespace transect
