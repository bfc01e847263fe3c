/// \file
/// Ledgers: what launchers say that they did, an append-only file of each
/// process.
///
/// A ledger is evidence and never the truth: whether a run is done, failed or
/// in the making is what its own files say (launch/plan/plan.h). What the
/// ledgers add is what these cannot know: that a run was given to Slurm, under
/// which name, which of its attempts are whose, and what became of them
/// (run_state.h). Without them nothing is lost.
///
/// A file is a row of frames as metrics/log_format.h has them, each with a
/// LedgerRecord. Its process alone writes it, so a death leaves at most a torn
/// tail, which readers leave out and name.
#ifndef TRANSECT_LAUNCH_LEDGER_LEDGER_H_
#define TRANSECT_LAUNCH_LEDGER_LEDGER_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/ledger/ledger.pb.h"
#include "launch/store/store.h"

namespace transect {

/// Directory of the ledgers of an experiment, whose name is made safe.
std::string LedgerDirOf(const Store& store, absl::string_view experiment);

/// Writes the ledger of this process. Not for several threads at once.
class LedgerWriter {
 public:
  /// Touches nothing: the file is made with the first event. Fills in time,
  /// host, process and user of `start`.
  LedgerWriter(const Store& store, LedgerStart start);
  ~LedgerWriter();
  LedgerWriter(const LedgerWriter&) = delete;
  LedgerWriter& operator=(const LedgerWriter&) = delete;

  /// Appends the event, with the present time, and waits until it is on the
  /// disk. After an error the file may end in a torn frame; the next call
  /// begins another one.
  absl::Status Append(LedgerEvent event);

 private:
  absl::Status Open(std::string* frames);
  absl::Status Write(absl::string_view bytes);

  const std::string directory_;
  LedgerStart start_;
  std::string path_;
  int descriptor_ = -1;
};

/// An event and who wrote it: an index into Ledger::starts.
struct LedgerEntry {
  LedgerEvent event;
  int start = 0;
};

/// All ledgers of an experiment, merged.
struct Ledger {
  std::vector<LedgerStart> starts;
  /// In order of time; of equal times those of one process in their order.
  std::vector<LedgerEntry> entries;
  /// A sentence for each file with a torn tail or damage. What stands before
  /// either counts.
  std::vector<std::string> problems;
};

/// How far a file was read.
struct LedgerFile {
  size_t bytes = 0;
  /// Index into Ledger::starts, or -1 before the first frame.
  int start = -1;
  bool damaged = false;
};

/// Reads the ledgers of `experiment`; none where there are no files. An error
/// only if the directory cannot be read.
absl::StatusOr<Ledger> ReadLedger(const Store& store,
                                  absl::string_view experiment);

/// Follows the ledgers of an experiment: which runs they tell something new
/// about. Costs a look at each file and the reading of those that grew.
class LedgerTail {
 public:
  LedgerTail(const Store& store, absl::string_view experiment)
      : directory_(LedgerDirOf(store, experiment)) {}

  /// Ids of the runs in the events since the last call, of all codes. What
  /// cannot be read tells nothing.
  std::vector<std::string> Poll();

 private:
  const std::string directory_;
  std::map<std::string, LedgerFile> files_;
};

/// What the ledgers say of one run under one code.
struct RunHistory {
  /// Indices into Ledger::entries, in order: all that is about it.
  std::vector<int> entries;
};

/// The histories of all runs under the code part `code`, by id. SUBMITTED, and
/// others that have a comment and no runs, are about the runs of the INTENT
/// with that comment.
std::map<std::string, RunHistory> HistoriesOf(const Ledger& ledger,
                                              absl::string_view code);

/// "intent", "submitted", ...
std::string EventName(LedgerEvent::Kind kind);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LEDGER_LEDGER_H_
