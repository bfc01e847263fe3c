// `transect run`.

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "experiments/experiment.pb.h"
#include "launch/cli/output.h"
#include "launch/cli/page_refresher.h"
#include "launch/cli/plan_screen.h"
#include "launch/cli/report_page.h"
#include "launch/cli/report_screen.h"
#include "launch/cli/run_notes.h"
#include "launch/cli/session.h"
#include "launch/cli/slurm_run.h"
#include "launch/cli/store_access.h"
#include "launch/cli/sweep_flags.h"
#include "launch/cli/used_data.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/execute/execution.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/process.h"
#include "launch/execute/progress.h"
#include "launch/execute/throughput_recorder.h"
#include "launch/inputs/resources.h"
#include "launch/inputs/store_group.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/ledger_observer.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_text.h"
#include "launch/store/bundle.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "launch/store/machine.h"
#include "launch/store/result.pb.h"
#include "launch/store/staging.h"
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

// Whether the command will make anything.
bool HasWork(const Plan& plan) {
  return std::ranges::any_of(plan.jobs, &Job::wanted);
}

// Whether this user may write all that the command makes.
absl::Status CheckStoreAccess(const ExperimentSession& session) {
  std::vector<std::string> paths = {session.store.BundleDir(session.code)};
  // Bundles share a directory, in which each is made.
  paths[0].erase(paths[0].find_last_of('/'));
  for (const Job& job : session.plan.jobs) {
    if (job.wanted && !job.dir.empty()) paths.push_back(job.dir);
  }
  return CheckMayWrite(session.store.root(), paths);
}

// Makes the store and hashes all found inputs, if there is anything to do.
// Problems that can be seen without hashing come before anything is made.
absl::Status PrepareToRun(const CommandContext& context,
                          const ExperimentOptions& options,
                          ExperimentSession* session) {
  TRANSECT_RETURN_IF_ERROR(session->worker.status());
  if (!HasWork(session->plan)) return absl::OkStatus();
  if (!session->site.site.group().empty()) umask(0002);
  TRANSECT_RETURN_IF_ERROR(CheckStoreAccess(*session));
  TRANSECT_ASSIGN_OR_RETURN(session->store,
                            Store::OpenOrCreate(session->store.root()));
  TRANSECT_RETURN_IF_ERROR(
      ShareWithGroup(session->store.root(), session->site.site.group()));
  RemoveLeftovers(session->store);
  if (!HasLocks(session->store.root())) {
    Tell(absl::StrCat(
        "NOTE the file system of store ", session->store.root(),
        " has no file locks: launchers keep apart by heartbeat, so a job of a "
        "launcher that died on another machine is taken up ",
        LeaseSeconds(), " seconds later\n"));
  }
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

// Whoever asks for a run takes back that somebody cancelled it.
absl::Status WithdrawCancels(const Plan& plan) {
  for (const Job& job : plan.jobs) {
    if (!job.wanted || job.dir.empty()) continue;
    TRANSECT_RETURN_IF_ERROR(WithdrawCancel(job.dir));
  }
  return absl::OkStatus();
}

struct RunOptions : PlanScreen {
  // "local" or "slurm".
  std::string executor = "local";
  // Of slurm: follow the jobs, or only submit them.
  bool wait = false;
  bool detach = false;
  // Most jobs at a time; 0: as many as the processors allow.
  int jobs = 0;
  bool dry_run = false;
  // Whether the report page is made again and again while runs run.
  bool page = false;
  bool no_pictures = false;
  SweepFlags sweep;
};

absl::StatusOr<Execution> Execute(const CommandContext& context,
                                  const RunOptions& options,
                                  const Resources& resources,
                                  ExperimentSession* session) {
  ExecutorOptions executor;
  TRANSECT_ASSIGN_OR_RETURN(
      executor.worker,
      InstallBundle(*session->worker, *session->parts, session->store));
  executor.check_worker = [session] {
    return CheckBundle(session->store, session->code);
  };
  executor.jobs = options.jobs;
  executor.resources = resources;
  executor.provenance = MakeProvenance(context, *session->worker);
  executor.provenance.set_experiment(session->plan.expansion.name);
  ProgressStyle style;
  style.color = UseColor(context, STDERR_FILENO);
  style.bars = style.color && TerminalWidth(STDERR_FILENO) > 0;
  style.width = TerminalWidth(STDERR_FILENO);
  ProgressView view(session->plan, CommandText(context, "run", options.spec),
                    style, &ErrorScreen());
  ExecutionObserver* observer = &view;
  std::optional<PageRefresher> refresher;
  if (options.page) {
    observer =
        &refresher.emplace(StartPage(context, options.spec, *session), &view);
  }
  if (options.executor == "slurm") {
    absl::StatusOr<Execution> execution =
        ExecuteOnSlurm(executor.provenance, options.wait, observer, session);
    view.Finish();
    return execution;
  }
  const Machine machine = ThisMachine();
  LedgerStart start;
  start.set_kind(LedgerStart::LOCAL);
  start.set_experiment(session->plan.expansion.name);
  start.set_code(session->plan.code);
  LedgerWriter ledger(session->store, start);
  LedgerObserver events(
      session->plan, &ledger, /*requeues=*/false,
      [](const absl::Status& problem) {
        Tell(absl::StrCat("NOTE ", problem.message(),
                          "; `transect status` knows less, and runs go on\n"));
      },
      observer);
  ThroughputRecorder recorder(session->plan, session->store, machine, &events);
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

// Keeps the report as Markdown and as a page in the store and prints it;
// returns the exit code. What cannot be kept is said, and is no failure.
absl::StatusOr<int> Report(const CommandContext& context,
                           const RunOptions& options,
                           const ExperimentSession& session) {
  const std::string& spec = options.spec;
  TRANSECT_ASSIGN_OR_RETURN(const MadeReport made, MakeReport(session));
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            RenderReport(context, made.report, "text"));
  // Kept first: a reader of stdout may take its time.
  std::string where;
  if (session.plan.CountSelected() <
      static_cast<int>(session.plan.Runs().size())) {
    where = absl::StrCat(
        "selected runs only, so the store keeps no report of them; `",
        CommandText(context, "report", spec),
        " --format md --out FILE` writes one of all");
  } else if (const absl::StatusOr<KeptReport> kept =
                 KeepReport(context, spec, session, made.report);
             !kept.ok()) {
    where = absl::StrCat("the report could not be kept in the store: ",
                         kept.status().message());
  } else {
    where = absl::StrCat(
        "as Markdown: ", kept->path,
        kept->beside_another
            ? absl::StrCat(" (the store has the report of another experiment "
                           "called ",
                           session.plan.expansion.name, ")")
            : "",
        "\n",
        KeepPage(context, spec, session, made, kept->path,
                 /*pictures=*/!options.no_pictures));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, "text")));
  Tell(absl::StrCat("\n", where, "\n"));
  return made.exit_code;
}

