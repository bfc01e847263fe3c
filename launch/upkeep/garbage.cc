#include "launch/upkeep/garbage.h"

#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/terminal_text.h"
#include "data/io/textproto.h"
#include "launch/plan/equal_failures.h"
#include "launch/store/bundle.h"
#include "launch/store/check_job.h"
#include "launch/store/lease.h"
#include "launch/store/program/tree.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/upkeep/stored_jobs.h"
#include "metrics/training_series.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kDay = 24 * 60 * 60;
// As MakeNewDirectory (data/io/new_directory.h) and BeginStaging name what is
// not finished.
constexpr absl::string_view kUnfinished = ".making.";
constexpr absl::string_view kTakenAway = ".away";

std::vector<std::string> NamesIn(const std::string& directory) {
  return ListDirectory(directory).value_or(std::vector<std::string>());
}

int64_t AgeInSeconds(const std::string& path, int64_t now) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 ? now - int64_t{info.st_mtime} : 0;
}

bool IsKept(absl::string_view id, const std::set<std::string>& kept) {
  return std::ranges::any_of(kept, [id](const std::string& start) {
    return absl::StartsWith(id, start) || absl::StartsWith(start, id);
  });
}

void Add(GarbageKind::Value kind, const std::string& path,
         absl::string_view why, const std::string& lease_dir,
         GarbageList* list) {
  Garbage* const garbage = list->add_garbage();
  garbage->set_kind(kind);
  garbage->set_path(path);
  garbage->set_bytes(BytesBelow(path, /*shared=*/false));
  garbage->set_why(std::string(why));
  garbage->set_lease_dir(lease_dir);
}

std::optional<Outcome> OutcomeOf(const std::string& attempt_dir) {
  absl::StatusOr<Outcome> outcome =
      ReadTextproto<Outcome>(OutcomePath(attempt_dir));
  if (!outcome.ok()) return std::nullopt;
  return *std::move(outcome);
}

bool HasFiles(const std::string& directory) {
  return !FilesBelow(directory, directory).empty();
}

// Attempts of `job` that must stay, or nothing where that cannot be known.
// `finished` is the attempt of its result, 0 for none.
std::optional<std::set<int>> AttemptsThatStay(const StoredJob& job,
                                              int finished) {
  const std::vector<int> attempts = Attempts(job.dir);
  std::set<int> stay;
  if (!attempts.empty()) stay.insert(attempts.back());
  if (finished > 0) stay.insert(finished);
  if (job.kind == StoredJob::Kind::kEvaluation) return stay;
  // Evaluations number their attempts as the run does.
  for (const std::string& name : EvaluationNames(job.dir)) {
    const absl::StatusOr<Result> result = ReadTextproto<Result>(
        ResultPath(absl::StrCat(EvaluationsDir(job.dir), "/", name)));
    if (result.ok() && !result->made_alone()) stay.insert(result->attempt());
  }
  if (job.kind == StoredJob::Kind::kInput) return stay;
  const absl::StatusOr<TrainingSeries> series =
      ReadTrainingSeries(MetricsOfAttempts(job.dir), finished);
  if (!series.ok()) return std::nullopt;
  for (const TrainingSeries::Part& part : series->parts) {
    stay.insert(part.attempt);
  }
  return stay;
}

// By index into `attempts`, from which on those lie that are looked at when a
// job is given up: the last that failed at what it does.
size_t FirstOfLastFailures(const StoredJob& job,
                           const std::vector<int>& attempts) {
  int failures = 0;
  for (size_t i = attempts.size(); i > 0; --i) {
    const std::optional<Outcome> outcome =
        OutcomeOf(AttemptDir(job.dir, attempts[i - 1]));
    if (outcome.has_value() && !SaysNothing(*outcome)) ++failures;
    if (failures == kMostEqualFailures) return i - 1;
  }
  return 0;
}

