#include "launch/slurm/queue.h"

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "launch/ledger/queued_job.h"
#include "launch/slurm/command.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<std::vector<QueuedJob>> AskQueue(
    const std::vector<std::string>& names, std::chrono::milliseconds timeout) {
  if (names.empty()) return std::vector<QueuedJob>();
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string text,
      RunCommand({"squeue", "--states=all", "--noheader",
                  absl::StrCat("--name=", absl::StrJoin(names, ",")),
                  absl::StrCat("--format=", kQueueFormat)},
                 timeout));
  return ParseQueue(text);
}

}  // namespace transect
