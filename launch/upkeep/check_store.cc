#include "launch/upkeep/check_store.h"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "launch/inputs/manifest.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/program/tree.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/upkeep/stored_jobs.h"
#include "metrics/log_reader.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

class Checker {
 public:
  Checker(const Store& store, StoreCheck* check)
      : store_(store), check_(*check) {}

  void CheckJobDir(const StoredJob& job) {
    CheckSpec(job);
    CheckLogs(job);
    if (!FileExists(ResultPath(job.dir))) {
      // The directory of a run is there before its first evaluation is.
      check_.set_unfinished(check_.unfinished() + 1);
      return;
    }
    check_.set_results(check_.results() + 1);
    const absl::StatusOr<Result> result =
        ReadTextproto<Result>(ResultPath(job.dir));
    const bool evaluation = job.kind == StoredJob::Kind::kEvaluation;
    // A directory of an evaluation has the first digits of its id.
    const std::string id =
        evaluation && result.ok() &&
                absl::EndsWith(job.dir,
                               absl::StrCat("-", ShownId(result->id())))
            ? result->id()
            : job.id;
    const ResultCheck shallow = CheckResult(job.dir, id, "");
    if (shallow.state != ResultCheck::kValid) {
      Complain(ResultPath(job.dir), shallow.problem);
      return;
    }
    if (!job.code.empty() && ShownCode(shallow.result.code()) != job.code) {
      Complain(
          ResultPath(job.dir),
          absl::StrCat("was made by code ", ShownCode(shallow.result.code()),
                       " and lies in the directory of ", job.code,
                       "; remove the directory to run the job again"));
    }
    for (const ResultFile& file : shallow.result.file()) {
      if (shallow.weights_gone && file.path() == kWeightsFile) {
        Complain(absl::StrCat(job.dir, "/", kWeightsFile),
                 absl::StrCat("is gone: what was measured with it still "
                              "counts; restore it, or remove ",
                              ResultPath(job.dir), " to run the job again"));
        continue;
      }
      CheckOutput(job.dir, file);
    }
    CheckId(job);
  }

  void CheckBundleDir(const std::string& code) {
    check_.set_bundles(check_.bundles() + 1);
    const std::string bundle = store_.BundleDir(code);
    const absl::StatusOr<CodeParts> parts = ReadCodeParts(store_, code);
    if (!parts.ok()) {
      Complain(bundle, absl::StrCat(parts.status().message(), kRemoveBundle));
      return;
    }
    if (parts->library().empty()) {
      Complain(bundle,
               "was made by a Transect that did not record its libraries, so "
               "what it computes is not known; `transect gc` and `transect "
               "run` make room and results of the present code");
      return;
    }
    if (ShownCode(CodeDigest(*parts)) != code) {
      Complain(CodePartsPath(bundle),
               absl::StrCat("is not what the name of the bundle is the digest "
                            "of",
                            kRemoveBundle));
    }
    std::map<std::string, std::string> expected;
    for (const auto* files : {&parts->binary(), &parts->library()}) {
      for (const CodeFile& file : *files) expected[file.path()] = file.sha256();
    }
    for (const std::string& name : FilesBelow(bundle, bundle)) {
      const std::string path = absl::StrCat(bundle, "/", name);
      if (expected.count(name) == 0 && path != CodePartsPath(bundle)) {
        Complain(path, "is no part of the bundle; remove it");
      }
    }
    for (const auto& [name, sha256] : expected) {
      CheckFile(absl::StrCat(bundle, "/", name), sha256, kRemoveBundle);
    }
  }

  void CheckContents() {
    for (const std::string& name :
         FilesBelow(store_.ContentsDir(), store_.ContentsDir())) {
      const std::string path = absl::StrCat(store_.ContentsDir(), "/", name);
      const std::string digest = fs::path(path).filename().string();
      constexpr size_t kDigits = 64;
      // Temporary files of who is writing one have other names.
      if (digest.size() != kDigits) continue;
      CheckFile(path, digest, "; remove it: it is copied again where needed");
    }
  }

 private:
  static constexpr absl::string_view kRemoveBundle =
      "; remove the bundle's directory, then the Transect that made it makes "
      "it again";
  static constexpr absl::string_view kRemoveJob =
      "; restore it, or remove the job's directory to run the job again";

  // The first thing that is wrong with a file tells the others.
  void Complain(const std::string& path, absl::string_view what) {
    if (!complained_.insert(path).second) return;
    StoreProblem* const problem = check_.add_problem();
    problem->set_path(path);
    problem->set_what(std::string(what));
  }

  // Of a file with several names once.
  absl::StatusOr<std::string> DigestOf(const std::string& path) {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return Sha256OfFile(path);
    const std::pair<uint64_t, uint64_t> key(info.st_dev, info.st_ino);
    const auto known = digests_.find(key);
    if (known != digests_.end()) return known->second;
    absl::StatusOr<std::string> digest = Sha256OfFile(path);
    if (digest.ok()) {
      check_.set_bytes(check_.bytes() + info.st_size);
      if (info.st_nlink > 1) digests_[key] = *digest;
    }
    return digest;
  }

