#include "launch/slurm/staged.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

std::string NameIn(const std::string& path) {
  return fs::path(path).filename().string();
}

bool BelongsToMaking(const std::string& name) {
  static const std::string* const attempts = new std::string(
      NameIn(fs::path(AttemptDir("", 1)).parent_path().string()));
  static const std::string* const lease =
      new std::string(NameIn(LeasePath("")));
  return name == *attempts || absl::StartsWith(name, *lease);
}

absl::Status CopyAll(const std::string& from, const std::string& to) {
  std::error_code error;
  for (fs::directory_iterator entry(from, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (BelongsToMaking(name)) continue;
    fs::copy(entry->path(), fs::path(to) / name,
             fs::copy_options::recursive | fs::copy_options::copy_symlinks,
             error);
    if (error) break;
  }
  return error ? absl::UnavailableError(absl::StrCat(
                     "cannot copy ", from, " to ", to,
                     " (slurm.scratch of the site file): ", error.message()))
               : absl::OkStatus();
}

}  // namespace

Staged StageFor(const Store& store, const Sweep& sweep, const SweepJob& job,
                LaunchPlan* plan) {
  Staged staged;
  staged.worker = sweep.worker();
  const std::string& scratch = sweep.site().slurm().scratch();
  if (scratch.empty()) return staged;
  const auto add = [&](const std::string& from) {
    // As in the store, below another root.
    std::string to =
        absl::StrCat(scratch, "/transect",
                     absl::StripPrefix(absl::string_view(from), store.root()));
    staged.pairs.push_back(absl::StrCat(from, "=", to));
    return to;
  };
  const std::string bundle = store.BundleDir(sweep.code());
  staged.worker = absl::StrCat(
      add(bundle), absl::StripPrefix(absl::string_view(staged.worker), bundle));
  if (plan->has_train() && job.inputs().has_data()) {
    const std::string input = store.InputDir(job.inputs().data());
    absl::string_view rest = plan->train().data_root();
    if (absl::ConsumePrefix(&rest, input)) {
      const std::string root = absl::StrCat(add(input), rest);
      plan->mutable_train()->set_data_root(root);
    }
  }
  return staged;
}

absl::Status Stage(const std::string& from, const std::string& to) {
  if (FileExists(to)) return absl::OkStatus();
  TRANSECT_RETURN_IF_ERROR(MakeDirs(fs::path(to).parent_path().string()));
  const std::string path = absl::StrCat(to, ".lock");
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  absl::Cleanup close_lock = [lock] { close(lock); };
  while (flock(lock, LOCK_EX) != 0) {
    if (errno != EINTR) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", path));
    }
  }
  if (FileExists(to)) return absl::OkStatus();
  TRANSECT_RETURN_IF_ERROR(RemoveUnfinished(to));
  return MakeNewDirectory(to, [&](const std::string& unfinished) {
    return CopyAll(from, unfinished);
  });
}

}  // namespace transect
