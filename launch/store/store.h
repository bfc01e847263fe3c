/// \file
/// The store: the directory tree that holds everything `transect run` makes.
/// All of its names are here; no other file builds a path from them
/// (tests/launch/store:store_names_test).
///
///     ROOT/VERSION                  "transect store 2"
///     ROOT/runs/h2/AB/ID/CODE/      a run under one code: a job directory
///     ROOT/inputs/h2/AB/ID/         a made data set or tokenizer: a job
///                                   directory
///     ROOT/inputs/h2/AB/ID/CODE/    trained weights: a job directory
///     ROOT/bundles/CODE/            copies of the worker and of all libraries
///                                   that it maps (bundle.h)
///       code.textproto              what CODE is the digest of
///     ROOT/cas/copies/AB/DIGEST     by SHA-256: libraries, which bundles share
///                                   by hard links, and lists of found inputs.
///                                   Version 1 had cas/sha256, with links to
///                                   files of the build
///     ROOT/cache/digests/           digests of files outside the store and of
///                                   bundles (digest_cache.h)
///     ROOT/cache/checked/           that found data sets hold nothing at which
///                                   runs stop (launch/plan/data_use.h)
///     ROOT/rates/                   measured throughput (throughput.h)
///     ROOT/gpus/HOST/GPU/           its LEASE is held while a job has that GPU
///     ROOT/reports/EXPERIMENT.md    last report of an experiment
///     ROOT/sweeps/NAME/             what was given to Slurm at once
///                                   (launch/slurm/sweep.h)
///       sweep.textproto             the jobs, as they were resolved then
///       group0.sbatch               a script for each kind of allocation
///       jobs                        what their ranks are told, compressed
///       slot-%x-%j.log              what its jobs say, by Slurm's numbers
///     ROOT/ledger/EXPERIMENT/       what launchers did, a file of each of them
///                                   (launch/ledger/ledger.h)
///       TIME-HOST-PROCESS.ledger
///       ended-KEY                   that --on-end was called for this end
///     ROOT/views/EXPERIMENT/        links to its runs by cell, for people
///                                   (launch/upkeep/views.h)
///     ROOT/programs/DIGEST/         a copy of `transect` and its libraries,
///                                   which those jobs execute
///     ROOT/certify/ID-CODE/         trainings of a run that are done again
///                                   while `transect certify` compares them
///
/// "h2" is the scheme of the ids (kIdScheme, experiments/identity/canonical.h).
/// Version 1 of the store had ids of scheme h1 only and no directory for it:
/// ROOT/runs/AB/ID/CODE/. Such runs stay where they are (OlderRuns).
///
/// ID is the spec part of a run's id or the identity of an input, 32
/// hexadecimal digits; AB its first two, or those of DIGEST; CODE the first 12
/// digits of a code part. Trained weights depend on the code that trained them,
/// so they lie below a code part as runs do. Data sets and tokenizers carry the
/// version of their maker in their identity instead and are shared by all
/// codes.
///
/// A job directory (messages in job.proto and result.proto):
///
///     LEASE, LEASE.N                lock and claim of whoever works on it
///                                   (lease.h)
///     spec.textproto                what the id is the digest of
///     cancel.textproto              that it is to stop and not to start
///                                   (cancel.h)
///     certificate.textproto         of a run that was trained again and gave
///                                   the same bits (launch/watch/certify.h)
///     attempts/0001/                one directory per start, immutable once
///                                   the attempt ended
///       launch.textproto            what the ranks are told
///       inputs.textproto            the identities of what they read
///       provenance.textproto        who started it, where and when
///       outcome.textproto           how it ended
///       rendezvous                  where the ranks meet
///       staging/                    outputs until they count (staging.h)
///       checkpoints/                the state of a training that is not over
///       trace.json                  what some of its steps spent their time
///                                   on, where training.profile_steps asks
///       trained.textproto           that its last step was done, until there
///                                   is a result
///       rank00000.log               what rank 0 wrote to stdout and stderr
///       rank00000.exit              how rank 0 ended, where another process
///                                   than the launcher started it
///       step.log                    what Slurm said about the ranks
///       rank00000.metrics           its metric log
///       rank00000.masks             its predicted masks
///     data/, data.sha256            output of a data set,
///     spiece.model                  of a tokenizer,
///     weights.safetensors           of a training, with
///     evaluations/SPLIT-ID/         of a run: a job directory for each of its
///                                   evaluations; ID the first 12 digits of
///                                   its identity. One on other data than the
///                                   run's has launch.textproto and
///                                   inputs.textproto in its attempt
///     samples.png                   of an evaluation: pictures of items
///     drawn.binpb                   of an evaluation: pictures of those items
///                                   that reports have shown; no result
///     result.textproto              written last; the only proof of "done":
///                                   that of a run says that it is trained
///
/// A directory is a function of ids only, never of date, user or job number.
/// Nothing here locks: who writes into a job directory holds its lease.
#ifndef TRANSECT_LAUNCH_STORE_STORE_H_
#define TRANSECT_LAUNCH_STORE_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Version of the layout above. A store of a newer one is refused.
inline constexpr int kStoreVersion = 2;