  void CheckFile(const std::string& path, absl::string_view sha256,
                 absl::string_view way_out) {
    const absl::StatusOr<std::string> digest = DigestOf(path);
    if (!digest.ok()) {
      Complain(path, absl::StrCat(digest.status().message(), way_out));
    } else if (*digest != sha256) {
      Complain(path,
               absl::StrCat("has other bytes than it was made with", way_out));
    }
  }

  void CheckOutput(const std::string& job_dir, const ResultFile& file) {
    const std::string path = absl::StrCat(job_dir, "/", file.path());
    if (!file.sha256().empty()) CheckFile(path, file.sha256(), kRemoveJob);
    if (file.path() != kDataManifest) return;
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) return;
    const absl::StatusOr<std::vector<ManifestLine>> lines =
        ParseManifest(*text, path);
    if (!lines.ok()) {
      Complain(path, absl::StrCat(lines.status().message(), kRemoveJob));
      return;
    }
    for (const ManifestLine& line : *lines) {
      CheckFile(absl::StrCat(job_dir, "/", line.path), line.sha256, kRemoveJob);
    }
  }

  void CheckSpec(const StoredJob& job) {
    if (job.kind != StoredJob::Kind::kRun &&
        job.kind != StoredJob::Kind::kWeights) {
      return;
    }
    const absl::StatusOr<std::string> text = ReadFile(SpecPath(job.dir));
    // The directory is made before the file.
    if (absl::IsNotFound(text.status()) && !FileExists(ResultPath(job.dir))) {
      return;
    }
    if (!text.ok() || text->empty()) {
      Complain(SpecPath(job.dir),
               absl::StrCat("cannot be read or is empty", kRemoveJob));
    }
  }

  // Whether the spec and the launch plan of a finished run have its id. Those
  // of older schemes cannot be asked.
  void CheckId(const StoredJob& job) {
    const bool known = (job.kind == StoredJob::Kind::kRun &&
                        job.dir == store_.RunDir(job.id, job.code)) ||
                       job.kind == StoredJob::Kind::kWeights;
    if (!known) return;
    const absl::Status found =
        FindRun(store_, "", absl::StrCat(job.id, "/", job.code)).status();
    if (!found.ok()) {
      Complain(job.dir, absl::StrCat(found.message(), kRemoveJob));
    }
  }

  void CheckLogs(const StoredJob& job) {
    for (const int attempt : Attempts(job.dir)) {
      const std::string dir = AttemptDir(job.dir, attempt);
      for (int rank = 0; FileExists(RankMetricsPath(dir, rank)); ++rank) {
        const std::string path = RankMetricsPath(dir, rank);
        const absl::StatusOr<MetricLog> log = ReadMetricLog(path);
        check_.set_logs(check_.logs() + 1);
        if (!log.ok()) {
          Complain(path, absl::StrCat(log.status().message(), kRemoveJob));
        }
      }
    }
  }

  const Store& store_;
  StoreCheck& check_;
  std::set<std::string> complained_;
  // By device and inode, of files with several names.
  std::map<std::pair<uint64_t, uint64_t>, std::string> digests_;
};

}  // namespace

StoreCheck CheckStore(
    const Store& store,
    const std::function<void(int done, int total)>& progress) {
  StoreCheck check;
  check.set_format_version(1);
  check.set_store(store.root());
  Checker checker(store, &check);
  const std::vector<StoredJob> jobs = ListJobs(store);
  const std::vector<std::string> codes = store.Codes();
  const int total = static_cast<int>(jobs.size() + codes.size()) + 1;
  int done = 0;
  for (const StoredJob& job : jobs) {
    checker.CheckJobDir(job);
    progress(++done, total);
  }
  for (const std::string& code : codes) {
    checker.CheckBundleDir(code);
    progress(++done, total);
  }
  checker.CheckContents();
  progress(++done, total);
  return check;
}

std::string StoreCheckText(const StoreCheck& check) {
  std::string text;
  for (const StoreProblem& problem : check.problem()) {
    absl::StrAppend(&text, problem.path(), ": ", problem.what(), "\n");
  }
  absl::StrAppend(
      &text, check.problem().empty() ? "all is as it was made: " : "checked ",
      CountText(check.results(), "result"), ", ",
      CountText(check.unfinished(), "unfinished job"), ", ",
      CountText(check.logs(), "metric log"), ", ",
      CountText(check.bundles(), "bundle"), ", ",
      QuantityText(static_cast<double>(check.bytes()), "B"), " hashed\n");
  if (!check.problem().empty()) {
    absl::StrAppend(&text, CountText(check.problem_size(), "problem"), "\n");
  }
  return text;
}

}  // namespace transect
