#include "launch/upkeep/copy_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
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
#include "data/io/textproto.h"
#include "launch/store/bundle.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/program/tree.h"
#include "launch/store/store.h"
#include "launch/upkeep/stored_jobs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

bool SameState(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// Of its machine or its moment: leases and their claims, what is staged, what
// is being written.
bool StaysBehind(absl::string_view name) {
  const std::string lease = fs::path(LeasePath("")).filename().string();
  for (const absl::string_view part :
       {absl::string_view("/staging/"), absl::string_view("/staging.away/"),
        absl::string_view(".making.")}) {
    if (absl::StrContains(absl::StrCat("/", name), part)) return true;
  }
  const std::string file = fs::path(std::string(name)).filename().string();
  return file == lease || absl::StartsWith(file, absl::StrCat(lease, "."));
}

class Copier {
 public:
  Copier(const Store& from, const Store& to) : from_(from), to_(to) {}

  StoreCopy& copy() { return copy_; }

  std::string There(const std::string& path) const {
    return absl::StrCat(to_.root(), path.substr(from_.root().size()));
  }

  // Copies a file of the store to the same place of the other.
  absl::Status CopyOne(const std::string& path) {
    const std::string target = There(path);
    struct stat source;
    struct stat present;
    if (stat(path.c_str(), &source) != 0) {
      return absl::ErrnoToStatus(errno, path);
    }
    if (stat(target.c_str(), &present) == 0 && SameState(source, present)) {
      ++copy_.kept_files;
      return absl::OkStatus();
    }
    TRANSECT_RETURN_IF_ERROR(MakeDirs(fs::path(target).parent_path().string()));
    const std::string temporary = TemporaryPath(target);
    absl::Status status = CopyFile(path, temporary, source.st_mode & 0777);
    const timespec times[] = {source.st_atim, source.st_mtim};
    if (status.ok() && (utimensat(AT_FDCWD, temporary.c_str(), times, 0) != 0 ||
                        rename(temporary.c_str(), target.c_str()) != 0)) {
      status = absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", target));
    }
    if (!status.ok()) {
      unlink(temporary.c_str());
      return status;
    }
    ++copy_.files;
    copy_.bytes += source.st_size;
    return absl::OkStatus();
  }

  // The results of a directory after its other files.
  absl::Status CopyTree(const std::string& directory) {
    const std::string result = fs::path(ResultPath("")).filename().string();
    std::vector<std::string> last;
    for (const std::string& name : FilesBelow(directory, directory)) {
      const std::string path = absl::StrCat(directory, "/", name);
      if (StaysBehind(name)) continue;
      if (fs::path(name).filename() == result) {
        last.push_back(path);
      } else {
        TRANSECT_RETURN_IF_ERROR(CopyOne(path));
      }
    }
    if (last.empty()) return absl::OkStatus();
    TRANSECT_RETURN_IF_ERROR(SyncFileSystem(to_.root()));
    // The run before its evaluations, as they were made.
    for (auto path = last.rbegin(); path != last.rend(); ++path) {
      TRANSECT_RETURN_IF_ERROR(CopyOne(*path));
    }
    return absl::OkStatus();
  }

  absl::Status CopyJob(const std::string& dir) {
    const std::string there = There(dir);
    if (IsLeaseHeld(dir)) {
      copy_.notes.push_back(
          absl::StrCat(dir, ": left out: in use (", LeaseHolder(dir), ")"));
      return absl::OkStatus();
    }
    const absl::StatusOr<std::string> mine = ReadFile(ResultPath(dir));
    const absl::StatusOr<std::string> theirs = ReadFile(ResultPath(there));
    if (theirs.ok() && (!mine.ok() || *mine != *theirs)) {
      copy_.notes.push_back(absl::StrCat(dir, ": left out: ", there,
                                         " has a result of its own already"));
      return absl::OkStatus();
    }
    TRANSECT_RETURN_IF_ERROR(MakeDirs(there));
    absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(there);
    if (absl::IsUnavailable(lease.status())) {
      copy_.notes.push_back(
          absl::StrCat(dir, ": left out: ", lease.status().message()));
      return absl::OkStatus();
    }
    TRANSECT_RETURN_IF_ERROR(lease.status());
    TRANSECT_RETURN_IF_ERROR(CopyTree(dir));
    ++copy_.jobs;
    return absl::OkStatus();
  }

  // Libraries are names of contents there too.
  absl::Status CopyBundle(const std::string& code) {
    const absl::StatusOr<CodeParts> parts = ReadCodeParts(from_, code);
    const std::string bundle = from_.BundleDir(code);
    if (!parts.ok()) {
      copy_.notes.push_back(
          absl::StrCat(bundle, ": left out: ", parts.status().message()));
      return absl::OkStatus();
    }
    TRANSECT_RETURN_IF_ERROR(MakeDirs(to_.BundlesDir()));
    for (const CodeFile& file : parts->library()) {
      const std::string path = absl::StrCat(bundle, "/", file.path());
      const std::string content = to_.ContentPath(file.sha256());
      const std::string target = There(path);
      if (FileExists(target)) {
        ++copy_.kept_files;
        continue;
      }
      TRANSECT_RETURN_IF_ERROR(
          MakeDirs(fs::path(target).parent_path().string()));
      if (!FileExists(content)) {
        if (FileExists(from_.ContentPath(file.sha256()))) {
          TRANSECT_RETURN_IF_ERROR(CopyOne(from_.ContentPath(file.sha256())));
        } else {
          TRANSECT_RETURN_IF_ERROR(CopyOne(path));
          continue;
        }
      }
      const std::string temporary = TemporaryPath(target);
      TRANSECT_RETURN_IF_ERROR(LinkOrCopy(content, temporary, 0444));
      if (rename(temporary.c_str(), target.c_str()) != 0) {
        return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", target));
      }
      ++copy_.files;
    }
    for (const CodeFile& file : parts->binary()) {
      TRANSECT_RETURN_IF_ERROR(CopyOne(absl::StrCat(bundle, "/", file.path())));
    }
    // Last: without it there is no bundle.
    return CopyOne(CodePartsPath(bundle));
  }

 private:
  const Store& from_;
  const Store& to_;
  StoreCopy copy_;
};

// Adds the directory of the made input `id` and of all that it read.
void AddInput(const Store& store, const std::string& id,
              const std::string& code, std::set<std::string>* dirs);

// The same of all that the attempts of a job read.
void AddInputsOf(const Store& store, const std::string& dir,
                 const std::string& code, std::set<std::string>* dirs) {
  std::vector<std::string> job_dirs = {dir};
  for (const std::string& name : EvaluationNames(dir)) {
    job_dirs.push_back(absl::StrCat(EvaluationsDir(dir), "/", name));
  }
  for (const std::string& job_dir : job_dirs) {
    for (const int attempt : Attempts(job_dir)) {
      const absl::StatusOr<JobInputs> inputs =
          ReadTextproto<JobInputs>(InputsPath(AttemptDir(job_dir, attempt)));
      if (!inputs.ok()) continue;
      for (const std::string& id :
           {inputs->data(), inputs->tokenizer(), inputs->weights()}) {
        if (!id.empty()) AddInput(store, id, code, dirs);
      }
    }
  }
}

void AddInput(const Store& store, const std::string& id,
              const std::string& code, std::set<std::string>* dirs) {
  // Of found inputs there is no directory.
  for (const std::string& dir :
       {store.InputDir(id), store.WeightsDir(id, code)}) {
    if (!FileExists(SpecPath(dir)) || !dirs->insert(dir).second) continue;
    AddInputsOf(store, dir, code, dirs);
  }
}

}  // namespace

