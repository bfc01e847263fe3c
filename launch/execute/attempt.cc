#include "launch/execute/attempt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/execute/process.h"
#include "launch/inputs/limits.h"
#include "launch/store/cancel.h"
#include "launch/store/check_job.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/staging.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::string_view kWorkerPrefix = "transect_worker: ";

// Last line of a file that is not blank; empty if there is none.
std::string LastLine(const std::string& path) {
  constexpr std::streamoff kTail = 8192;
  std::ifstream file(path, std::ios::binary);
  file.seekg(0, std::ios::end);
  const std::streamoff size = file.tellg();
  if (!file || size <= 0) {
    return "";
  }
  file.seekg(std::max<std::streamoff>(0, size - kTail));
  std::string tail((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  const absl::string_view text = absl::StripTrailingAsciiWhitespace(tail);
  const size_t line = text.rfind('\n');
  return std::string(line == absl::string_view::npos ? text
                                                     : text.substr(line + 1));
}

// A remark if the disk of `directory` is full or nearly so: then a rank could
// not even write why it failed. Empty otherwise.
std::string DiskRemark(const std::string& directory) {
  constexpr uint64_t kLittle = uint64_t{1} << 20;
  struct statvfs info;
  if (statvfs(directory.c_str(), &info) != 0 ||
      uint64_t{info.f_bavail} * info.f_frsize >= kLittle) {
    return "";
  }
  return absl::StrCat(
      "; the disk is full: ", uint64_t{info.f_bavail} * info.f_frsize,
      " bytes free on the file system of ", directory);
}

// Writes a file that describes the job, unless an earlier attempt did.
absl::Status WriteOnce(const std::string& path, absl::string_view text) {
  return FileExists(path) ? absl::OkStatus() : WriteFileAtomic(path, text);
}

}  // namespace

const RankEnd* RootCause(absl::Span<const RankEnd> ends) {
  const RankEnd* fallback = nullptr;
  for (const RankEnd& end : ends) {
    if (!end.failed() || end.told) {
      continue;
    }
    if (end.exit_code != ExitCode::PEER_LOST) {
      return &end;
    }
    if (fallback == nullptr) {
      fallback = &end;
    }
  }
  return fallback;
}

std::string DescribeEnd(const RankEnd& end, int ranks,
                        absl::string_view attempt_dir) {
  const std::string who =
      ranks > 1 ? absl::StrCat("rank ", end.rank, ": ") : "";
  if (!end.note.empty()) return absl::StrCat(who, end.note);
  const std::string last = LastLine(RankLogPath(attempt_dir, end.rank));
  absl::string_view message = last;
  if (end.signal == 0 && absl::ConsumePrefix(&message, kWorkerPrefix)) {
    return absl::StrCat(who, message);
  }
  std::string how;
  if (end.signal != 0) {
    how = absl::StrCat("ended by signal ", end.signal, " (",
                       strsignal(end.signal), ")",
                       end.signal != SIGKILL ? ""
                       : end.out_of_memory
                           ? "; memory ran out"
                           : "; memory may have run out, or someone killed it");
  } else if (ExitCode::Code_IsValid(end.exit_code)) {
    how = absl::StrCat(
        ExitCode::Code_Name(static_cast<ExitCode::Code>(end.exit_code)),
        ": exit code ", end.exit_code);
  } else {
    how = absl::StrCat("exit code ", end.exit_code);
  }
  return absl::StrCat(who, how, last.empty() ? "" : "; its last line: ", last,
                      DiskRemark(std::string(attempt_dir)));
}

absl::StatusOr<std::unique_ptr<Attempt>> Attempt::Start(
    AttemptSpec spec, std::unique_ptr<Lease> lease) {
  std::unique_ptr<Attempt> attempt(
      new Attempt(std::move(spec), std::move(lease)));
  TRANSECT_RETURN_IF_ERROR(attempt->WriteFiles());
  TRANSECT_RETURN_IF_ERROR(attempt->StartRanks());
  return attempt;
}

absl::Status Attempt::WriteFiles() {
  const std::string& job_dir = spec_.job_dir;
  TRANSECT_RETURN_IF_ERROR(WriteOnce(SpecPath(job_dir), spec_.spec_text));
  TRANSECT_ASSIGN_OR_RETURN(const int number, MakeNextAttempt(job_dir));
  spec_.plan.set_attempt(number);
  spec_.plan.set_job_dir(job_dir);
  spec_.plan.set_attempt_dir(AttemptDir(job_dir, number));
  TRANSECT_RETURN_IF_ERROR(BeginStaging(job_dir, number));
  spec_.plan.set_staging_dir(StagingDir(directory()));
  spec_.provenance.set_start_unix_us(absl::ToUnixMicros(absl::Now()));
  TRANSECT_RETURN_IF_ERROR(
      WriteTextprotoAtomic(ProvenancePath(directory()), spec_.provenance));
  TRANSECT_RETURN_IF_ERROR(
      WriteTextprotoAtomic(InputsPath(directory()), spec_.inputs));
  return WriteTextprotoAtomic(LaunchPath(directory()), spec_.plan);
}

absl::Status Attempt::StartRanks() {
  RanksSpec ranks;
  ranks.worker = spec_.worker;
  ranks.plan = spec_.plan;
  ranks.threads = spec_.threads;
  ranks.nodes = spec_.nodes;
  ranks.lease_descriptor = lease_->descriptor();
  ranks.out_of_memory_kills = spec_.out_of_memory_kills != nullptr
                                  ? spec_.out_of_memory_kills
                                  : [] { return OutOfMemoryKills(); };
  TRANSECT_ASSIGN_OR_RETURN(ranks_, spec_.start_ranks != nullptr
                                        ? spec_.start_ranks(ranks)
                                        : StartLocalRanks(ranks));
  return absl::OkStatus();
}

Attempt::~Attempt() = default;

void Attempt::StopRest(SteadyTime now) {
  if (!stopping_) {
    stopping_ = true;
    stop_time_ = now;
    ranks_->Signal(SIGTERM);
  }
}

void Attempt::Interrupt(absl::string_view why, SteadyTime now) {
  interrupted_by_ = std::string(why);
  StopRest(now);
}

void Attempt::Kill() {
  killed_ = true;
  ranks_->Signal(SIGKILL);
}

void Attempt::Pause() { ranks_->Signal(SIGSTOP); }

void Attempt::Continue() { ranks_->Signal(SIGCONT); }

bool Attempt::Poll(SteadyTime now) {
  if (finished_) {
    return true;
  }
  for (RankEnd& end : ranks_->Collect()) {
    end.told = stopping_ || killed_;
    if (end.failed() && RootCause(ends_) == nullptr) {
      first_failure_ = now;
    }
    ends_.push_back(std::move(end));
  }
  if (!ranks_->running()) {
    Finish();
    return true;
  }
  if (lease_->lost() && !stopping_) {
    taken_over_ = true;
    Interrupt("another launcher took over this job while this one was stopped",
              now);
  }
  if (!stopping_ && now >= look_for_cancel_at_) {
    look_for_cancel_at_ = now + kCancelEvery;
    if (const std::string why = CancelText(spec_.job_dir); !why.empty()) {
      Interrupt(why, now);
    }
  }
  if (const RankEnd* cause = RootCause(ends_); cause != nullptr) {
    if (cause->exit_code != ExitCode::PEER_LOST ||
        now - first_failure_ >= kPeerLostGrace) {
      StopRest(now);
    }
  }
  const auto grace =
      interrupted_by_.empty() || taken_over_ ? kStopGrace : kInterruptGrace;
  if (stopping_ && !killed_ && now - stop_time_ >= grace) {
    Kill();
  }
  return false;
}

void Attempt::Finish() {
  finished_ = true;
  const LaunchPlan& plan = spec_.plan;
  const RankEnd* cause = RootCause(ends_);
  const bool any_failed = std::ranges::any_of(ends_, &RankEnd::failed);
  outcome_.set_exit_code(0);
  outcome_.set_signal(0);
  if (cause != nullptr) {
    outcome_.set_exit_code(cause->exit_code);
    outcome_.set_signal(cause->signal);
    outcome_.set_rank(cause->rank);
    outcome_.set_out_of_memory(cause->out_of_memory ||
                               cause->exit_code == ExitCode::MEMORY);
    outcome_.set_cause(DescribeEnd(*cause, plan.ranks(), directory()));
  } else if (any_failed) {
    outcome_.set_interrupted(true);
    outcome_.set_cause(interrupted_by_);
  } else if (const ResultCheck check = CheckJob(plan);
             check.state != ResultCheck::kValid) {
    outcome_.set_exit_code(ExitCode::INTERNAL);
    outcome_.set_rank(0);
    outcome_.set_cause(check.state == ResultCheck::kAbsent
                           ? "all ranks ended without an error, but there is "
                             "no result.textproto"
                           : check.problem);
  }
  // The outcome is for later readers. If it cannot be written, the job still
  // has no result, so nothing counts as done.
  WriteTextprotoAtomic(OutcomePath(directory()), outcome_).IgnoreError();
  EndStaging(directory());
  lease_.reset();
}

bool Attempt::succeeded() const {
  return finished_ && outcome_.cause().empty() && !outcome_.interrupted();
}

std::string Attempt::LogPath() const {
  return RankLogPath(directory(), outcome_.rank());
}

}  // namespace transect
