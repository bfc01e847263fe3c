#include "launch/ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "data/io/file_fault.h"
#include "launch/execute/gpu_leases.h"
#include "metrics/log_format.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string Safe(absl::string_view text) {
  std::string safe(text);
  for (char& c : safe) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.' && c != '_') c = '_';
  }
  // Not "." or "..", and not nothing.
  return absl::StartsWith(safe, ".") || safe.empty() ? absl::StrCat("_", safe)
                                                     : safe;
}

std::string Frame(const LedgerRecord& record) {
  return EncodeFrame(record.SerializeAsString());
}

absl::Status SystemError(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(
      errno, absl::StrCat("cannot ", what, " ledger '", path, "'"));
}

// Adds what the file has after what was read of it.
void ReadOne(const std::string& path, LedgerFile* file, Ledger* ledger) {
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  if (!bytes.ok()) {
    // Another process may have removed it.
    if (!absl::IsNotFound(bytes.status())) {
      ledger->problems.emplace_back(bytes.status().message());
    }
    return;
  }
  const auto problem = [&](absl::string_view what) {
    ledger->problems.push_back(absl::StrCat("ledger '", path, "' ", what,
                                            " at byte ", file->bytes,
                                            "; what stands before counts"));
  };
  while (file->bytes < bytes->size()) {
    const LogPiece frame =
        DecodeFrame(absl::string_view(*bytes).substr(file->bytes));
    if (frame.state == LogPiece::State::kIncomplete) {
      return problem("has a torn tail");
    }
    LedgerRecord record;
    if (frame.state == LogPiece::State::kDamaged ||
        !record.ParseFromArray(frame.payload.data(),
                               static_cast<int>(frame.payload.size())) ||
        record.has_start() == (file->start >= 0)) {
      file->damaged = true;
      return problem("is damaged");
    }
    if (record.has_start()) {
      file->start = static_cast<int>(ledger->starts.size());
      ledger->starts.push_back(std::move(*record.mutable_start()));
    } else if (record.has_event()) {
      ledger->entries.push_back(
          {std::move(*record.mutable_event()), file->start});
    }
    file->bytes += frame.bytes;
  }
}

bool IsLedger(absl::string_view name) {
  return absl::EndsWith(name, LedgerPath("", "").substr(1));
}

}  // namespace

std::string LedgerDirOf(const Store& store, absl::string_view experiment) {
  return absl::StrCat(store.LedgerDir(), "/", Safe(experiment));
}

LedgerWriter::LedgerWriter(const Store& store, LedgerStart start)
    : directory_(LedgerDirOf(store, start.experiment())),
      start_(std::move(start)) {
  start_.set_host(HostName());
  start_.set_process(getpid());
  if (const char* user = getenv("USER"); user != nullptr) {
    start_.set_user(user);
  }
}

LedgerWriter::~LedgerWriter() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::Status LedgerWriter::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const int fault = InjectedFault("write", path_);
    if (fault != 0) errno = fault;
    const ssize_t written =
        fault != 0 ? -1 : write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write", path_);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  const int fault = InjectedFault("fsync", path_);
  if (fault != 0) errno = fault;
  // Some file systems cannot sync.
  if (fault != 0 || (fsync(descriptor_) != 0 && errno != EINVAL)) {
    return SystemError("sync", path_);
  }
  return absl::OkStatus();
}

absl::Status LedgerWriter::Open(std::string* frames) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory_));
  start_.set_unix_us(absl::ToUnixMicros(absl::Now()));
  const std::string time =
      absl::FormatTime("%Y%m%dT%H%M%S", absl::Now(), absl::UTCTimeZone());
  path_ = LedgerPath(directory_, absl::StrCat(time, "-", Safe(start_.host()),
                                              "-", start_.process(), "-",
                                              RandomName().substr(0, 6)));
  const int fault = InjectedFault("open", path_);
  if (fault != 0) errno = fault;
  descriptor_ =
      fault != 0
          ? -1
          : open(path_.c_str(),
                 O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) return SystemError("create", path_);
  TRANSECT_RETURN_IF_ERROR(FsyncDir(directory_));
  LedgerRecord first;
  *first.mutable_start() = start_;
  *frames = Frame(first);
  return absl::OkStatus();
}

absl::Status LedgerWriter::Append(LedgerEvent event) {
  std::string frames;
  absl::Status status;
  if (descriptor_ < 0) status = Open(&frames);
  if (status.ok()) {
    event.set_unix_us(absl::ToUnixMicros(absl::Now()));
    LedgerRecord record;
    *record.mutable_event() = std::move(event);
    absl::StrAppend(&frames, Frame(record));
    status = Write(frames);
  }
  if (!status.ok() && descriptor_ >= 0) {
    close(descriptor_);
    descriptor_ = -1;
  }
  return status;
}

absl::StatusOr<Ledger> ReadLedger(const Store& store,
                                  absl::string_view experiment) {
  Ledger ledger;
  const std::string directory = LedgerDirOf(store, experiment);
  const absl::StatusOr<std::vector<std::string>> names =
      ListDirectory(directory);
  if (absl::IsNotFound(names.status())) return ledger;
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    LedgerFile file;
    if (IsLedger(name)) {
      ReadOne(absl::StrCat(directory, "/", name), &file, &ledger);
    }
  }
  std::ranges::stable_sort(ledger.entries, {}, [](const LedgerEntry& entry) {
    return entry.event.unix_us();
  });
  return ledger;
}

std::vector<std::string> LedgerTail::Poll() {
  std::vector<std::string> runs;
  const absl::StatusOr<std::vector<std::string>> names =
      ListDirectory(directory_);
  if (!names.ok()) return runs;
  Ledger ledger;
  for (const std::string& name : *names) {
    if (!IsLedger(name)) continue;
    LedgerFile& file = files_[name];
    const std::string path = absl::StrCat(directory_, "/", name);
    struct stat info;
    if (file.damaged || stat(path.c_str(), &info) != 0 ||
        static_cast<size_t>(info.st_size) <= file.bytes) {
      continue;
    }
    ReadOne(path, &file, &ledger);
  }
  for (const LedgerEntry& entry : ledger.entries) {
    runs.insert(runs.end(), entry.event.run().begin(), entry.event.run().end());
  }
  return runs;
}

std::map<std::string, RunHistory> HistoriesOf(const Ledger& ledger,
                                              absl::string_view code) {
  std::map<std::string, RunHistory> histories;
  // Index of the newest INTENT with a comment.
  std::map<std::string, int> intents;
  for (int i = 0; i < static_cast<int>(ledger.entries.size()); ++i) {
    const LedgerEntry& entry = ledger.entries[i];
    if (ShownCode(ledger.starts[entry.start].code()) != ShownCode(code)) {
      continue;
    }
    const LedgerEvent* names = &entry.event;
    if (entry.event.kind() == LedgerEvent::INTENT) {
      intents[entry.event.comment()] = i;
    } else if (names->run().empty()) {
      const auto intent = intents.find(entry.event.comment());
      if (intent == intents.end()) continue;
      names = &ledger.entries[intent->second].event;
    }
    for (const std::string& run : names->run()) {
      histories[run].entries.push_back(i);
    }
  }
  return histories;
}

std::string EventName(LedgerEvent::Kind kind) {
  return absl::AsciiStrToLower(LedgerEvent::Kind_Name(kind));
}

}  // namespace transect
