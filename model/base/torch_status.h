/// \file
/// The one place where LibTorch's exceptions become `absl::Status`.
///
/// Inside modules, losses and autograd an error is an exception; everything
/// else returns a Status. This is called around one training step, one
/// evaluation batch, the building of a model, loading and saving of weights and
/// the body of every thread, and nowhere inside `forward`.
#ifndef TRANSECT_MODEL_BASE_TORCH_STATUS_H_
#define TRANSECT_MODEL_BASE_TORCH_STATUS_H_

#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Translates the exception that is being handled; for use in a catch block.
///
/// | caught                                | becomes            |
/// |---------------------------------------|--------------------|
/// | c10::OutOfMemoryError, std::bad_alloc | RESOURCE_EXHAUSTED |
/// | c10::Error of the CPU's allocator     | RESOURCE_EXHAUSTED |
/// | c10::NotImplementedError              | UNIMPLEMENTED      |
/// | c10 IndexError, ValueError, TypeError | INVALID_ARGUMENT   |
/// | any other exception                   | INTERNAL           |
///
/// The message is `what`, a colon, and LibTorch's message without backtrace.
absl::Status StatusOfCurrentException(absl::string_view what);

/// Runs `fn` and returns its value, or the Status of what it throws.
/// `fn` may return a value, nothing, an absl::Status or an absl::StatusOr.
template <typename Fn>
auto TorchToStatus(absl::string_view what, Fn&& fn) {
  using Value = std::invoke_result_t<Fn>;
  if constexpr (std::is_void_v<Value>) {
    try {
      std::forward<Fn>(fn)();
      return absl::OkStatus();
    } catch (...) {
      return StatusOfCurrentException(what);
    }
  } else if constexpr (std::is_constructible_v<Value, absl::Status>) {
    try {
      return std::forward<Fn>(fn)();
    } catch (...) {
      return Value(StatusOfCurrentException(what));
    }
  } else {
    try {
      return absl::StatusOr<Value>(std::forward<Fn>(fn)());
    } catch (...) {
      return absl::StatusOr<Value>(StatusOfCurrentException(what));
    }
  }
}

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_TORCH_STATUS_H_
