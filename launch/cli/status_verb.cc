// `transect status`.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/proto_json.h"
#include "data/io/terminal_text.h"
#include "launch/cli/live_text.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/listing/run_list.h"
#include "launch/plan/plan.h"
#include "launch/slurm/run_states.h"
#include "launch/store/store.h"
#include "launch/watch/run_table.h"
#include "launch/watch/status_report.h"
#include "launch/watch/status_text.h"
#include "launch/watch/watched_run.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr std::chrono::seconds kWatchEvery{2};

// How long nothing may be under way while runs are open: a launcher that ends a
// run starts the next one sooner.
constexpr std::chrono::seconds kNobody{10};

// Lines of the screen of a watch that are not runs.
constexpr int kOtherRows = 6;

struct StatusOptions : ExperimentOptions {
  bool quiet = false;
  bool watch = false;
  bool all = false;
  // text or json.
  std::string format = "text";
};

// What was asked about, looked at again each time.
class Watched {
 public:
  static absl::StatusOr<Watched> Open(const CommandContext& context,
                                      const StatusOptions& options) {
    if (options.spec.empty()) {
      TRANSECT_ASSIGN_OR_RETURN(Session session, OpenStoreAlone(context));
      TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
      return Watched(std::move(session), Plan(), /*of_store=*/true);
    }
    TRANSECT_ASSIGN_OR_RETURN(ExperimentSession session,
                              OpenExperiment(context, options));
    Plan plan = std::move(session.plan);
    return Watched(std::move(session), std::move(plan), /*of_store=*/false);
  }

  StatusReport Report() const {
    if (of_store_) {
      return MakeStoreStatus(ListRuns(session_.store, session_.code));
    }
    StatusReport report = MakeStatusReport(plan_, states_.runs);
    report.set_store(session_.store.root());
    for (const std::string& problem : states_.ledger_problems) {
      report.add_problem(problem);
    }
    if (!states_.queue_problem.empty()) {
      report.add_problem(states_.queue_problem);
    }
    return report;
  }

  // Looks at what can change.
  absl::Status Refresh() {
    for (Job& job : plan_.jobs) {
      if (job.state == JobState::kDone) continue;
      RefreshState(session_.store, plan_.code, &job);
    }
    return ReadStates();
  }

  // What ledgers and Slurm say, of whom the latter is not asked too often.
  absl::Status ReadStates() {
    if (of_store_) return absl::OkStatus();
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::seconds every(session_.site.site.slurm().poll_seconds());
    // What Slurm said last stands until then.
    if (asked_ && now - asked_at_ < every) return absl::OkStatus();
    asked_ = true;
    asked_at_ = now;
    TRANSECT_ASSIGN_OR_RETURN(
        states_, StatesOfRuns(session_.store, plan_, /*ask=*/true));
    return absl::OkStatus();
  }

  // Whether an input is being made.
  bool MakesInputs() const {
    for (int i = 0; i < plan_.first_run; ++i) {
      if (plan_.jobs[i].state == JobState::kRunning) return true;
    }
    return false;
  }

 private:
  Watched(Session session, Plan plan, bool of_store)
      : session_(std::move(session)),
        plan_(std::move(plan)),
        of_store_(of_store) {}

  Session session_;
  Plan plan_;
  bool of_store_;
  RunStates states_;
  bool asked_ = false;
  std::chrono::steady_clock::time_point asked_at_;
};

int CountIn(const StatusReport& report, bool (*is)(WatchState::Value state)) {
  int count = 0;
  for (const WatchCounts& each : report.states()) {
    if (is(each.state())) count += each.runs();
  }
  return count;
}

bool IsDoneState(WatchState::Value state) { return state == WatchState::DONE; }

int ExitCodeOf(const StatusReport& report, bool makes_inputs) {
  if (CountIn(report, IsDoneState) == report.runs()) return 0;
  return makes_inputs || CountIn(report, IsUnderWay) > 0 ? 3 : 2;
}

