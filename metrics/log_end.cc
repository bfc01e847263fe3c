#include "metrics/log_end.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metrics/log_format.h"

namespace transect {
namespace {

// The record at the start of `rest`, and the bytes of its frame; 0 for none.
size_t ReadRecord(absl::string_view rest, MetricRecord* record) {
  if (rest.size() < kMetricLogFrameHeaderBytes) return 0;
  const LogPiece frame = DecodeFrame(rest);
  if (frame.state != LogPiece::State::kComplete ||
      !record->ParseFromArray(frame.payload.data(),
                              static_cast<int>(frame.payload.size()))) {
    return 0;
  }
  return frame.bytes;
}

void Take(MetricRecord record, LogEnd* end) {
  if (record.has_train_step()) {
    end->train_step = std::move(*record.mutable_train_step());
    end->progress_is_newer = false;
  } else if (record.has_validation()) {
    end->validation = std::move(*record.mutable_validation());
  } else if (record.has_progress()) {
    end->progress = std::move(*record.mutable_progress());
    end->progress_is_newer = true;
  }
}

// Whether `bytes`, the end of a log, hold a whole record.
bool ReadBytes(absl::string_view bytes, LogEnd* end) {
  size_t at = 0;
  bool found = false;
  while (at < bytes.size()) {
    MetricRecord record;
    const size_t size = ReadRecord(bytes.substr(at), &record);
    if (size > 0) {
      found = true;
      Take(std::move(record), end);
      at += size;
    } else if (found) {
      break;
    } else {
      ++at;
    }
  }
  return found;
}

absl::Status SystemError(absl::string_view path) {
  const int error = errno;
  return absl::ErrnoToStatus(
      error, absl::StrCat("cannot read metric log '", path, "'"));
}

}  // namespace

absl::StatusOr<LogEnd> ReadLogEnd(absl::string_view path) {
  const int fd = open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return LogEnd();
    return SystemError(path);
  }
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat info;
  if (fstat(fd, &info) != 0) return SystemError(path);
  for (int64_t want = kLogEndBytes;; want *= 4) {
    const int64_t size = std::min<int64_t>(want, info.st_size);
    std::string bytes(static_cast<size_t>(size), '\0');
    const ssize_t have =
        pread(fd, bytes.data(), bytes.size(), info.st_size - size);
    if (have < 0) return SystemError(path);
    bytes.resize(static_cast<size_t>(have));
    LogEnd end;
    if (ReadBytes(bytes, &end) || size == info.st_size ||
        want >= kMostLogEndBytes) {
      return end;
    }
  }
}

}  // namespace transect