/// Hexadecimal digits of a code part that directories and people see.
inline constexpr int kShownCodeDigits = 12;

/// Hexadecimal digits of a spec part that people see.
inline constexpr int kShownIdDigits = 12;

/// A run whose id is of a scheme before the present one.
struct OlderRun {
  /// "h1".
  std::string scheme;
  std::string id;
  /// As it is shown.
  std::string code;
  /// Job directory.
  std::string dir;
};

class Store {
 public:
  /// Opens the store at `root` and writes nothing. A root that does not exist
  /// is an empty store. kFailedPrecondition if VERSION is newer than
  /// kStoreVersion or unreadable, or if `root` is a directory that holds
  /// something else and no VERSION: then it is not a store.
  static absl::StatusOr<Store> Open(absl::string_view root);

  /// As Open; makes the root and VERSION if they are missing.
  /// kFailedPrecondition, and nothing is made, if the file system forbids to
  /// execute its files: the worker's copy lies in the store.
  static absl::StatusOr<Store> OpenOrCreate(absl::string_view root);

  /// Absolute path without a trailing slash.
  const std::string& root() const { return root_; }

  /// Job directories. `code` is a code part of at least kShownCodeDigits
  /// digits.
  std::string RunDir(absl::string_view id, absl::string_view code) const;
  std::string InputDir(absl::string_view id) const;
  std::string WeightsDir(absl::string_view id, absl::string_view code) const;

  /// Code parts (kShownCodeDigits digits, sorted) under which there is a
  /// directory of the run `id`.
  std::vector<std::string> CodesOfRun(absl::string_view id) const;

  /// The same of trained weights.
  std::vector<std::string> CodesOfWeights(absl::string_view id) const;

  /// Ids that begin with `prefix` and have a directory, sorted: of runs, of
  /// made inputs.
  std::vector<std::string> RunIds(absl::string_view prefix) const;
  std::vector<std::string> InputIds(absl::string_view prefix) const;

  /// Runs of older schemes, sorted by id and code. A store that is new or has
  /// none costs a look at one directory.
  std::vector<OlderRun> OlderRuns() const;

  /// Code parts (as above) of which there is a bundle.
  std::vector<std::string> Codes() const;

  std::string BundleDir(absl::string_view code) const;
  std::string ContentPath(absl::string_view sha256) const;
  std::string DigestCacheDir() const;
  /// File that is there if what `key` names was checked.
  std::string CheckedDataPath(absl::string_view key) const;
  /// File of measured speeds of the work with that key.
  std::string ThroughputPath(absl::string_view key) const;
  std::string ThroughputDir() const;
  std::string ReportPath(absl::string_view experiment) const;
  /// What was given to Slurm under that name, and the programs by their digest.
  std::string SweepDir(absl::string_view name) const;
  std::string ProgramDir(absl::string_view digest) const;
  /// Where the run is trained again.
  std::string CertifyDir(absl::string_view id, absl::string_view code) const;
  /// The directories that bundles, contents by digest, reports, sweeps and
  /// programs lie in.
  std::string BundlesDir() const { return root_ + "/bundles"; }
  std::string ContentsDir() const { return root_ + "/cas/copies"; }
  std::string ReportsDir() const { return root_ + "/reports"; }
  std::string SweepsDir() const { return root_ + "/sweeps"; }
  std::string ProgramsDir() const { return root_ + "/programs"; }
  std::string LedgerDir() const { return root_ + "/ledger"; }
  std::string CertifyRoot() const { return root_ + "/certify"; }
  std::string CheckedDataDir() const { return root_ + "/cache/checked"; }
  /// Links to the runs of an experiment.
  std::string ViewDir(absl::string_view experiment) const;
  /// Directory whose lease stands for a GPU of a host. What cannot stand in a
  /// file name is replaced.
  std::string GpuDir(absl::string_view host, absl::string_view gpu) const;

 private:
  explicit Store(std::string root) : root_(std::move(root)) {}

  std::string root_;
};

/// First digits of an id or a code part, as people see them.
std::string ShownId(absl::string_view id);
std::string ShownCode(absl::string_view code);

/// Files of a job directory.
std::string LeasePath(absl::string_view job_dir);
std::string SpecPath(absl::string_view job_dir);
std::string ResultPath(absl::string_view job_dir);
/// A CancelRequest (cancel.proto) and a Certificate
/// (launch/watch/certificate.proto).
std::string CancelPath(absl::string_view job_dir);
std::string CertificatePath(absl::string_view job_dir);

/// Outputs of jobs, relative to the job directory, as result.textproto lists
/// them.
inline constexpr absl::string_view kDataDir = "data";
/// Digests of all files under data/, in the format that `sha256sum -c` takes.
inline constexpr absl::string_view kDataManifest = "data.sha256";
inline constexpr absl::string_view kTokenizerFile = "spiece.model";
inline constexpr absl::string_view kWeightsFile = "weights.safetensors";
inline constexpr absl::string_view kSampleSheetFile = "samples.png";
/// Of an attempt (launch/training/step_profile.h).
inline constexpr absl::string_view kTraceFile = "trace.json";