// A line for each run whose state changed since the last look.
class ChangeLines {
 public:
  std::string Of(const StatusReport& report) {
    std::string lines;
    for (const WatchedRun& run : report.run()) {
      WatchState::Value& last =
          states_[absl::StrCat(run.id(), "/", run.code(), "/", run.number())];
      if (last == run.state()) continue;
      last = run.state();
      absl::StrAppend(&lines, PadRight(WatchStateName(run.state()), 9), " ",
                      ShownId(run.id()), "  ", OneLine(run.name()),
                      run.note().empty() ? "" : "  ", OneLine(run.note()),
                      "\n");
    }
    return lines;
  }

 private:
  std::map<std::string, WatchState::Value> states_;
};

absl::StatusOr<int> Watch(const CommandContext& context,
                          const StatusOptions& options, Watched* watched) {
  const bool redraw = CanRedraw();
  LiveText screen;
  ChangeLines changes;
  auto last_active = std::chrono::steady_clock::now();
  while (true) {
    const StatusReport report = watched->Report();
    RunTableStyle style;
    style.color = UseColor(context, STDOUT_FILENO);
    style.width = TerminalWidth(STDOUT_FILENO);
    if (redraw) {
      StatusReport drawn = report;
      // For them there is the command without -w.
      drawn.clear_prices();
      style.rows = std::max(1, TerminalRows() - kOtherRows);
      screen.Show(FirstLines(RenderStatus(drawn, style), TerminalRows() - 1));
    } else {
      TRANSECT_RETURN_IF_ERROR(PrintOut(changes.Of(report)));
    }
    const auto now = std::chrono::steady_clock::now();
    const int code = ExitCodeOf(report, watched->MakesInputs());
    if (code == 3) last_active = now;
    if (CountIn(report, IsOver) == report.runs()) return code;
    if (now - last_active >= kNobody) {
      Tell(absl::StrCat(
          "nothing runs, and not all runs are done",
          options.spec.empty()
              ? "\n"
              : absl::StrCat("; start them with: ",
                             CommandText(context, "run", options.spec), "\n")));
      return 2;
    }
    std::this_thread::sleep_for(kWatchEvery);
    TRANSECT_RETURN_IF_ERROR(watched->Refresh());
  }
}

absl::StatusOr<int> ShowStatus(const CommandContext& context,
                               const StatusOptions& options) {
  if (options.watch && (options.quiet || options.format != "text")) {
    return absl::InvalidArgumentError(
        "-w shows a screen for people; a script asks again: until transect "
        "status -q SPEC; do sleep 60; done");
  }
  TRANSECT_ASSIGN_OR_RETURN(Watched watched, Watched::Open(context, options));
  TRANSECT_RETURN_IF_ERROR(watched.ReadStates());
  if (options.watch) return Watch(context, options, &watched);
  const StatusReport report = watched.Report();
  if (!options.quiet) {
    RunTableStyle style;
    style.color = UseColor(context, STDOUT_FILENO);
    style.width = TerminalWidth(STDOUT_FILENO);
    if (options.all) style.rows = 0;
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              options.format == "json"
                                  ? PrintProtoJson(report)
                                  : RenderStatus(report, style));
    TRANSECT_RETURN_IF_ERROR(
        PrintOut(text, PrintedAs(context, options.format)));
  }
  return ExitCodeOf(report, watched.MakesInputs());
}

}  // namespace

void AddStatusVerb(CLI::App* app, CommandLine* line) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* verb = AddExperimentVerb(
      app, line, "status",
      "Show what the runs of an experiment do, or without one all runs of the "
      "store: state, step, loss, gIoU and its difference to the base, time "
      "left, node, restarts; and hold the prices of those that are done "
      "against what they took. Exit codes: 0 all are done, 3 something is "
      "running, 2 otherwise.",
      options.get());
  verb->get_option("SPEC")->required(false);
  AddAcceptCode(verb, line);
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/watch/status_report.proto).");
  verb->add_flag("-w,--watch", options->watch,
                 "Look again every two seconds until all runs have ended; on a "
                 "terminal the table is drawn again in its place, elsewhere a "
                 "line is printed for each change.");
  verb->add_flag("--all", options->all,
                 "A line for each run; without it more than 40 are one line "
                 "for each cell.");
  verb->add_flag("-q,--quiet", options->quiet, "Print nothing.");
  OnVerb(verb, line, options, ShowStatus);
}

}  // namespace transect
