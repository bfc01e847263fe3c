#include "launch/cli/sweep_flags.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "launch/cli/output.h"
#include "launch/ledger/run_state.h"
#include "launch/ledger/sweep_end.h"
#include "launch/slurm/command.h"
#include "launch/slurm/dropped.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Runs that a question lists.
constexpr size_t kMostListed = 20;

}  // namespace

void AddSweepFlags(CLI::App* verb, SweepFlags* flags) {
  verb->add_flag("--cancel-dropped", flags->cancel_dropped,
                 "Cancel runs of this experiment that are queued or running "
                 "and that SPEC no longer has. Default: ask on a terminal, "
                 "else leave them.");
  verb->add_option("--on-end", flags->on_end,
                   "Call this command of /bin/sh once all runs have ended, "
                   "with TRANSECT_SWEEP, TRANSECT_STORE, TRANSECT_RUNS, "
                   "TRANSECT_DONE, TRANSECT_FAILED and TRANSECT_OPEN in its "
                   "environment. Of several launchers with it the first that "
                   "sees the end calls it. Its failure is told and changes "
                   "nothing.")
      ->type_name("COMMAND");
}

absl::Status ReconcileDropped(const CommandContext& context,
                              const SweepFlags& flags, bool ask_slurm,
                              const ExperimentSession& session) {
  if (!context.overrides.empty()) return absl::OkStatus();
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<DroppedRun> dropped,
      FindDropped(session.store, session.plan,
                  ask_slurm && FindProgram("squeue").ok()));
  if (dropped.empty()) return absl::OkStatus();
  const std::string runs =
      dropped.size() == 1 ? "1 run" : absl::StrCat(dropped.size(), " runs");
  std::string text = absl::StrCat(runs, " of ", session.plan.expansion.name,
                                  " that the experiment no longer has:\n");
  for (size_t i = 0; i < dropped.size() && i < kMostListed; ++i) {
    const RunStatus& status = dropped[i].status;
    absl::StrAppend(&text, "  ", ShownId(dropped[i].id), "  ",
                    RunStateName(status.state),
                    status.node.empty() ? "" : "  on ", status.node,
                    status.job.empty() ? "" : "  job ", status.job, "\n");
  }
  if (dropped.size() > kMostListed) {
    absl::StrAppend(&text, "  and ", dropped.size() - kMostListed, " more\n");
  }
  Tell(text);
  if (!flags.cancel_dropped) {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
      Tell("they go on; --cancel-dropped cancels them\n");
      return absl::OkStatus();
    }
    if (!SaysYes("cancel them? Checkpoints are kept. [y/N] ")) {
      Tell("they go on\n");
      return absl::OkStatus();
    }
  }
  TRANSECT_RETURN_IF_ERROR(CancelDropped(session.store, session.plan, dropped));
  Tell(absl::StrCat("cancelled ", runs, "\n"));
  return absl::OkStatus();
}

void TellSweepEnd(const SweepFlags& flags, const ExperimentSession& session) {
  if (flags.on_end.empty()) return;
  const SweepEnd end = EndOf(session.plan);
  const absl::StatusOr<bool> first = ClaimEnd(session.store, session.plan, end);
  absl::Status status = first.status();
  if (first.ok() && *first) {
    status = RunOnEnd(flags.on_end, session.store, session.plan, end);
  }
  if (!status.ok()) Tell(absl::StrCat(status.message(), "\n"));
}

}  // namespace transect
