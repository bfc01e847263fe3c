// `transect cancel`.

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/proto_json.h"
#include "data/io/terminal_text.h"
#include "launch/cli/output.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/session.h"
#include "launch/cli/store_access.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/listing/run_filter.h"
#include "launch/listing/run_list.h"
#include "launch/slurm/command.h"
#include "launch/slurm/sweep.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "launch/watch/cancelled.pb.h"
#include "launch/watch/watched_run.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int kFormatVersion = 1;

// Runs that a question lists.
constexpr int kMostListed = 20;

struct CancelOptions {
  // An experiment whose runs are meant, or "".
  std::string spec;
  std::vector<std::string> selectors;
  bool yes = false;
  // text or json.
  std::string format;
};

// Whether stopping means anything to a run in that state.
bool CanStop(WatchState::Value state) {
  switch (state) {
    case WatchState::NEW:
    case WatchState::SUBMITTED:
    case WatchState::QUEUED:
    case WatchState::RUNNING:
    case WatchState::REQUEUED:
    case WatchState::STOPPED:
    case WatchState::LOST:
    case WatchState::TRAINED:
      return true;
    default:
      return false;
  }
}

struct Selected {
  std::string store;
  std::vector<WatchedRun> runs;
};

absl::StatusOr<Selected> Select(const CommandContext& context,
                                const CancelOptions& options) {
  if (!options.spec.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(
        const ExperimentSession session,
        OpenExperiment(context, {options.spec, options.selectors}));
    return Selected{session.store.root(), WatchPlan(session.plan)};
  }
  if (options.selectors.empty()) {
    return absl::InvalidArgumentError(
        "say which runs: the start of an id, experiment=NAME or state=running "
        "(as `transect runs` takes them), or --spec FILE for the runs of an "
        "experiment, also those that wait");
  }
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenStoreAlone(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  StoreListing listing = ListRuns(session.store, session.code);
  TRANSECT_RETURN_IF_ERROR(FilterRuns(options.selectors, &listing));
  return Selected{session.store.root(), WatchListing(listing)};
}

std::string LinesOf(const std::vector<WatchedRun>& runs) {
  std::string lines;
  int shown = 0;
  for (const WatchedRun& run : runs) {
    if (++shown > kMostListed) {
      absl::StrAppend(&lines, "  and ", runs.size() - kMostListed, " more\n");
      break;
    }
    absl::StrAppend(&lines, "  ", ShownId(run.id()), "  ",
                    PadRight(WatchStateName(run.state()), 9), "  ",
                    OneLine(run.name()), run.node().empty() ? "" : "  on ",
                    OneLine(run.node()), "\n");
  }
  return lines;
}

// Takes the job that waits for the run alone out of Slurm's queue, where there
// is Slurm. Arrays stay: their slots leave the run out.
std::string CancelQueued(const WatchedRun& run) {
  if (run.state() == WatchState::RUNNING || !FindProgram("scancel").ok()) {
    return "";
  }
  const absl::StatusOr<std::string> answer =
      RunCommand({"scancel", "--state=PENDING",
                  absl::StrCat("--name=", SingleName(run.id()))});
  return answer.ok() ? ""
                     : absl::StrCat(answer.status().message(),
                                    "; its job leaves it out when it starts");
}

absl::StatusOr<int> Cancel(const CommandContext& context,
                           const CancelOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(Selected selected, Select(context, options));
  const size_t all = selected.runs.size();
  std::erase_if(selected.runs, [](const WatchedRun& run) {
    return !CanStop(run.state()) || run.directory().empty();
  });
  const std::vector<WatchedRun>& runs = selected.runs;
  CancelList list;
  list.set_format_version(kFormatVersion);
  list.set_store(selected.store);
  if (runs.empty()) {
    Tell(absl::StrCat("nothing to stop: of ",
                      CountText(static_cast<int64_t>(all), "selected run"),
                      " none is open\n"));
  } else {
    std::vector<std::string> dirs;
    for (const WatchedRun& run : runs) dirs.push_back(run.directory());
    TRANSECT_RETURN_IF_ERROR(CheckMayWrite(selected.store, dirs));
    if (!options.yes) {
      Tell(LinesOf(runs));
      if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        return absl::FailedPreconditionError(
            absl::StrCat("not asked on a terminal, so nothing was stopped; "
                         "--yes stops these ",
                         runs.size()));
      }
      if (!SaysYes(absl::StrCat(
              "stop ", CountText(static_cast<int64_t>(runs.size()), "run"),
              "? Checkpoints are kept. [y/N] "))) {
        Tell("nothing was stopped\n");
        return 2;
      }
    }
  }
  for (const WatchedRun& run : runs) {
    TRANSECT_RETURN_IF_ERROR(RequestCancel(run.directory()));
    CancelledRun* const cancelled = list.add_run();
    *cancelled->mutable_run() = run;
    if (run.state() == WatchState::RUNNING) {
      cancelled->set_holder(LeaseHolder(run.directory()));
    }
    cancelled->set_problem(CancelQueued(run));
    if (options.format != "text") continue;
    TRANSECT_RETURN_IF_ERROR(PrintOut(absl::StrCat(
        ShownId(run.id()), "  ", OneLine(run.name()), "  ",
        cancelled->holder().empty()
            ? "is left out by launchers and jobs that have it before them"
            : absl::StrCat("stops with a checkpoint: ", cancelled->holder()),
        cancelled->problem().empty() ? "" : "; ", cancelled->problem(), "\n")));
  }
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text, PrintProtoJson(list));
    TRANSECT_RETURN_IF_ERROR(PrintOut(text, Printed::kDocument));
  }
  return 0;
}

}  // namespace

void AddCancelVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "cancel",
      "Ask whoever works on runs, here or in Slurm, to write a checkpoint and "
      "stop, and launchers that have them before them to leave them out. "
      "`transect run` takes them up again. Asks first on a terminal.");
  const auto options = std::make_shared<CancelOptions>();
  verb->add_option(
      "SELECTOR", options->selectors,
      "Only runs that match all of these: the start of an id, experiment=NAME, "
      "state=running and others as `transect runs` takes them; with --spec "
      "those of `transect run`.");
  AddReferenceSpec(verb, line, &options->spec);
  verb->add_flag("-y,--yes", options->yes, "Do not ask.");
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/watch/cancelled.proto).");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, Cancel);
}

}  // namespace transect
