#include "launch/store/store.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "experiments/identity/canonical.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kVersionPrefix = "transect store ";

// Names in `directory`, sorted; empty where it cannot be read.
std::vector<std::string> NamesIn(const std::string& directory) {
  return ListDirectory(directory).value_or(std::vector<std::string>());
}

constexpr absl::string_view kRuns = "runs";
constexpr absl::string_view kInputs = "inputs";

// The directory of all ids of the present scheme.
std::string SchemeDir(absl::string_view root, absl::string_view kind) {
  return absl::StrCat(root, "/", kind, "/", kIdScheme);
}

std::string FanOut(absl::string_view root, absl::string_view kind,
                   absl::string_view id) {
  return absl::StrCat(SchemeDir(root, kind), "/", id.substr(0, 2), "/", id);
}

// Those of the names in `directory` that are shown code parts.
std::vector<std::string> CodesIn(const std::string& directory) {
  std::vector<std::string> codes = NamesIn(directory);
  std::erase_if(codes, [](const std::string& name) {
    return name.size() != kShownCodeDigits ||
           !std::ranges::all_of(name, absl::ascii_isxdigit);
  });
  return codes;
}

// Names two levels below `directory` that begin with `prefix`.
std::vector<std::string> IdsIn(const std::string& directory,
                               absl::string_view prefix) {
  std::vector<std::string> ids;
  for (const std::string& first : NamesIn(directory)) {
    const size_t shared = std::min(first.size(), prefix.size());
    if (first.substr(0, shared) != prefix.substr(0, shared)) continue;
    for (std::string& id : NamesIn(absl::StrCat(directory, "/", first))) {
      if (absl::StartsWith(id, prefix)) ids.push_back(std::move(id));
    }
  }
  return ids;
}

std::string AttemptsDir(absl::string_view job_dir) {
  return absl::StrCat(job_dir, "/attempts");
}

absl::Status CheckExecution(const std::string& root) {
  std::filesystem::path there = root;
  while (!FileExists(there.string()) && there.has_relative_path()) {
    there = there.parent_path();
  }
  struct statvfs info;
  if (statvfs(there.c_str(), &info) != 0 || (info.f_flag & ST_NOEXEC) == 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "store ", root,
      ": its file system forbids to execute files (mounted noexec), and the "
      "worker runs from the store; name a directory elsewhere with --store"));
}

// The version of the store, which this program knows; 0 for one that is not
// made yet.
absl::StatusOr<int> CheckVersion(const std::string& root) {
  struct stat info;
  if (stat(root.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("store ", root,
                     ": is a file; name a directory with --store, which "
                     "`transect run` makes where there is none"));
  }
  const std::string path = root + "/VERSION";
  absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) {
    for (const std::string& name : NamesIn(root)) {
      // A VERSION file may be in the middle of being written.
      if (!absl::StrContains(name, "VERSION")) {
        return absl::FailedPreconditionError(absl::StrCat(
            "store ", root, ": holds '", name,
            "' and no VERSION file, so it is not a store; name a new or empty "
            "directory with --store"));
      }
    }
    return 0;
  }
  TRANSECT_RETURN_IF_ERROR(text.status());
  absl::string_view rest = absl::StripTrailingAsciiWhitespace(*text);
  int version = 0;
  if (!absl::ConsumePrefix(&rest, kVersionPrefix) ||
      !absl::SimpleAtoi(rest, &version) || version < 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": expected '", kVersionPrefix, kStoreVersion, "', found '",
        absl::StrReplaceAll(text->substr(0, 40), {{"\n", " "}}), "'"));
  }
  if (version > kStoreVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the store has layout version ", version,
                     ", this transect knows versions up to ", kStoreVersion,
                     "; use a newer transect or another --store"));
  }
  return version;
}

}  // namespace

absl::StatusOr<Store> Store::Open(absl::string_view root) {
  std::error_code error;
  std::string absolute = std::filesystem::absolute(std::string(root), error)
                             .lexically_normal()
                             .string();
  if (root.empty() || error) {
    return absl::InvalidArgumentError(
        absl::StrCat("store '", root, "': not a usable path"));
  }
  if (absolute.size() > 1 && absolute.back() == '/') {
    absolute.pop_back();
  }
  TRANSECT_RETURN_IF_ERROR(CheckVersion(absolute).status());
  return Store(std::move(absolute));
}

absl::StatusOr<Store> Store::OpenOrCreate(absl::string_view root) {
  TRANSECT_ASSIGN_OR_RETURN(Store store, Open(root));
  TRANSECT_RETURN_IF_ERROR(CheckExecution(store.root()));
  TRANSECT_ASSIGN_OR_RETURN(const int version, CheckVersion(store.root()));
  // What an older version holds stays; what is added is of this version.
  if (version < kStoreVersion) {
    TRANSECT_RETURN_IF_ERROR(MakeDirs(store.root()));
    TRANSECT_RETURN_IF_ERROR(
        WriteFileAtomic(store.root() + "/VERSION",
                        absl::StrCat(kVersionPrefix, kStoreVersion, "\n")));
  }
  return store;
}

