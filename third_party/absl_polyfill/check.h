/// \file
/// Checks of invariants. Newer versions of Abseil have them in
/// absl/log/check.h; Debian's has none. They have a prefix because LibTorch
/// defines CHECK and DCHECK in every file that includes it.
///
///     // Always on.
///     TRANSECT_CHECK(i < n) << "i = " << i;
///     // Compiled always, evaluated only without NDEBUG (--config=dbg).
///     TRANSECT_DCHECK(IsSorted(v));
///     // For an absl::Status; for a StatusOr pass its status().
///     TRANSECT_CHECK_OK(status);
///
/// A failed check prints file, line, the condition and what was streamed to
/// stderr, and aborts. Checks are for programming errors only: any input,
/// however broken, is answered by an absl::Status.
#ifndef TRANSECT_THIRD_PARTY_ABSL_POLYFILL_CHECK_H_
#define TRANSECT_THIRD_PARTY_ABSL_POLYFILL_CHECK_H_

#include <ostream>
#include <sstream>

#include "absl/status/status.h"

namespace transect {
namespace internal_check {

// Collects the message of a failed check; its destructor prints it and aborts.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;
  [[noreturn]] ~CheckFailure();

  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

// Gives both branches of the conditional in TRANSECT_CHECK the type void; &
// binds weaker than <<.
struct Voidify {
  void operator&(std::ostream&) const {}
};

}  // namespace internal_check
}  // namespace transect

#define TRANSECT_CHECK(condition)                                        \
  __builtin_expect(static_cast<bool>(condition), 1)                      \
      ? static_cast<void>(0)                                             \
      : ::transect::internal_check::Voidify() &                          \
            ::transect::internal_check::CheckFailure(__FILE__, __LINE__, \
                                                     #condition)         \
                .stream()

#ifdef NDEBUG
#define TRANSECT_DCHECK(condition) TRANSECT_CHECK(true || (condition))
#else
#define TRANSECT_DCHECK(condition) TRANSECT_CHECK(condition)
#endif

#define TRANSECT_CHECK_OK(expression)                             \
  for (const ::absl::Status transect_check_status = (expression); \
       !transect_check_status.ok();)                              \
  ::transect::internal_check::CheckFailure(__FILE__, __LINE__,    \
                                           #expression " is OK")  \
          .stream()                                               \
      << transect_check_status << ' '

#endif  // TRANSECT_THIRD_PARTY_ABSL_POLYFILL_CHECK_H_