absl::StatusOr<StoreCopy> CopyStore(
    const Store& from, const std::vector<std::string>& runs, bool all,
    const Store& to, const std::function<void(int done, int total)>& progress) {
  if (from.root() == to.root()) {
    return absl::InvalidArgumentError(
        absl::StrCat(to.root(), ": is the store itself; name another folder"));
  }
  std::set<std::string> wanted(runs.begin(), runs.end());
  std::set<std::string> inputs;
  std::set<std::string> codes;
  std::vector<std::string> dirs;
  for (const StoredJob& job : ListJobs(from)) {
    if (job.kind == StoredJob::Kind::kEvaluation) continue;
    const bool is_run = job.kind == StoredJob::Kind::kRun;
    if (all && !is_run) inputs.insert(job.dir);
    if (!is_run || (!all && wanted.count(job.dir) == 0)) continue;
    dirs.push_back(job.dir);
    codes.insert(job.code);
    AddInputsOf(from, job.dir, job.code, &inputs);
  }
  if (all) {
    for (const std::string& code : from.Codes()) codes.insert(code);
  }
  // Runs last: what is there can be used.
  dirs.insert(dirs.begin(), inputs.begin(), inputs.end());
  Copier copier(from, to);
  const int total = static_cast<int>(dirs.size() + codes.size());
  int done = 0;
  for (const std::string& code : codes) {
    TRANSECT_RETURN_IF_ERROR(copier.CopyBundle(code));
    progress(++done, total);
  }
  if (all) {
    for (const std::string& dir :
         {from.ReportsDir(), from.ThroughputDir(), from.ContentsDir()}) {
      for (const std::string& name : FilesBelow(dir, dir)) {
        TRANSECT_RETURN_IF_ERROR(copier.CopyOne(absl::StrCat(dir, "/", name)));
      }
    }
  }
  for (const std::string& dir : dirs) {
    TRANSECT_RETURN_IF_ERROR(copier.CopyJob(dir));
    progress(++done, total);
  }
  TRANSECT_RETURN_IF_ERROR(SyncFileSystem(to.root()));
  return std::move(copier.copy());
}

}  // namespace transect
