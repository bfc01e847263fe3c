#include "launch/rank/exit_codes.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "launch/collective/peer_lost.h"
#include "launch/store/result.pb.h"

namespace transect {
namespace {

constexpr absl::string_view kPayload = "transect/exit_code";

std::optional<ExitCode::Code> Mark(const absl::Status& status) {
  // Debian's Abseil returns absl::optional, which is not std::optional.
  const auto payload = status.GetPayload(kPayload);
  ExitCode::Code code;
  if (payload.has_value() &&
      ExitCode::Code_Parse(std::string(*payload), &code)) {
    return code;
  }
  return std::nullopt;
}

}  // namespace

absl::Status MarkExitCode(absl::Status status, ExitCode::Code code) {
  if (!status.ok() && !IsPeerLost(status) && !Mark(status).has_value()) {
    status.SetPayload(kPayload, absl::Cord(ExitCode::Code_Name(code)));
  }
  return status;
}

absl::Status NonFiniteError(absl::string_view message) {
  return MarkExitCode(absl::OutOfRangeError(message), ExitCode::NON_FINITE);
}

absl::Status MarkComputation(absl::Status status) {
  const bool memory = absl::IsResourceExhausted(status);
  return MarkExitCode(std::move(status),
                      memory ? ExitCode::MEMORY : ExitCode::INTERNAL);
}

absl::Status MarkSample(absl::Status status) {
  const bool memory = absl::IsResourceExhausted(status);
  return MarkExitCode(std::move(status),
                      memory ? ExitCode::MEMORY : ExitCode::DATA);
}

ExitCode::Code ExitCodeOf(const absl::Status& status) {
  if (IsPeerLost(status)) {
    return ExitCode::PEER_LOST;
  }
  if (const std::optional<ExitCode::Code> mark = Mark(status)) {
    return *mark;
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::OK;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kUnimplemented:
      return ExitCode::SPEC;
    case absl::StatusCode::kDataLoss:
      return ExitCode::DATA;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::INPUT_OUTPUT;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::TRY_AGAIN;
    default:
      return ExitCode::INTERNAL;
  }
}

std::string RootCauseLine(const absl::Status& status) {
  const std::string message = absl::StrJoin(
      absl::StrSplit(status.message(), '\n', absl::SkipWhitespace()), "; ");
  return absl::StrCat("transect_worker: ",
                      ExitCode::Code_Name(ExitCodeOf(status)), ": ", message);
}

}  // namespace transect
