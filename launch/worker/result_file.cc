#include "launch/worker/result_file.h"

#include <stdlib.h>
#include <sys/resource.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "experiments/training/training.pb.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/machine.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/mapped_libraries.h"
#include "metrics/training_series.h"
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

// What a result says of the process and the machine that made it.
void Describe(const LaunchPlan& plan, absl::Time start, Result* result) {
  *result->mutable_machine() = MachineOf(plan);
  result->set_seconds(absl::ToDoubleSeconds(absl::Now() - start));
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    result->set_peak_memory_bytes(int64_t{1024} * usage.ru_maxrss);
  }
}

// The logs of rank 0 of the attempts that the one of `plan` went on from.
absl::Status AddEarlierLogs(const LaunchPlan& plan, Result* result) {
  const absl::StatusOr<TrainingSeries> series =
      ReadTrainingSeries(MetricsOfAttempts(plan.job_dir()), plan.attempt());
  if (!series.ok()) {
    std::cerr << "the logs of earlier attempts are not listed in the result: "
              << series.status().message() << std::endl;
    return absl::OkStatus();
  }
  for (const TrainingSeries::Part& part : series->parts) {
    if (part.attempt == plan.attempt()) continue;
    TRANSECT_RETURN_IF_ERROR(AddResultFile(
        plan, absl::StripPrefix(part.path, absl::StrCat(plan.job_dir(), "/")),
        result));
  }
  return absl::OkStatus();
}

absl::Status PublishResult(const LaunchPlan& plan, const Result& result) {
  const std::string name =
      std::filesystem::path(ResultPath(plan.job_dir())).filename().string();
  TRANSECT_RETURN_IF_ERROR(
      MarkExitCode(WriteTextprotoAtomic(OutputPath(plan, name), result),
                   ExitCode::INPUT_OUTPUT));
  TRANSECT_RETURN_IF_ERROR(Publish(plan, name));
  ForgetTrained(plan);
  return absl::OkStatus();
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

std::string OutputPath(const LaunchPlan& plan, absl::string_view name) {
  if (!plan.has_staging_dir()) return absl::StrCat(plan.job_dir(), "/", name);
  // Evaluations share the directory of the attempt that makes them.
  return absl::StrCat(plan.staging_dir(), "/", plan.id(), "-", name);
}

absl::Status Publish(const LaunchPlan& plan, absl::string_view name) {
  if (!plan.has_staging_dir()) return absl::OkStatus();
  const std::string staged = OutputPath(plan, name);
  const std::string final_path = absl::StrCat(plan.job_dir(), "/", name);
  absl::Status moved = RenameNew(staged, final_path);
  if (moved.ok()) return moved;
  if (absl::IsAlreadyExists(moved) || absl::IsNotFound(moved)) {
    return MarkExitCode(
        absl::AbortedError(absl::StrCat(
            "another launcher took over this job while this attempt was "
            "stopped; ",
            moved.message())),
        ExitCode::TRY_AGAIN);
  }
  return MarkExitCode(std::move(moved), ExitCode::INPUT_OUTPUT);
}

absl::Status RemoveOutput(const LaunchPlan& plan, absl::string_view name) {
  const std::string path = absl::StrCat(plan.job_dir(), "/", name);
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (!error) return absl::OkStatus();
  return MarkExitCode(absl::InternalError(absl::StrCat("cannot remove ", path,
                                                       ": ", error.message())),
                      ExitCode::INPUT_OUTPUT);
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
  return AddEarlierLogs(plan, result);
}

void NoteTrained(const LaunchPlan& plan, absl::Time start, Result result) {
  Describe(plan, start, &result);
  WriteTextprotoAtomic(TrainedPath(plan.attempt_dir()), result).IgnoreError();
}

std::optional<Result> FindTrained(const LaunchPlan& plan) {
  std::error_code error;
  if (FileExists(ResultPath(plan.job_dir())) ||
      !std::filesystem::is_regular_file(
          absl::StrCat(plan.job_dir(), "/", kWeightsFile), error)) {
    return std::nullopt;
  }
  const std::vector<int> attempts = Attempts(plan.job_dir());
  for (auto attempt = attempts.rbegin(); attempt != attempts.rend();
       ++attempt) {
    absl::StatusOr<Result> noted = ReadTextproto<Result>(
        TrainedPath(AttemptDir(plan.job_dir(), *attempt)));
    if (noted.ok() && noted->id() == plan.id() &&
        noted->code() == plan.code()) {
      return *std::move(noted);
    }
  }
  return std::nullopt;
}

absl::Status FinishTrained(const LaunchPlan& plan, Result noted) {
  TRANSECT_RETURN_IF_ERROR(CheckOwnLibraries());
  TRANSECT_RETURN_IF_ERROR(AddResultFile(plan, kWeightsFile, &noted));
  LaunchPlan trained = plan;
  trained.set_attempt(noted.attempt());
  trained.set_ranks(noted.ranks());
  trained.set_attempt_dir(AttemptDir(plan.job_dir(), noted.attempt()));
  Result with_logs = noted;
  // Their attempt may have ended before the logs of all ranks were there.
  if (AddMetricLogs(trained, &with_logs).ok()) noted = std::move(with_logs);
  return PublishResult(plan, noted);
}

void ForgetTrained(const LaunchPlan& plan) {
  for (const int attempt : Attempts(plan.job_dir())) {
    std::error_code error;
    std::filesystem::remove(TrainedPath(AttemptDir(plan.job_dir(), attempt)),
                            error);
  }
}

absl::Status WriteResult(const LaunchPlan& plan, absl::Time start,
                         Result* result) {
  TRANSECT_RETURN_IF_ERROR(CheckOwnLibraries());
  Describe(plan, start, result);
  return PublishResult(plan, *result);
}

}  // namespace transect