/// An attempt and its files.
std::string AttemptDir(absl::string_view job_dir, int attempt);
std::string InputsPath(absl::string_view attempt_dir);
std::string LaunchPath(absl::string_view attempt_dir);
std::string ProvenancePath(absl::string_view attempt_dir);
std::string OutcomePath(absl::string_view attempt_dir);
std::string RendezvousPath(absl::string_view attempt_dir);
std::string StagingDir(absl::string_view attempt_dir);
/// Of a training that is not over (launch/training/checkpoints.h).
std::string CheckpointsDir(absl::string_view attempt_dir);
/// Of a training whose last step is done: the result that the job gets once the
/// weights are in their place (launch/worker/result_file.h).
std::string TrainedPath(absl::string_view attempt_dir);
std::string RankLogPath(absl::string_view attempt_dir, int rank);
std::string RankMetricsPath(absl::string_view attempt_dir, int rank);
/// A RankExit (launch/slurm/rank_exit.proto).
std::string RankExitPath(absl::string_view attempt_dir, int rank);
std::string StepLogPath(absl::string_view attempt_dir);
/// The file exists only where the rank evaluated something.
std::string RankMasksPath(absl::string_view attempt_dir, int rank);

/// Files of a sweep; the log's is a pattern that Slurm expands.
std::string SweepPath(absl::string_view sweep_dir);
std::string SweepScriptPath(absl::string_view sweep_dir, int group);
std::string SweepJobsPath(absl::string_view sweep_dir);
std::string SlotLogPattern(absl::string_view sweep_dir);

/// In the directory of an experiment's ledgers: the file of a launcher, and the
/// mark that the end KEY of its runs was told.
std::string LedgerPath(absl::string_view ledger_dir, absl::string_view name);
std::string EndedPath(absl::string_view ledger_dir, absl::string_view key);

/// Parts of a bundle's code (code.proto).
std::string CodePartsPath(absl::string_view bundle_dir);

/// Job directory of the evaluation `id` of a run on a split.
std::string EvaluationDir(absl::string_view run_dir, absl::string_view split,
                          absl::string_view id);

/// A DrawnItems (launch/requests/drawn_items.proto) beside the result of an
/// evaluation. Written as a whole and without a lease: nothing depends on it.
std::string DrawnItemsPath(absl::string_view evaluation_dir);

/// Directory of all evaluations of a run, and the names in it, "val-ID",
/// sorted.
std::string EvaluationsDir(absl::string_view run_dir);
std::vector<std::string> EvaluationNames(absl::string_view run_dir);

/// Numbers of the attempts in `job_dir`, ascending; empty where there are none.
std::vector<int> Attempts(absl::string_view job_dir);

/// Makes the directory of the next attempt and returns its number, from 1. Two
/// callers never get the same one.
absl::StatusOr<int> MakeNextAttempt(absl::string_view job_dir);

/// Where the metric logs of rank 0 of all attempts lie or would lie, by
/// attempt: what ReadTrainingSeries (metrics/training_series.h) takes.
inline std::map<int, std::string> MetricsOfAttempts(absl::string_view job_dir) {
  std::map<int, std::string> paths;
  for (const int attempt : Attempts(job_dir)) {
    paths[attempt] = RankMetricsPath(AttemptDir(job_dir, attempt), 0);
  }
  return paths;
}

/// Number of the attempt in that directory; 0 if it is none.
int AttemptNumber(absl::string_view attempt_dir);

/// What the result of a job says about it.
struct ResultCheck {
  enum State {
    /// There is no result: not done.
    kAbsent,
    /// Of a run: trained, but not all of its evaluations are done (CheckJob,
    /// check_job.h). `problem` names their splits.
    kTrained,
    /// Done: it parses, names this job, and its files have their sizes.
    kValid,
    /// Neither; `problem` says what is wrong and what to do about it.
    kCorrupt,
  };
  State state = kAbsent;
  /// kValid and kTrained only.
  Result result;
  /// kCorrupt and kTrained only.
  std::string problem;
  /// kTrained only: the splits that are not evaluated.
  std::vector<std::string> missing;
  /// kValid and kTrained: of its files the trained weights are gone, and only
  /// they. What was measured with them still counts; nothing more can be
  /// measured. A job whose weights others read is not done then (CheckJob).
  bool weights_gone = false;
};

/// Reads and validates the result of the job `id` in `job_dir`. An empty `code`
/// accepts the result of any code. File digests are not computed. A result of
/// the last minutes that looks corrupt is read again, 0.3 s in all: another
/// machine may have published it, and a network file system may show it before
/// its files.
ResultCheck CheckResult(absl::string_view job_dir, absl::string_view id,
                        absl::string_view code);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_STORE_H_
