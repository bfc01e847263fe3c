#include "launch/ledger/queued_job.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace transect {
namespace {

struct StatePhase {
  absl::string_view state;
  QueuePhase phase;
};

// All states of Slurm 22.05.
constexpr StatePhase kPhases[] = {
    {"PENDING", QueuePhase::kPending},
    {"REQUEUED", QueuePhase::kPending},
    {"REQUEUE_FED", QueuePhase::kPending},
    {"CONFIGURING", QueuePhase::kPending},
    {"REQUEUE_HOLD", QueuePhase::kHeld},
    {"RESV_DEL_HOLD", QueuePhase::kHeld},
    {"SPECIAL_EXIT", QueuePhase::kHeld},
    {"RUNNING", QueuePhase::kRunning},
    {"SIGNALING", QueuePhase::kRunning},
    {"RESIZING", QueuePhase::kRunning},
    {"STAGE_OUT", QueuePhase::kRunning},
    {"SUSPENDED", QueuePhase::kSuspended},
    {"STOPPED", QueuePhase::kSuspended},
    {"COMPLETING", QueuePhase::kEnding},
    {"COMPLETED", QueuePhase::kEnded},
    {"FAILED", QueuePhase::kEnded},
    {"OUT_OF_MEMORY", QueuePhase::kEnded},
    {"DEADLINE", QueuePhase::kEnded},
    {"TIMEOUT", QueuePhase::kEnded},
    {"NODE_FAIL", QueuePhase::kEnded},
    {"BOOT_FAIL", QueuePhase::kEnded},
    {"PREEMPTED", QueuePhase::kEnded},
    {"CANCELLED", QueuePhase::kCancelled},
    {"REVOKED", QueuePhase::kCancelled},
};

// Why a waiting job will not start by itself, as parts of Slurm's reasons:
// JobHeldUser, JobHeldAdmin, DependencyNeverSatisfied, and in words.
constexpr absl::string_view kHeldReasons[] = {"Held", "held",
                                              "DependencyNeverSatisfied"};

std::string Known(absl::string_view text) {
  return text == "N/A" || text == "(null)" ? "" : std::string(text);
}

}  // namespace

QueuePhase PhaseOf(absl::string_view state, absl::string_view reason) {
  for (const StatePhase& entry : kPhases) {
    if (state != entry.state) continue;
    if (entry.phase == QueuePhase::kPending) {
      for (const absl::string_view held : kHeldReasons) {
        if (absl::StrContains(reason, held)) return QueuePhase::kHeld;
      }
    }
    return entry.phase;
  }
  return QueuePhase::kUnknown;
}

bool MayWork(QueuePhase phase) {
  return phase != QueuePhase::kEnded && phase != QueuePhase::kCancelled;
}

int CountOf(absl::string_view number) {
  const size_t open = number.find('[');
  if (open == absl::string_view::npos) return 1;
  absl::string_view list = number.substr(open + 1);
  list = list.substr(0, list.find_first_of("]%"));
  int count = 0;
  for (const absl::string_view range : absl::StrSplit(list, ',')) {
    const std::vector<absl::string_view> ends = absl::StrSplit(range, '-');
    int first = 0, last = 0;
    if (!absl::SimpleAtoi(ends.front(), &first) ||
        !absl::SimpleAtoi(ends.back(), &last) || last < first) {
      // Slurm cuts long lists: "17_[0-5,7,...]".
      continue;
    }
    count += last - first + 1;
  }
  return count < 1 ? 1 : count;
}

absl::StatusOr<std::vector<QueuedJob>> ParseQueue(absl::string_view text) {
  std::vector<QueuedJob> jobs;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    // A reason may be a sentence with anything in it.
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::MaxSplits('|', 6));
    if (words.size() != 7) {
      return absl::InvalidArgumentError(
          absl::StrCat("squeue says '", line,
                       "', which is no line of the format ", kQueueFormat));
    }
    QueuedJob job;
    job.number = std::string(words[0]);
    job.state = std::string(words[1]);
    job.start = Known(words[2]);
    job.nodes = Known(words[3]);
    job.name = std::string(words[4]);
    job.comment = Known(words[5]);
    job.reason = std::string(words[6]);
    job.phase = PhaseOf(job.state, job.reason);
    job.count = CountOf(job.number);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::string DescribeQueued(const QueuedJob& job) {
  const std::string what = absl::StrCat("Slurm's job ", job.number);
  switch (job.phase) {
    case QueuePhase::kPending:
      return absl::StrCat(what, " waits (", job.reason, ")",
                          job.start.empty() ? "" : ", starts about ",
                          job.start);
    case QueuePhase::kHeld:
      return absl::StrCat(what, " is held (", job.reason,
                          "); `scontrol release ", job.number,
                          "` lets it go on");
    case QueuePhase::kRunning:
      return absl::StrCat(what, " runs on ", job.nodes);
    case QueuePhase::kSuspended:
      return absl::StrCat(what, " is suspended on ", job.nodes);
    case QueuePhase::kEnding:
      return absl::StrCat(what, " is ending on ", job.nodes);
    case QueuePhase::kEnded:
    case QueuePhase::kCancelled:
      return absl::StrCat(what, " ended (", job.state, ")");
    case QueuePhase::kUnknown:
      break;
  }
  return absl::StrCat(what, " is ", job.state,
                      ", a state that is not known here");
}

}  // namespace transect
