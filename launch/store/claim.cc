#include "launch/store/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/file.h"
#include "data/io/file_fault.h"
#include "data/io/textproto.h"
#include "launch/store/claim.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

std::atomic<int> lease_seconds = kLeaseSeconds;

// The text of a file of /proc without blanks at its ends; empty without it.
std::string ProcText(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  return text.ok() ? std::string(absl::StripAsciiWhitespace(*text)) : "";
}

// When a process of this namespace started; 0 where there is none.
int64_t StartTicks(int64_t process) {
  const std::string text = ProcText(absl::StrCat("/proc/", process, "/stat"));
  // Its second field, the name, may hold blanks and parentheses.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  const std::vector<absl::string_view> fields = absl::StrSplit(
      absl::string_view(text).substr(name_end + 1), ' ', absl::SkipEmpty());
  constexpr size_t kStart = 19;  // field 22 of proc(5)
  int64_t ticks = 0;
  return fields.size() > kStart && absl::SimpleAtoi(fields[kStart], &ticks)
             ? ticks
             : 0;
}

LeaseClaim Myself() {
  LeaseClaim claim;
  char host[256] = "";
  claim.set_host(gethostname(host, sizeof(host) - 1) == 0 ? host
                                                          : "unknown host");
  claim.set_boot(ProcText("/proc/sys/kernel/random/boot_id"));
  std::error_code error;
  claim.set_pid_namespace(
      std::filesystem::read_symlink("/proc/self/ns/pid", error).string());
  claim.set_process(getpid());
  claim.set_start_ticks(StartTicks(getpid()));
  claim.set_expires_seconds(LeaseSeconds());
  return claim;
}

std::string ClaimPath(absl::string_view job_dir, int64_t number) {
  return absl::StrCat(LeasePath(job_dir), ".", number);
}

// Numbers of the claims on `job_dir`, ascending.
absl::StatusOr<std::vector<int64_t>> ClaimNumbers(const std::string& job_dir) {
  absl::StatusOr<std::vector<std::string>> names = ListDirectory(job_dir);
  if (!names.ok()) return names.status();
  const std::string start = absl::StrCat(
      std::filesystem::path(LeasePath(job_dir)).filename().string(), ".");
  std::vector<int64_t> numbers;
  for (const std::string& name : *names) {
    absl::string_view rest = name;
    int64_t number = 0;
    if (absl::ConsumePrefix(&rest, start) && absl::SimpleAtoi(rest, &number) &&
        number > 0) {
      numbers.push_back(number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// A claim as it was read, and the age of its heartbeat.
struct ReadClaim {
  LeaseClaim claim;
  double age_seconds = 0;
};

double Seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}

// Nothing for a claim that is gone or empty. Opened, so that NFS asks its
// server for the time of the heartbeat.
std::optional<ReadClaim> ReadClaimFile(const std::string& path, double now) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (text.ok() ? text->empty() : absl::IsNotFound(text.status())) {
    return std::nullopt;
  }
  ReadClaim read;
  // One that cannot be read is in force while its heartbeat is.
  if (!text.ok() || !ParseTextproto(*text, path, &read.claim).ok()) {
    read.claim.set_expires_seconds(kLeaseSeconds);
  }
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return std::nullopt;
  }
  read.age_seconds = now - Seconds(info.st_mtim);
  return read;
}

bool InForce(const ReadClaim& read, const LeaseClaim& self, Locks locks) {
  const LeaseClaim& claim = read.claim;
  const bool same_machine =
      !claim.boot().empty() && claim.boot() == self.boot();
  if (same_machine && locks == Locks::kHeld) return false;
  if (same_machine && !claim.pid_namespace().empty() &&
      claim.pid_namespace() == self.pid_namespace() &&
      claim.start_ticks() != 0 && self.start_ticks() != 0) {
    // One that is stopped lives: it goes on when it is continued.
    return StartTicks(claim.process()) == claim.start_ticks();
  }
  return read.age_seconds <= claim.expires_seconds();
}

// The time of the file system, which is that of its server.
double TimeThere(const std::string& job_dir) {
  const int fd = open(LeasePath(job_dir).c_str(), O_WRONLY | O_CLOEXEC);
  struct stat info;
  double now = static_cast<double>(time(nullptr));
  if (fd >= 0) {
    if (futimens(fd, nullptr) == 0 && fstat(fd, &info) == 0) {
      now = Seconds(info.st_mtim);
    }
    close(fd);
  }
  return now;
}

// Touches all claims of this process until the last is given back.
class Heartbeat {
 public:
  static Heartbeat& Get() {
    // Never freed: its thread may run until the process ends.
    static Heartbeat* const heartbeat = new Heartbeat;
    return *heartbeat;
  }

  void Add(Claim* claim) {
    const std::lock_guard<std::mutex> lock(mutex_);
    claims_.insert(claim);
    if (!started_) {
      started_ = true;
      std::thread([this] { Run(); }).detach();
    }
  }

  // Returns when the claim is not being touched.
  void Remove(Claim* claim) {
    const std::lock_guard<std::mutex> lock(mutex_);
    claims_.erase(claim);
  }

 private:
  void Run() {
    // Signals are for the thread that waits for them.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (true) {
      std::this_thread::sleep_for(
          std::chrono::milliseconds(1000 * LeaseSeconds() / 6));
      const std::lock_guard<std::mutex> lock(mutex_);
      for (Claim* const claim : claims_) claim->Touch();
    }
  }

  std::mutex mutex_;
  std::set<Claim*> claims_;
  bool started_ = false;
};

