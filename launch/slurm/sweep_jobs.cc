#include "launch/slurm/sweep_jobs.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "google/protobuf/io/gzip_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "metrics/log_format.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace io = google::protobuf::io;

std::string Compressed(const SweepJobList& list) {
  std::string bytes;
  {
    io::StringOutputStream out(&bytes);
    io::GzipOutputStream gzip(&out);
    list.SerializeToZeroCopyStream(&gzip);
    gzip.Close();
  }
  return bytes;
}

bool Expand(absl::string_view bytes, SweepJobList* list) {
  io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  io::GzipInputStream gzip(&in);
  return list->ParseFromZeroCopyStream(&gzip);
}

}  // namespace

void SweepJobsWriter::Add(SweepJob job) {
  *list_.add_job() = std::move(job);
  if (list_.job_size() == kJobsOfAFrame) EndFrame();
}

void SweepJobsWriter::EndFrame() {
  if (list_.job_size() == 0) return;
  bytes_ += EncodeFrame(Compressed(list_));
  list_.Clear();
}

std::string SweepJobsWriter::Finish() {
  EndFrame();
  return std::move(bytes_);
}

absl::StatusOr<SweepJobsReader> SweepJobsReader::Read(const Store& store,
                                                      const Sweep& sweep) {
  SweepJobsReader reader;
  reader.bytes_ = std::make_unique<std::string>();
  if (!sweep.has_jobs_sha256()) {
    SweepJobsWriter writer;
    for (const SweepJob& job : sweep.job()) writer.Add(job);
    *reader.bytes_ = writer.Finish();
  } else {
    const std::string path = SweepJobsPath(store.SweepDir(sweep.name()));
    TRANSECT_ASSIGN_OR_RETURN(*reader.bytes_, ReadFile(path));
    if (Sha256(*reader.bytes_) != sweep.jobs_sha256()) {
      return absl::DataLossError(
          absl::StrCat("'", path, "' is not what its sweep says; remove ",
                       store.SweepDir(sweep.name()),
                       " and submit again with `transect run`"));
    }
  }
  absl::string_view rest = *reader.bytes_;
  while (!rest.empty()) {
    const LogPiece frame = DecodeFrame(rest);
    if (frame.state != LogPiece::State::kComplete) {
      return absl::DataLossError(
          absl::StrCat("the jobs of sweep ", sweep.name(), " are damaged"));
    }
    reader.frames_.push_back(frame.payload);
    rest.remove_prefix(frame.bytes);
  }
  return reader;
}

absl::StatusOr<SweepJob> SweepJobsReader::Get(int index) {
  const int frame = index / kJobsOfAFrame;
  const int place = index % kJobsOfAFrame;
  if (index < 0 || frame >= static_cast<int>(frames_.size())) {
    return absl::NotFoundError(absl::StrCat("the sweep has no job ", index));
  }
  if (expanded_ != frame) {
    expanded_ = -1;
    if (!Expand(frames_[frame], &list_)) {
      return absl::DataLossError("jobs of the sweep cannot be expanded");
    }
    expanded_ = frame;
  }
  if (place >= list_.job_size()) {
    return absl::NotFoundError(absl::StrCat("the sweep has no job ", index));
  }
  return list_.job(place);
}

}  // namespace transect
