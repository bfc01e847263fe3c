#include "metrics/log_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/file_fault.h"
#include "metrics/log_format.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status SystemError(absl::string_view what, absl::string_view path) {
  const int error = errno;
  return absl::ErrnoToStatus(error,
                             absl::StrCat("cannot ", what, " '", path, "'"));
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) {
    return ".";
  }
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

MetricLogWriter::MetricLogWriter(std::string path, int fd)
    : path_(std::move(path)), fd_(fd) {}

MetricLogWriter::~MetricLogWriter() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

absl::StatusOr<std::unique_ptr<MetricLogWriter>> MetricLogWriter::Create(
    absl::string_view path) {
  std::string name(path);
  const int fd = open(name.c_str(),
                      O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) {
    return SystemError("create metric log", path);
  }
  std::unique_ptr<MetricLogWriter> writer(
      new MetricLogWriter(std::move(name), fd));
  TRANSECT_RETURN_IF_ERROR(writer->Write(EncodeMetricLogHeader()));
  TRANSECT_RETURN_IF_ERROR(writer->Sync());
  TRANSECT_RETURN_IF_ERROR(FsyncDir(DirectoryOf(writer->path_)));
  return writer;
}

absl::Status MetricLogWriter::Usable() const {
  if (!failure_.ok()) {
    return failure_;
  }
  if (fd_ < 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("metric log '", path_, "' is closed"));
  }
  return absl::OkStatus();
}

absl::Status MetricLogWriter::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const int fault = InjectedFault("write", path_);
    if (fault != 0) errno = fault;
    const ssize_t written =
        fault != 0 ? -1 : write(fd_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      failure_ = SystemError("write metric log", path_);
      return failure_;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status MetricLogWriter::Append(const MetricRecord& record) {
  TRANSECT_RETURN_IF_ERROR(Usable());
  const size_t bytes = record.ByteSizeLong();
  if (bytes == 0 || bytes > kMaxMetricRecordBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a record of ", bytes, " bytes for metric log '", path_,
                     "'; allowed are 1 to ", kMaxMetricRecordBytes));
  }
  return Write(EncodeFrame(record.SerializeAsString()));
}

absl::Status MetricLogWriter::Sync() {
  TRANSECT_RETURN_IF_ERROR(Usable());
  const int fault = InjectedFault("fsync", path_);
  if (fault != 0) errno = fault;
  if (fault != 0 || fsync(fd_) != 0) {
    failure_ = SystemError("sync metric log", path_);
    return failure_;
  }
  return absl::OkStatus();
}

absl::Status MetricLogWriter::Close() {
  if (fd_ < 0) {
    return absl::OkStatus();
  }
  absl::Status status = Sync();
  // Not tried again: Linux frees the descriptor even where close fails.
  if (close(std::exchange(fd_, -1)) != 0 && status.ok()) {
    status = SystemError("close metric log", path_);
  }
  return status;
}

}  // namespace transect