std::string NameOf(const LeaseClaim& claim) {
  return absl::StrCat(claim.host(), ", process ", claim.process());
}

absl::Status Taken(absl::string_view job_dir, const LeaseClaim& holder) {
  return absl::UnavailableError(absl::StrCat(
      LeasePath(job_dir), " is held",
      holder.has_host() ? absl::StrCat(" by ", NameOf(holder)) : ""));
}

}  // namespace

void SetLeaseSeconds(int seconds) {
  TRANSECT_CHECK(seconds >= 1 && seconds <= kMaxLeaseSeconds) << seconds;
  lease_seconds = seconds;
}

int LeaseSeconds() { return lease_seconds; }

absl::StatusOr<std::unique_ptr<Claim>> Claim::TryTake(absl::string_view job_dir,
                                                      Locks locks) {
  const std::string directory(job_dir);
  const LeaseClaim self = Myself();
  // Of the numbers, the highest that is in force and is not `mine`.
  const auto in_force = [&](const std::vector<int64_t>& numbers,
                            int64_t mine) -> std::optional<LeaseClaim> {
    const double now = TimeThere(directory);
    for (const int64_t number : numbers) {
      if (number == mine) continue;
      const std::optional<ReadClaim> read =
          ReadClaimFile(ClaimPath(directory, number), now);
      if (read.has_value() && InForce(*read, self, locks)) return read->claim;
    }
    return std::nullopt;
  };
  absl::StatusOr<std::vector<int64_t>> before = ClaimNumbers(directory);
  if (!before.ok()) return before.status();
  if (const auto holder = in_force(*before, 0); holder.has_value()) {
    return Taken(directory, *holder);
  }
  const int64_t number = before->empty() ? 1 : before->back() + 1;
  const std::string path = ClaimPath(directory, number);
  if (const int fault = InjectedFault("open", path); fault != 0) {
    return absl::ErrnoToStatus(fault, absl::StrCat("cannot make ", path));
  }
  const int fd =
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) {
    return errno == EEXIST
               ? Taken(directory, LeaseClaim())
               : absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  }
  std::unique_ptr<Claim> claim(new Claim(directory, number, fd));
  const std::string text = PrintTextproto(self);
  const int fault = InjectedFault("write", path);
  if (fault != 0) errno = fault;
  if (fault != 0 || write(fd, text.data(), text.size()) !=
                        static_cast<ssize_t>(text.size())) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  }
  // Others see it, and when.
  fsync(fd);
  absl::StatusOr<std::vector<int64_t>> after = ClaimNumbers(directory);
  if (!after.ok()) return after.status();
  if (!after->empty() && after->back() > number) {
    return Taken(directory, LeaseClaim());
  }
  if (const auto holder = in_force(*after, number); holder.has_value()) {
    return Taken(directory, *holder);
  }
  for (const int64_t old : *after) {
    if (old < number) unlink(ClaimPath(directory, old).c_str());
  }
  Heartbeat::Get().Add(claim.get());
  return claim;
}

Claim::~Claim() {
  Heartbeat::Get().Remove(this);
  // Empty, not gone: the numbers must go up for ever. Also where a newer one
  // is there, whose holder may have given up: a claim of a living process of
  // this machine would stay in force.
  if (ftruncate(descriptor_, 0) != 0) {
    errno = 0;  // it expires
  }
  close(descriptor_);
}

bool Claim::IsNewest() const {
  const absl::StatusOr<std::vector<int64_t>> numbers = ClaimNumbers(directory_);
  // An error of the file system is no sign of another holder.
  return !numbers.ok() || numbers->empty() || numbers->back() == number_;
}

void Claim::Touch() {
  if (futimens(descriptor_, nullptr) != 0) {
    errno = 0;  // seen by others as no sign of life, and by this one as lost
  }
  if (!IsNewest()) lost_ = true;
}

bool IsClaimed(absl::string_view job_dir) {
  const std::string directory(job_dir);
  const absl::StatusOr<std::vector<int64_t>> numbers = ClaimNumbers(directory);
  if (!numbers.ok()) return false;
  const LeaseClaim self = Myself();
  const double now = static_cast<double>(time(nullptr));
  return std::ranges::any_of(*numbers, [&](int64_t number) {
    const std::optional<ReadClaim> read =
        ReadClaimFile(ClaimPath(directory, number), now);
    return read.has_value() && InForce(*read, self, Locks::kNone);
  });
}

std::string ClaimHolder(absl::string_view job_dir) {
  const std::string directory(job_dir);
  const absl::StatusOr<std::vector<int64_t>> numbers = ClaimNumbers(directory);
  if (!numbers.ok() || numbers->empty()) return "";
  const std::optional<ReadClaim> read =
      ReadClaimFile(ClaimPath(directory, numbers->back()), 0);
  return read.has_value() && read->claim.has_host() ? NameOf(read->claim) : "";
}

}  // namespace transect
