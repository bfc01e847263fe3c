#include "launch/worker/result_file.h"

#include <stdlib.h>
#include <sys/resource.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/training/training.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/machine.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/exit_codes.h"
#include "launch/worker/mapped_libraries.h"
#include "model/base/runtime.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

MachineIdentity MachineOf(const LaunchPlan& plan) {
  MachineIdentity machine = DescribeMachine(
      plan.train().run().training().device() == TrainingSpec::CUDA);
  machine.set_kernels(CpuKernels());
  if (const char* mode = getenv("MKL_CBWR"); mode != nullptr) {
    machine.set_mkl(mode);
  }
  if (plan.has_train()) {
    machine.set_threads(plan.train().run().training().threads_per_rank());
  }
  return machine;
}

}  // namespace

Result StartResult(const LaunchPlan& plan) {
  Result result;
  result.set_id(plan.id());
  result.set_code(plan.code());
  result.set_attempt(plan.attempt());
  result.set_ranks(plan.ranks());
  return result;
}

absl::Status AddResultFile(const LaunchPlan& plan, absl::string_view path,
                           Result* result) {
  const std::string full = absl::StrCat(plan.job_dir(), "/", path);
  absl::StatusOr<std::string> digest = Sha256OfFile(full);
  if (!digest.ok()) {
    return MarkExitCode(digest.status(), ExitCode::INPUT_OUTPUT);
  }
  std::error_code error;
  const auto bytes = std::filesystem::file_size(full, error);
  if (error) {
    return MarkExitCode(
        absl::InternalError(absl::StrCat("cannot take the size of ", full, ": ",
                                         error.message())),
        ExitCode::INPUT_OUTPUT);
  }
  ResultFile* const file = result->add_file();
  file->set_path(std::string(path));
  file->set_bytes(static_cast<int64_t>(bytes));
  file->set_sha256(*digest);
  return absl::OkStatus();
}

absl::Status AddMetricLogs(const LaunchPlan& plan, Result* result) {
  for (int rank = 0; rank < plan.ranks(); ++rank) {
    const std::string full = RankMetricsPath(plan.attempt_dir(), rank);
    TRANSECT_RETURN_IF_ERROR(AddResultFile(
        plan, absl::StripPrefix(full, absl::StrCat(plan.job_dir(), "/")),
        result));
    const std::string masks = RankMasksPath(plan.attempt_dir(), rank);
    if (FileExists(masks)) {
      TRANSECT_RETURN_IF_ERROR(AddResultFile(
          plan, absl::StripPrefix(masks, absl::StrCat(plan.job_dir(), "/")),
          result));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteResult(const LaunchPlan& plan, absl::Time start,
                         Result* result) {
  TRANSECT_RETURN_IF_ERROR(CheckOwnLibraries());
  *result->mutable_machine() = MachineOf(plan);
  result->set_seconds(absl::ToDoubleSeconds(absl::Now() - start));
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    result->set_peak_memory_bytes(int64_t{1024} * usage.ru_maxrss);
  }
  return MarkExitCode(WriteTextprotoAtomic(ResultPath(plan.job_dir()), *result),
                      ExitCode::INPUT_OUTPUT);
}

}  // namespace transect
