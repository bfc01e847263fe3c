#include "launch/ledger/memory_kill.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/plan/plan.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

bool IsOutOfMemory(const QueuedJob& job) {
  return job.state == "OUT_OF_MEMORY";
}

// Whether it could be written, and nobody had said it before.
bool WriteMemoryKill(const std::string& job_dir, int attempt) {
  const std::string directory = AttemptDir(job_dir, attempt);
  const std::string path = OutcomePath(directory);
  if (!FileExists(directory) || FileExists(path)) return false;
  const absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(job_dir);
  // Its holder may have been the first to see it.
  if (!lease.ok() || FileExists(path)) return false;
  Outcome outcome;
  outcome.set_exit_code(ExitCode::MEMORY);
  outcome.set_rank(0);
  outcome.set_out_of_memory(true);
  outcome.set_cause(
      "MEMORY: Slurm killed its job, which had more memory than it asked for "
      "(OUT_OF_MEMORY)");
  return WriteTextprotoAtomic(path, outcome).ok();
}

}  // namespace

int AttemptKilledForMemory(const Ledger& ledger, const RunHistory& history,
                           const std::vector<QueuedJob>& queue) {
  std::set<std::string> comments;
  const LedgerEntry* last = nullptr;
  for (const int index : history.entries) {
    const LedgerEntry& entry = ledger.entries[index];
    switch (entry.event.kind()) {
      case LedgerEvent::INTENT:
        comments.insert(entry.event.comment());
        break;
      case LedgerEvent::BEGUN:
      case LedgerEvent::ENDED:
      case LedgerEvent::REQUEUED:
      case LedgerEvent::DONE:
        last = &entry;
        break;
      default:
        break;
    }
  }
  if (last == nullptr || last->event.kind() != LedgerEvent::BEGUN) return 0;
  const std::string& number = ledger.starts[last->start].number();
  const bool killed = std::ranges::any_of(queue, [&](const QueuedJob& job) {
    return IsOutOfMemory(job) && !number.empty() && job.number == number &&
           comments.contains(job.comment);
  });
  return killed ? last->event.attempt() : 0;
}

std::vector<int> WriteMemoryKills(const Store& store, const Plan& plan,
                                  absl::Span<const int> runs,
                                  const std::vector<QueuedJob>& queue) {
  std::vector<int> written;
  if (std::ranges::none_of(queue, IsOutOfMemory)) return written;
  const absl::StatusOr<Ledger> ledger = ReadLedger(store, plan.expansion.name);
  if (!ledger.ok()) return written;
  const auto histories = HistoriesOf(*ledger, plan.code);
  for (const int run : runs) {
    const auto history = histories.find(plan.jobs[run].id);
    if (history == histories.end()) continue;
    const int attempt = AttemptKilledForMemory(*ledger, history->second, queue);
    if (attempt > 0 && WriteMemoryKill(plan.jobs[run].dir, attempt)) {
      written.push_back(run);
    }
  }
  return written;
}

}  // namespace transect
