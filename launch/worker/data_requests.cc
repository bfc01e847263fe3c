#include "launch/worker/data_requests.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "data/synthetic/synthesis.h"
#include "launch/launch.pb.h"
#include "launch/worker_request.pb.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

}  // namespace

absl::StatusOr<ExitCode::Code> SynthesizeData(
    const SynthesizeDataRequest& request) {
  if (FileExists(request.out())) {
    return absl::AlreadyExistsError(
        absl::StrCat(request.out(), " exists already"));
  }
  DataSpec spec;
  *spec.mutable_synthesis() = request.spec();
  ResolveDataSpec(&spec);
  // In a folder beside it, so that the rename stays in one file system.
  const std::string making =
      absl::StrCat(fs::path(request.out()).lexically_normal().string(),
                   ".making.", getpid());
  int64_t told = -1;
  const auto progress = [&told](int64_t done, int64_t total) {
    const int64_t percent = total > 0 ? 100 * done / total : 100;
    if (percent / 10 != told / 10 || told < 0) {
      std::cerr << done << " of " << total << " images\n";
      told = percent;
    }
  };
  absl::Status status =
      WriteSyntheticDataset(spec.synthesis(), making, progress);
  std::error_code error;
  if (status.ok()) {
    fs::rename(making, request.out(), error);
    if (error) {
      status = absl::InternalError(absl::StrCat(
          "cannot rename to ", request.out(), ": ", error.message()));
    }
  }
  if (!status.ok()) {
    fs::remove_all(making, error);
    return status;
  }
  std::cout << request.out() << std::endl;
  return ExitCode::OK;
}

}  // namespace transect