void AddAttempts(const StoredJob& job, int finished, GarbageList* list) {
  const std::vector<int> attempts = Attempts(job.dir);
  const std::optional<std::set<int>> stay = AttemptsThatStay(job, finished);
  if (!stay.has_value()) {
    if (attempts.size() > 1) {
      list->add_note(absl::StrCat(
          job.dir,
          ": its metric logs cannot be read, so all attempts stay; "
          "`transect store check` says what is wrong"));
    }
    return;
  }
  const size_t last =
      finished > 0 ? attempts.size() : FirstOfLastFailures(job, attempts);
  for (size_t i = 0; i < last; ++i) {
    const std::string dir = AttemptDir(job.dir, attempts[i]);
    if (stay->count(attempts[i]) > 0) continue;
    if (finished > 0) {
      Add(GarbageKind::ATTEMPT, dir,
          absl::StrCat("attempt ", finished,
                       " finished it; this one gave nothing to it"),
          job.lease_dir, list);
    } else if (OutcomeOf(dir).has_value() && !HasFiles(CheckpointsDir(dir))) {
      Add(GarbageKind::FAILED_ATTEMPT, dir,
          absl::StrCat("failed, as at least ", kMostEqualFailures,
                       " later ones did"),
          job.lease_dir, list);
    }
  }
}

// The garbage in a job directory whose lease nobody else holds.
void AddOfJob(const StoredJob& job, GarbageList* list) {
  const absl::StatusOr<Result> result =
      ReadTextproto<Result>(ResultPath(job.dir));
  const int before = list->garbage_size();
  // Evaluations have ids of their own; lost weights may be in a checkpoint.
  ResultCheck check;
  if (result.ok()) check = CheckResult(job.dir, result->id(), "");
  const bool valid = check.state == ResultCheck::kValid && !check.weights_gone;
  if (result.ok() && !valid) {
    list->add_note(absl::StrCat(job.dir,
                                ": its result does not hold, so all of it "
                                "stays; `transect store check` says why"));
    return;
  }
  if (valid || !FileExists(ResultPath(job.dir))) {
    AddAttempts(job, valid ? result->attempt() : 0, list);
  }
  std::set<std::string> whole;
  for (int i = before; i < list->garbage_size(); ++i) {
    whole.insert(list->garbage(i).path());
  }
  for (const int attempt : Attempts(job.dir)) {
    const std::string dir = AttemptDir(job.dir, attempt);
    if (whole.count(dir) > 0) continue;
    for (const std::string& staging :
         {StagingDir(dir), absl::StrCat(StagingDir(dir), kTakenAway)}) {
      if (FileExists(staging)) {
        Add(GarbageKind::STAGING, staging,
            "outputs that the attempt did not finish", job.lease_dir, list);
      }
    }
    if (valid && FileExists(CheckpointsDir(dir))) {
      Add(GarbageKind::CHECKPOINTS, CheckpointsDir(dir), "the training is over",
          job.lease_dir, list);
    }
  }
  for (const std::string& name : NamesIn(job.dir)) {
    if (absl::StrContains(name, kUnfinished)) {
      Add(GarbageKind::STAGING, absl::StrCat(job.dir, "/", name),
          "an output that was not finished", job.lease_dir, list);
    }
  }
}

// Code parts, as directories show them, that something names.
std::set<std::string> CodesInUse(const Store& store,
                                 const std::vector<StoredJob>& jobs,
                                 absl::string_view present) {
  std::set<std::string> codes;
  if (!present.empty()) codes.insert(ShownCode(present));
  for (const StoredJob& job : jobs) codes.insert(job.code);
  for (const std::string& sweep : NamesIn(store.SweepsDir())) {
    const std::string text =
        ReadFile(SweepPath(store.SweepDir(sweep))).value_or("");
    for (const std::string& code : store.Codes()) {
      if (absl::StrContains(text, code)) codes.insert(code);
    }
  }
  return codes;
}

bool IsElf(const std::string& path) {
  char start[4] = {};
  FILE* const file = fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  const size_t got = fread(start, 1, sizeof(start), file);
  fclose(file);
  return absl::string_view(start, got) == "\177ELF";
}

