#include "metrics/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "metrics/log_format.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// How far a stretch of a log could be read.
struct Scan {
  std::vector<MetricRecord> records;
  // Bytes of the header and of `records`.
  size_t bytes = 0;
  // DataLoss if the next piece is damaged.
  absl::Status damage;
};

absl::Status DamageAt(absl::string_view name, int64_t offset,
                      absl::string_view problem) {
  return absl::DataLossError(absl::StrCat(
      "metric log '", name, "' is damaged at byte ", offset, ": ", problem));
}

// Reads `bytes`, which stand at `offset` of the log, up to the first piece that
// is not complete.
Scan ScanLog(absl::string_view bytes, int64_t offset, absl::string_view name) {
  Scan scan;
  const auto damage = [&](absl::string_view problem) {
    scan.damage =
        DamageAt(name, offset + static_cast<int64_t>(scan.bytes), problem);
  };
  if (offset == 0) {
    const LogPiece header = DecodeMetricLogHeader(bytes);
    if (header.state == LogPiece::State::kDamaged) {
      damage(header.problem);
    }
    if (header.state != LogPiece::State::kComplete) {
      return scan;
    }
    scan.bytes = header.bytes;
  }
  while (scan.bytes < bytes.size()) {
    const LogPiece frame = DecodeFrame(bytes.substr(scan.bytes));
    if (frame.state == LogPiece::State::kDamaged) {
      damage(frame.problem);
    }
    if (frame.state != LogPiece::State::kComplete) {
      return scan;
    }
    MetricRecord record;
    if (!record.ParseFromArray(frame.payload.data(),
                               static_cast<int>(frame.payload.size()))) {
      damage("its payload is not a MetricRecord");
      return scan;
    }
    scan.records.push_back(std::move(record));
    scan.bytes += frame.bytes;
  }
  return scan;
}

absl::Status SystemError(absl::string_view what, absl::string_view path) {
  const int error = errno;
  return absl::ErrnoToStatus(error,
                             absl::StrCat("cannot ", what, " '", path, "'"));
}

}  // namespace

absl::StatusOr<MetricLog> ParseMetricLog(absl::string_view bytes,
                                         absl::string_view name) {
  Scan scan = ScanLog(bytes, 0, name);
  if (!scan.damage.ok()) {
    return scan.damage;
  }
  MetricLog log;
  log.records = std::move(scan.records);
  log.torn_bytes = static_cast<int64_t>(bytes.size() - scan.bytes);
  log.torn_tail = log.torn_bytes > 0 || bytes.empty();
  return log;
}

absl::StatusOr<MetricLog> ReadMetricLog(absl::string_view path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(std::string(path)));
  return ParseMetricLog(bytes, path);
}

absl::StatusOr<std::vector<MetricRecord>> MetricLogTail::Poll() {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) {
      return std::vector<MetricRecord>();
    }
    return SystemError("open metric log", path_);
  }
  const absl::Cleanup closer = [fd] { close(fd); };

  struct stat info;
  if (fstat(fd, &info) != 0) {
    return SystemError("look at metric log", path_);
  }
  if (info.st_size < offset_) {
    return DamageAt(path_, info.st_size,
                    absl::StrCat("it has become shorter than the ", offset_,
                                 " bytes already read"));
  }
  std::string bytes(static_cast<size_t>(info.st_size - offset_), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t count =
        pread(fd, &bytes[have], bytes.size() - have,
              static_cast<off_t>(offset_ + static_cast<int64_t>(have)));
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return SystemError("read metric log", path_);
    }
    if (count == 0) {
      break;
    }
    have += static_cast<size_t>(count);
  }
  bytes.resize(have);

  Scan scan = ScanLog(bytes, offset_, path_);
  offset_ += static_cast<int64_t>(scan.bytes);
  if (scan.records.empty() && !scan.damage.ok()) {
    return scan.damage;
  }
  return std::move(scan.records);
}

}  // namespace transect