std::string Store::RunDir(absl::string_view id, absl::string_view code) const {
  return absl::StrCat(FanOut(root_, kRuns, id), "/", ShownCode(code));
}

std::string Store::InputDir(absl::string_view id) const {
  return FanOut(root_, kInputs, id);
}

std::string Store::WeightsDir(absl::string_view id,
                              absl::string_view code) const {
  return absl::StrCat(FanOut(root_, kInputs, id), "/", ShownCode(code));
}

std::vector<std::string> Store::CodesOfRun(absl::string_view id) const {
  return NamesIn(FanOut(root_, kRuns, id));
}

std::vector<std::string> Store::CodesOfWeights(absl::string_view id) const {
  // Made inputs that depend on no code have their files here.
  return CodesIn(FanOut(root_, kInputs, id));
}

std::vector<std::string> Store::RunIds(absl::string_view prefix) const {
  return IdsIn(SchemeDir(root_, kRuns), prefix);
}

std::vector<std::string> Store::InputIds(absl::string_view prefix) const {
  return IdsIn(SchemeDir(root_, kInputs), prefix);
}

std::vector<OlderRun> Store::OlderRuns() const {
  constexpr absl::string_view kFirstScheme = "h1";
  const std::string runs = absl::StrCat(root_, "/", kRuns);
  std::vector<OlderRun> older;
  for (const std::string& start : NamesIn(runs)) {
    // The first scheme had no directory of its own.
    if (start.size() != 2 ||
        !std::ranges::all_of(start, absl::ascii_isxdigit)) {
      continue;
    }
    for (const std::string& id : NamesIn(absl::StrCat(runs, "/", start))) {
      const std::string dir = absl::StrCat(runs, "/", start, "/", id);
      for (const std::string& code : CodesIn(dir)) {
        older.push_back({std::string(kFirstScheme), id, code,
                         absl::StrCat(dir, "/", code)});
      }
    }
  }
  return older;
}

std::vector<std::string> Store::Codes() const { return CodesIn(BundlesDir()); }

std::string Store::BundleDir(absl::string_view code) const {
  return absl::StrCat(BundlesDir(), "/", ShownCode(code));
}

std::string Store::ContentPath(absl::string_view sha256) const {
  return absl::StrCat(ContentsDir(), "/", sha256.substr(0, 2), "/", sha256);
}

std::string Store::ThroughputDir() const { return root_ + "/rates"; }

std::string Store::ThroughputPath(absl::string_view key) const {
  return absl::StrCat(ThroughputDir(), "/", key, ".textproto");
}

std::string Store::DigestCacheDir() const { return root_ + "/cache/digests"; }

std::string Store::CheckedDataPath(absl::string_view key) const {
  return absl::StrCat(CheckedDataDir(), "/", key);
}

std::string Store::ReportPath(absl::string_view experiment) const {
  return absl::StrCat(ReportsDir(), "/", experiment, ".md");
}

std::string Store::SweepDir(absl::string_view name) const {
  return absl::StrCat(SweepsDir(), "/", name);
}

std::string Store::CertifyDir(absl::string_view id,
                              absl::string_view code) const {
  return absl::StrCat(CertifyRoot(), "/", id, "-", ShownCode(code));
}

std::string Store::ProgramDir(absl::string_view digest) const {
  return absl::StrCat(ProgramsDir(), "/", digest);
}

std::string Store::ViewDir(absl::string_view experiment) const {
  return absl::StrCat(root_, "/views/", experiment);
}

std::string Store::GpuDir(absl::string_view host, absl::string_view gpu) const {
  const auto name = [](absl::string_view text) {
    std::string safe(text);
    for (char& c : safe) {
      if (!absl::ascii_isalnum(c) && c != '-' && c != '.') c = '_';
    }
    return safe.empty() || safe[0] == '.' ? absl::StrCat("_", safe) : safe;
  };
  return absl::StrCat(root_, "/gpus/", name(host), "/", name(gpu));
}

std::string ShownId(absl::string_view id) {
  return std::string(id.substr(0, kShownIdDigits));
}

std::string ShownCode(absl::string_view code) {
  return std::string(code.substr(0, kShownCodeDigits));
}

std::string LeasePath(absl::string_view job_dir) {
  return absl::StrCat(job_dir, "/LEASE");
}

std::string SpecPath(absl::string_view job_dir) {
  return absl::StrCat(job_dir, "/spec.textproto");
}

std::string InputsPath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/inputs.textproto");
}

std::string ResultPath(absl::string_view job_dir) {
  return absl::StrCat(job_dir, "/result.textproto");
}

std::string CancelPath(absl::string_view job_dir) {
  return absl::StrCat(job_dir, "/cancel.textproto");
}

