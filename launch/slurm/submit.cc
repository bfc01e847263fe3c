#include "launch/slurm/submit.h"

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "launch/execute/process.h"
#include "launch/ledger/ledger.h"
#include "launch/slurm/command.h"
#include "launch/slurm/script.h"
#include "launch/store/lease.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

std::vector<int> WantedRuns(const Plan& plan) {
  std::vector<int> runs;
  for (int i = plan.first_run; i < static_cast<int>(plan.jobs.size()); ++i) {
    if (plan.jobs[i].wanted) runs.push_back(i);
  }
  return runs;
}

absl::StatusOr<std::vector<std::string>> NamesOf(const Plan& plan,
                                                 const Store& store,
                                                 absl::Span<const int> runs,
                                                 const SlurmSite& site) {
  std::map<Allocation, std::vector<int>> groups;
  for (const int run : runs) {
    TRANSECT_ASSIGN_OR_RETURN(const Allocation allocation,
                              AllocationOf(plan.jobs[run], site));
    groups[allocation].push_back(run);
  }
  std::set<std::string> names;
  for (const auto& [allocation, members] : groups) {
    names.insert(ArrayName(plan, store, allocation));
    if (members.size() >= kArrayFrom) continue;
    for (const int run : members) {
      names.insert(SingleName(plan.jobs[run].id));
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

absl::StatusOr<std::unique_ptr<Lease>> TakeSubmitLease(const Store& store,
                                                       const Plan& plan) {
  const std::string directory = LedgerDirOf(store, plan.expansion.name);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
  return Lease::TryTake(directory);
}

absl::StatusOr<Submission> SubmitRuns(const SweepParts& parts,
                                      const Store& store, const Plan& plan,
                                      absl::Span<const int> runs,
                                      std::chrono::milliseconds timeout,
                                      const Lease& lease,
                                      LedgerWriter* ledger) {
  Submission submission;
  if (runs.empty()) return submission;
  TRANSECT_ASSIGN_OR_RETURN(const MadeSweep made,
                            MakeSweep(plan, store, runs, parts));
  submission.sweep = made.sweep.name();
  TRANSECT_RETURN_IF_ERROR(WriteSweep(store, made));
  for (int group = 0; group < made.sweep.group_size(); ++group) {
    for (const SubmitCommand& command :
         SubmitCommands(store, made.sweep, group)) {
      LedgerEvent event;
      event.set_job_name(command.name);
      event.set_comment(command.comment);
      if (!command.runs.empty()) {
        event.set_kind(LedgerEvent::INTENT);
        event.mutable_run()->Assign(command.runs.begin(), command.runs.end());
        TRANSECT_RETURN_IF_ERROR(ledger->Append(event));
        event.clear_run();
      }
      TRANSECT_ASSIGN_OR_RETURN(
          const std::string answer,
          RunCommand(command.words, timeout, lease.descriptor()));
      const std::string number(absl::StripAsciiWhitespace(answer));
      submission.numbers.push_back(number);
      event.set_kind(LedgerEvent::SUBMITTED);
      event.set_number(number);
      TRANSECT_RETURN_IF_ERROR(ledger->Append(std::move(event)));
    }
  }
  return submission;
}

absl::StatusOr<Announced> ReadAnnounced(const Store& store, const Plan& plan,
                                        absl::Span<const int> runs) {
  TRANSECT_ASSIGN_OR_RETURN(const Ledger ledger,
                            ReadLedger(store, plan.expansion.name));
  const std::map<std::string, RunHistory> histories =
      HistoriesOf(ledger, plan.code);
  std::set<int> intents;
  std::set<std::string> settled;
  std::set<std::string> names;
  for (const int run : runs) {
    const auto history = histories.find(plan.jobs[run].id);
    if (history == histories.end()) continue;
    for (const int index : history->second.entries) {
      const LedgerEvent& event = ledger.entries[index].event;
      if (event.kind() == LedgerEvent::INTENT) {
        intents.insert(index);
        names.insert(event.job_name());
        settled.erase(event.comment());
      } else if (event.has_comment()) {
        settled.insert(event.comment());
      }
    }
  }
  Announced announced;
  announced.names.assign(names.begin(), names.end());
  std::set<std::string> open;
  for (const int index : intents) {
    const LedgerEvent& event = ledger.entries[index].event;
    if (!settled.contains(event.comment()) &&
        open.insert(event.comment()).second) {
      announced.open.push_back({event.job_name(), event.comment()});
    }
  }
  return announced;
}

absl::Status SettleIntents(const std::vector<OpenIntent>& open,
                           const std::vector<QueuedJob>& queue,
                           LedgerWriter* ledger) {
  for (const OpenIntent& intent : open) {
    LedgerEvent event;
    event.set_kind(LedgerEvent::LOST);
    event.set_job_name(intent.name);
    event.set_comment(intent.comment);
    for (const QueuedJob& job : queue) {
      if (job.comment != intent.comment) continue;
      event.set_kind(LedgerEvent::SUBMITTED);
      event.set_number(job.number);
    }
    if (event.kind() == LedgerEvent::LOST) {
      event.set_why("its launcher died before Slurm took it");
    }
    TRANSECT_RETURN_IF_ERROR(ledger->Append(std::move(event)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DryRunText(const SweepParts& parts,
                                       const Store& store, const Plan& plan) {
  const std::vector<int> runs = WantedRuns(plan);
  if (runs.empty()) return "nothing to submit\n";
  TRANSECT_ASSIGN_OR_RETURN(const MadeSweep made,
                            MakeSweep(plan, store, runs, parts));
  const Sweep& sweep = made.sweep;
  std::string text;
  for (int group = 0; group < sweep.group_size(); ++group) {
    absl::StrAppend(&text, "# ",
                    SweepScriptPath(store.SweepDir(sweep.name()), group), "\n",
                    ScriptText(store, sweep, group), "\n");
  }
  for (int group = 0; group < sweep.group_size(); ++group) {
    for (const SubmitCommand& command : SubmitCommands(store, sweep, group)) {
      absl::StrAppend(&text, ShellQuoted(command.words), "\n");
    }
  }
  return text;
}

}  // namespace transect
