// The store: the directory tree that holds everything `transect run` makes.
// This header is the only place that knows the layout.
//
//   <root>/VERSION                          "transect store 1"
//   <root>/runs/<id[0:2]>/<id>/<code12>/    a run under one code: a job
//   directory <root>/inputs/<id[0:2]>/<id>/           a made data set or
//   tokenizer: a job directory <root>/inputs/<id[0:2]>/<id>/<code12>/  trained
//   weights: a job directory <root>/bundles/<code12>/                the worker
//   and its libraries (bundle.h) <root>/cas/sha256/<ab>/<digest>         files
//   that bundles share by hard links <root>/cache/digests/ digests of files
//   outside the store <root>/reports/<experiment>.md          last report of an
//   experiment
//
// Trained weights depend on the code that trained them, so they lie below a
// code part as runs do. Data sets and tokenizers carry the version of their
// maker in their identity instead and are shared by all codes.
//
// A job directory (see also launch.proto):
//   spec.textproto, inputs.textproto        what the id is the digest of
//   LEASE                                   lock of the one who works on it
//   (lease.h) attempts/0001/...                       one directory for each
//   start, immutable once it ended (outputs) result.textproto written last; the
//   only proof of "done"
//
//   evaluations/<split>/                    of a run: job directories that
//   `transect evaluate` fills
//
// A directory is a function of ids only, never of date, user or job number.
// Nothing here locks: who writes into a job directory holds its lease.
#ifndef TRANSECT_LAUNCH_STORE_STORE_H_
#define TRANSECT_LAUNCH_STORE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/result.pb.h"

namespace transect {

// Version of the layout above. A store of a newer one is refused.
inline constexpr int kStoreVersion = 1;

// Hexadecimal digits of a code part that directories and people see.
inline constexpr int kShownCodeDigits = 12;

// Hexadecimal digits of a spec part that people see.
inline constexpr int kShownIdDigits = 12;

class Store {
 public:
  // Looks at the store at `root` and writes nothing. A root that does not
  // exist is an empty store. Errors: FailedPrecondition where VERSION is newer
  // than kStoreVersion or unreadable, or where there is a directory with other
  // things in it and no VERSION; then it is not a store.
  static absl::StatusOr<Store> Open(absl::string_view root);

  // As Open; makes the root and VERSION where they are missing.
  static absl::StatusOr<Store> OpenOrCreate(absl::string_view root);

  // Absolute path without a trailing slash.
  const std::string& root() const { return root_; }

  // Job directories. `code` is a code part of at least kShownCodeDigits digits.
  std::string RunDir(absl::string_view id, absl::string_view code) const;
  std::string InputDir(absl::string_view id) const;
  std::string WeightsDir(absl::string_view id, absl::string_view code) const;

  // Code parts (kShownCodeDigits digits, sorted) under which there is a
  // directory of the run `id`.
  std::vector<std::string> CodesOfRun(absl::string_view id) const;

  // The same of trained weights.
  std::vector<std::string> CodesOfWeights(absl::string_view id) const;

  // Ids that begin with `prefix` and have a directory, sorted: of runs, of made
  // inputs.
  std::vector<std::string> RunIds(absl::string_view prefix) const;
  std::vector<std::string> InputIds(absl::string_view prefix) const;

  // Code parts (as above) of which there is a bundle.
  std::vector<std::string> Codes() const;

  std::string BundleDir(absl::string_view code) const;
  std::string ContentPath(absl::string_view sha256) const;
  std::string DigestCacheDir() const;
  std::string ThroughputDir() const;
  std::string ReportPath(absl::string_view experiment) const;

 private:
  explicit Store(std::string root) : root_(std::move(root)) {}

  std::string root_;
};

// First digits of an id or a code part, as people see them.
std::string ShownId(absl::string_view id);
std::string ShownCode(absl::string_view code);

// Files of a job directory and of an attempt.
std::string LeasePath(absl::string_view job_dir);
std::string ResultPath(absl::string_view job_dir);
std::string AttemptDir(absl::string_view job_dir, int attempt);
std::string RankLogPath(absl::string_view attempt_dir, int rank);
std::string RankMetricsPath(absl::string_view attempt_dir, int rank);
// Predicted masks; the file exists only where the rank evaluated something.
std::string RankMasksPath(absl::string_view attempt_dir, int rank);
std::string OutcomePath(absl::string_view attempt_dir);

// Job directory of the evaluation of a run on another split, or on its own
// again; result.textproto there is about the run.
std::string EvaluationDir(absl::string_view run_dir, absl::string_view split);

// Numbers of the attempts in `job_dir`, ascending; empty where there are none.
std::vector<int> Attempts(absl::string_view job_dir);

// Makes the directory of the next attempt and returns its number, from 1. Two
// callers never get the same one.
absl::StatusOr<int> MakeNextAttempt(absl::string_view job_dir);

// What result.textproto says about a job.
struct ResultCheck {
  enum State {
    kAbsent,   // no result.textproto: not done
    kValid,    // done: parses, is about this job, its files have their sizes
    kCorrupt,  // neither: `problem` says what is wrong and how to go on
  };
  State state = kAbsent;
  Result result;        // kValid only
  std::string problem;  // kCorrupt only; names the file
};

// Reads and validates the result of the job `id` in `job_dir`. An empty `code`
// accepts the result of any code. File digests are not computed.
ResultCheck CheckResult(absl::string_view job_dir, absl::string_view id,
                        absl::string_view code);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_STORE_H_