void AddBundles(const Store& store, const GarbageOptions& options,
                const std::vector<StoredJob>& jobs, GarbageList* list) {
  const std::string lease = store.BundlesDir();
  const std::set<std::string> in_use = CodesInUse(store, jobs, options.code);
  std::set<std::string> contents;
  bool all_known = true;
  for (const std::string& code : store.Codes()) {
    const std::string bundle = store.BundleDir(code);
    if (in_use.count(code) == 0 && AgeInSeconds(bundle, options.now) > kDay) {
      Add(GarbageKind::BUNDLE, bundle, "no run was made by this code", lease,
          list);
      // Libraries are links to contents, which go with it.
      continue;
    }
    const absl::StatusOr<CodeParts> parts = ReadCodeParts(store, code);
    all_known = all_known && parts.ok();
    if (!parts.ok()) continue;
    for (const CodeFile& file : parts->library()) {
      contents.insert(file.sha256());
    }
  }
  for (const std::string& name : NamesIn(lease)) {
    const std::string path = absl::StrCat(lease, "/", name);
    if (absl::StrContains(name, kUnfinished) &&
        AgeInSeconds(path, options.now) > kDay) {
      Add(GarbageKind::STAGING, path, "a bundle that was not finished", lease,
          list);
    }
  }
  // What a bundle has that cannot be read is not known.
  if (!all_known) return;
  for (const std::string& start : NamesIn(store.ContentsDir())) {
    const std::string directory = absl::StrCat(store.ContentsDir(), "/", start);
    for (const std::string& name : NamesIn(directory)) {
      const std::string path = absl::StrCat(directory, "/", name);
      if (contents.count(name) > 0 || !IsElf(path) ||
          AgeInSeconds(path, options.now) <= kDay) {
        continue;
      }
      Add(GarbageKind::CONTENT, path, "no bundle that stays has this library",
          lease, list);
      // Its other names are in bundles of the list.
      list->mutable_garbage(list->garbage_size() - 1)
          ->set_bytes(BytesBelow(path, /*shared=*/true));
    }
  }
}

void AddUnnamed(const Store& store, int64_t now, GarbageList* list) {
  std::string sweeps;
  for (const std::string& sweep : NamesIn(store.SweepsDir())) {
    const std::string dir = store.SweepDir(sweep);
    for (const std::string& name : NamesIn(dir)) {
      absl::StrAppend(&sweeps,
                      ReadFile(absl::StrCat(dir, "/", name), int64_t{1} << 26)
                          .value_or(""));
    }
  }
  for (const std::string& digest : NamesIn(store.ProgramsDir())) {
    const std::string path = store.ProgramDir(digest);
    if (!absl::StrContains(sweeps, digest) && AgeInSeconds(path, now) > kDay) {
      Add(GarbageKind::PROGRAM, path, "no sweep was started with it", "", list);
    }
  }
  for (const std::string& name : NamesIn(store.CertifyRoot())) {
    const std::string path = absl::StrCat(store.CertifyRoot(), "/", name);
    if (IsLeaseHeld(path)) continue;
    Add(GarbageKind::REPETITION, path, "left by `transect certify`", "", list);
  }
}

void AddCaches(const Store& store, const GarbageOptions& options,
               GarbageList* list) {
  if (options.cache_days < 0) return;
  for (const std::string& directory :
       {store.DigestCacheDir(), store.CheckedDataDir()}) {
    for (const std::string& name : NamesIn(directory)) {
      const std::string path = absl::StrCat(directory, "/", name);
      const int64_t age = AgeInSeconds(path, options.now);
      if (age > options.cache_days * kDay) {
        Add(GarbageKind::CACHE, path,
            absl::StrCat("not written for ", age / kDay,
                         " days; computed again where needed"),
            "", list);
      }
    }
  }
}

GarbageList NewList(const Store& store) {
  GarbageList list;
  list.set_format_version(1);
  list.set_store(store.root());
  return list;
}

// Removes a file or a tree. A bundle gets the name of an unfinished one first:
// a part of it would look damaged.
bool RemoveOne(const Garbage& garbage) {
  std::string path = garbage.path();
  if (garbage.kind() == GarbageKind::BUNDLE) {
    path = absl::StrCat(path, kUnfinished, RandomName());
    if (rename(garbage.path().c_str(), path.c_str()) != 0) return false;
  }
  std::error_code error;
  fs::remove_all(path, error);
  return !error;
}

}  // namespace

std::set<std::string> KeptIds(absl::string_view text) {
  constexpr size_t kLeast = 8;
  constexpr absl::string_view kDigits = "0123456789abcdef";
  std::set<std::string> ids;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find_first_not_of(kDigits, begin);
    if (end == text.npos) end = text.size();
    if (end - begin >= kLeast) {
      ids.insert(std::string(text.substr(begin, end - begin)));
    }
    begin = end + 1;
  }
  return ids;
}