absl::StatusOr<int> PrintScripts(const CommandContext& context,
                                 const RunOptions& options,
                                 ExperimentSession* session) {
  TRANSECT_ASSIGN_OR_RETURN(
      const PricedPlan priced,
      PricePlan(options.budget, session, /*on_cluster=*/true));
  TRANSECT_RETURN_IF_ERROR(CheckCanStart(priced));
  RecordForecasts(priced.prices, &session->plan);
  TRANSECT_RETURN_IF_ERROR(session->worker.status());
  return PrintScriptsOf(MakeProvenance(context, *session->worker), *session);
}

// The command that follows the jobs, or starts what is left.
std::string RunAgainCommand(const CommandContext& context,
                            const RunOptions& options) {
  return absl::StrCat(
      RunCommand(context, options),
      options.executor == "slurm" ? " --executor slurm --wait" : "");
}

// Flags that only go together with others.
absl::Status CheckFlags(const RunOptions& options, bool on_slurm) {
  if (options.detach && !on_slurm) {
    return absl::InvalidArgumentError(
        "--detach leaves runs to Slurm, and needs --executor slurm; on this "
        "machine they end with this command");
  }
  if (options.page && !options.selectors.empty()) {
    return absl::InvalidArgumentError(
        "--page is the page of all runs; leave out the selectors, or write one "
        "of some runs with `report --format page --out FILE`");
  }
  if (on_slurm && !options.wait && !options.sweep.on_end.empty()) {
    return absl::InvalidArgumentError(
        "--on-end is called by the launcher that sees the end: add --wait");
  }
  return absl::OkStatus();
}