std::string CertificatePath(absl::string_view job_dir) {
  return absl::StrCat(job_dir, "/certificate.textproto");
}

std::string AttemptDir(absl::string_view job_dir, int attempt) {
  return absl::StrFormat("%s/%04d", AttemptsDir(job_dir), attempt);
}

std::string LaunchPath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/launch.textproto");
}

std::string ProvenancePath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/provenance.textproto");
}

std::string OutcomePath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/outcome.textproto");
}

std::string RendezvousPath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/rendezvous");
}

std::string TrainedPath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/trained.textproto");
}

std::string StagingDir(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/staging");
}

std::string RankLogPath(absl::string_view attempt_dir, int rank) {
  return absl::StrFormat("%s/rank%05d.log", attempt_dir, rank);
}

std::string RankMetricsPath(absl::string_view attempt_dir, int rank) {
  return absl::StrFormat("%s/rank%05d.metrics", attempt_dir, rank);
}

std::string RankExitPath(absl::string_view attempt_dir, int rank) {
  return absl::StrFormat("%s/rank%05d.exit", attempt_dir, rank);
}

std::string StepLogPath(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/step.log");
}

std::string SweepPath(absl::string_view sweep_dir) {
  return absl::StrCat(sweep_dir, "/sweep.textproto");
}

std::string SweepScriptPath(absl::string_view sweep_dir, int group) {
  return absl::StrCat(sweep_dir, "/group", group, ".sbatch");
}

std::string SweepJobsPath(absl::string_view sweep_dir) {
  return absl::StrCat(sweep_dir, "/jobs");
}

std::string LedgerPath(absl::string_view ledger_dir, absl::string_view name) {
  return absl::StrCat(ledger_dir, "/", name, ".ledger");
}

std::string EndedPath(absl::string_view ledger_dir, absl::string_view key) {
  return absl::StrCat(ledger_dir, "/ended-", key);
}

std::string SlotLogPattern(absl::string_view sweep_dir) {
  return absl::StrCat(sweep_dir, "/slot-%x-%j.log");
}

std::string RankMasksPath(absl::string_view attempt_dir, int rank) {
  return absl::StrFormat("%s/rank%05d.masks", attempt_dir, rank);
}

std::string CodePartsPath(absl::string_view bundle_dir) {
  return absl::StrCat(bundle_dir, "/code.textproto");
}

std::string EvaluationsDir(absl::string_view run_dir) {
  return absl::StrCat(run_dir, "/evaluations");
}

std::vector<std::string> EvaluationNames(absl::string_view run_dir) {
  std::vector<std::string> names = NamesIn(EvaluationsDir(run_dir));
  // The lease, and directories that are being made, are none.
  std::erase_if(names, [](const std::string& name) {
    const size_t dash = name.rfind('-');
    return dash == name.npos || name.size() - dash - 1 != kShownIdDigits ||
           !std::all_of(name.begin() + static_cast<ptrdiff_t>(dash) + 1,
                        name.end(), absl::ascii_isxdigit);
  });
  return names;
}

std::string DrawnItemsPath(absl::string_view evaluation_dir) {
  return absl::StrCat(evaluation_dir, "/drawn.binpb");
}

std::string EvaluationDir(absl::string_view run_dir, absl::string_view split,
                          absl::string_view id) {
  return absl::StrCat(EvaluationsDir(run_dir), "/", split, "-", ShownId(id));
}

std::string CheckpointsDir(absl::string_view attempt_dir) {
  return absl::StrCat(attempt_dir, "/checkpoints");
}

std::vector<int> Attempts(absl::string_view job_dir) {
  std::vector<int> attempts;
  for (const std::string& name : NamesIn(AttemptsDir(job_dir))) {
    int attempt = 0;
    if (absl::SimpleAtoi(name, &attempt) && attempt > 0) {
      attempts.push_back(attempt);
    }
  }
  std::sort(attempts.begin(), attempts.end());
  return attempts;
}

int AttemptNumber(absl::string_view attempt_dir) {
  int attempt = 0;
  const size_t slash = attempt_dir.rfind('/');
  return slash != attempt_dir.npos &&
                 absl::SimpleAtoi(attempt_dir.substr(slash + 1), &attempt)
             ? attempt
             : 0;
}

absl::StatusOr<int> MakeNextAttempt(absl::string_view job_dir) {
  const std::string attempts_dir = AttemptsDir(job_dir);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(attempts_dir));
  const std::vector<int> attempts = Attempts(job_dir);
  for (int next = attempts.empty() ? 1 : attempts.back() + 1;; ++next) {
    const std::string directory = AttemptDir(job_dir, next);
    if (mkdir(directory.c_str(), 0777) == 0) {
      TRANSECT_RETURN_IF_ERROR(FsyncDir(attempts_dir));
      return next;
    }
    if (errno != EEXIST) {
      return absl::ErrnoToStatus(errno,
                                 absl::StrCat("cannot make ", directory));
    }
  }
}

}  // namespace transect