GarbageList FindGarbage(const Store& store, const GarbageOptions& options) {
  GarbageList list = NewList(store);
  const std::vector<StoredJob> jobs = ListJobs(store);
  std::map<std::string, bool> held;
  for (const StoredJob& job : jobs) {
    if (IsKept(job.id, options.kept)) continue;
    const auto [state, is_new] = held.try_emplace(job.lease_dir, false);
    if (is_new && IsLeaseHeld(job.lease_dir)) {
      state->second = true;
      list.add_note(absl::StrCat(job.lease_dir, ": in use (",
                                 LeaseHolder(job.lease_dir), ")"));
    }
    if (!state->second) AddOfJob(job, &list);
  }
  AddBundles(store, options, jobs, &list);
  AddUnnamed(store, options.now, &list);
  AddCaches(store, options, &list);
  std::ranges::stable_sort(
      *list.mutable_garbage(), {}, [](const Garbage& garbage) {
        return std::tuple(static_cast<int>(garbage.kind()), garbage.path());
      });
  return list;
}

GarbageList RemoveGarbage(const Store& store, const GarbageOptions& options,
                          const GarbageList& list) {
  GarbageList removed = NewList(store);
  removed.set_deleted(true);
  *removed.mutable_note() = list.note();
  std::map<std::string, std::vector<Garbage>> by_lease;
  for (const Garbage& garbage : list.garbage()) {
    by_lease[garbage.lease_dir()].push_back(garbage);
  }
  std::map<std::string, std::vector<StoredJob>> jobs;
  for (StoredJob& job : ListJobs(store)) {
    jobs[job.lease_dir].push_back(std::move(job));
  }
  for (const auto& [lease_dir, group] : by_lease) {
    std::unique_ptr<Lease> lease;
    std::set<std::string> still;
    if (!lease_dir.empty()) {
      absl::StatusOr<std::unique_ptr<Lease>> taken = Lease::TryTake(lease_dir);
      if (!taken.ok()) {
        removed.add_note(absl::StrCat(
            lease_dir, ": not touched: ", taken.status().message()));
        continue;
      }
      lease = *std::move(taken);
    }
    // What was garbage when nobody else could change it.
    GarbageList now = NewList(store);
    if (lease_dir == store.BundlesDir()) {
      AddBundles(store, options, ListJobs(store), &now);
    } else if (!lease_dir.empty()) {
      for (const StoredJob& job : jobs[lease_dir]) AddOfJob(job, &now);
    } else {
      AddUnnamed(store, options.now, &now);
      AddCaches(store, options, &now);
    }
    for (const Garbage& garbage : now.garbage()) still.insert(garbage.path());
    for (const Garbage& garbage : group) {
      if (still.count(garbage.path()) == 0) continue;
      if (RemoveOne(garbage)) {
        *removed.add_garbage() = garbage;
      } else {
        removed.add_note(absl::StrCat(garbage.path(), ": cannot be removed"));
      }
    }
  }
  return removed;
}

std::string GarbageText(const GarbageList& list) {
  std::vector<std::vector<std::string>> rows;
  int64_t bytes = 0;
  for (const Garbage& garbage : list.garbage()) {
    bytes += garbage.bytes();
    std::string path = garbage.path();
    if (absl::StartsWith(path, absl::StrCat(list.store(), "/"))) {
      path = path.substr(list.store().size() + 1);
    }
    rows.push_back({QuantityText(static_cast<double>(garbage.bytes()), "B"),
                    path, garbage.why()});
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    absl::StrAppend(&text, PadLeft(row[0], 9), "  ", row[1], "\n           ",
                    row[2], "\n");
  }
  for (const std::string& note : list.note()) {
    absl::StrAppend(&text, "note: ", note, "\n");
  }
  absl::StrAppend(&text, list.deleted() ? "removed " : "could go: ",
                  CountText(list.garbage_size(), "item", "items"), ", ",
                  QuantityText(static_cast<double>(bytes), "B"), "\n");
  return text;
}

}  // namespace transect