absl::StatusOr<int> RunExperiment(const CommandContext& context,
                                  const RunOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                            OpenExperiment(context, options));
  const bool on_slurm = options.executor == "slurm";
  TRANSECT_RETURN_IF_ERROR(CheckFlags(options, on_slurm));
  if (options.dry_run && on_slurm) {
    return PrintScripts(context, options, &session);
  }
  if (options.dry_run) {
    return PrintPlan(context, options, &session);
  }
  // What can be seen without hashing comes before anything is made.
  TRANSECT_ASSIGN_OR_RETURN(PricedPlan priced,
                            PricePlan(options.budget, &session, on_slurm));
  TRANSECT_RETURN_IF_ERROR(CheckCanStart(priced));
  TRANSECT_RETURN_IF_ERROR(PrepareToRun(context, options, &session));
  if (!session.plan.found.empty()) {
    // Hashing planned once more.
    TRANSECT_ASSIGN_OR_RETURN(priced,
                              PricePlan(options.budget, &session, on_slurm));
    TRANSECT_RETURN_IF_ERROR(CheckCanStart(priced));
  }
  TRANSECT_ASSIGN_OR_RETURN(const int stopped, CheckUsedData(context, session));
  if (stopped != 0) return stopped;
  RecordForecasts(priced.prices, &session.plan);
  const Plan& plan = session.plan;
  const auto wanted = std::ranges::count_if(plan.jobs, &Job::wanted);
  Tell(absl::StrCat(plan.expansion.name, ": ", plan.CountSelected(), " runs (",
                    CountsText(plan), "), ", wanted,
                    wanted == 1 ? " job" : " jobs", " to start   store ",
                    session.store.root(), "   code ", ShownCode(plan.code),
                    "\n"));
  TRANSECT_RETURN_IF_ERROR(
      ReconcileDropped(context, options.sweep, on_slurm, session));
  bool failed = TellCorrupt(plan);
  failed = TellGivenUp(plan, RunCommand(context, options)) || failed;
  failed = TellMisfits(plan) || failed;
  if (wanted > 0) {
    TRANSECT_RETURN_IF_ERROR(WithdrawCancels(plan));
    TRANSECT_ASSIGN_OR_RETURN(
        const Execution execution,
        Execute(context, options, priced.resources, &session));
    if (execution.signal != 0) {
      Tell(absl::StrCat("stopped by ", strsignal(execution.signal),
                        on_slurm ? "; jobs in Slurm go on; follow them with: "
                                 : "; continue with: ",
                        RunAgainCommand(context, options), "\n"));
      return 128 + execution.signal;
    }
    if (on_slurm && !options.wait && execution.launcher_error.ok()) {
      Tell(absl::StrCat("follow them with: ", RunAgainCommand(context, options),
                        "\n"));
      return 3;
    }
    failed = failed || AnyFailed(plan, execution);
    if (!execution.launcher_error.ok()) {
      Tell(on_slurm ? absl::StrCat(execution.launcher_error.message(), "\n")
                    : "nothing more was started after the last error\n");
    } else {
      TellSweepEnd(options.sweep, session);
    }
  }
  TellTruncated(plan);
  if (plan.CountRuns(JobState::kDone) == 0) {
    Tell("no run is done, so there is nothing to report\n");
    return 2;
  }
  TRANSECT_ASSIGN_OR_RETURN(const int report,
                            Report(context, options, session));
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
  AddRetry(verb, line);
  verb->add_option("--jobs", options->jobs,
                   "Most inputs and runs at a time, whatever their "
                   "processors. Default: as many as there are processors for. "
                   "Memory and GPUs limit them in any case.")
      ->check(CLI::Range(1, 4096));
  AddBudget(verb, &options->budget);
  verb->add_option("--executor", options->executor,
                   "Where runs run: local, on this machine, or slurm, on the "
                   "cluster of this login node as `slurm` of the site file "
                   "says (docs/slurm.md). Default: local.")
      ->check(CLI::IsMember({"local", "slurm"}));
  CLI::Option* const wait = verb->add_flag(
      "--wait", options->wait,
      "With slurm: follow the jobs until all runs have ended, then report. "
      "Ctrl-C leaves them to Slurm.");
  verb->add_flag("--detach", options->detach,
                 "With slurm: submit, and return at once with exit code 3, "
                 "\"still running\". The default.")
      ->excludes(wait);
  AddSweepFlags(verb, &options->sweep);
  verb->add_option_function<int>(
          "--profile",
          [line](const int steps) {
            line->context.overrides.push_back(
                absl::StrCat("base.training.profile_steps=", steps));
          },
          "As --set base.training.profile_steps=STEPS: of so many steps of "
          "each training that starts, the first after its second one, rank 0 "
          "writes attempts/NNNN/trace.json, which ui.perfetto.dev opens. "
          "Changes no result.")
      ->type_name("STEPS")
      ->check(CLI::Range(1, 1000));
  verb->add_flag("--page", options->page,
                 "Make the report page again about every minute while runs "
                 "run. Without it the page is made once, at the end.");
  verb->add_flag("--no-pictures", options->no_pictures,
                 "The page at the end has no pictures.");
  verb->add_flag("-n,--dry-run", options->dry_run,
                 "Print the plan instead, or with slurm the batch scripts; "
                 "writes nothing.");
  OnVerb(verb, line, options, RunExperiment);
}

}  // namespace transect
