/// \file
/// Macros that return an error to the caller. Newer versions of Abseil have
/// them (absl/status/status_macros.h) with this meaning, so that later a rename
/// is enough.
///
/// In a function that returns absl::Status or absl::StatusOr<T>:
///
///     TRANSECT_RETURN_IF_ERROR(WriteFile(path, bytes)) << "in run " << id;
///
///     TRANSECT_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
///     TRANSECT_ASSIGN_OR_RETURN(spec_, Parse(text), _ << "in " << path);
///
/// What is streamed is appended to the message after "; ", with the code and
/// the payloads unchanged: "no such file; in a.textproto". Without an error
/// nothing is evaluated or formatted. In the third argument of the assignment
/// `_` is the StatusBuilder of the error; the argument is what gets returned,
/// so it may also make a different Status.
///
/// Traps. The assignment expands to several statements: put braces around it
/// after if and for. If a left or right side has a comma outside of
/// parentheses, put parentheses around all of it:
/// TRANSECT_ASSIGN_OR_RETURN((auto [a, b]), Pair()).
#ifndef TRANSECT_THIRD_PARTY_ABSL_POLYFILL_STATUS_MACROS_H_
#define TRANSECT_THIRD_PARTY_ABSL_POLYFILL_STATUS_MACROS_H_

#include <sstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace transect {

/// An absl::Status to which context can be streamed. Converts to absl::Status,
/// and so to any absl::StatusOr. Streaming to an OK status has no effect.
class StatusBuilder {
 public:
  explicit StatusBuilder(absl::Status status) : status_(std::move(status)) {}

  bool ok() const { return status_.ok(); }

  template <typename T>
  StatusBuilder& operator<<(const T& value) & {
    if (!status_.ok()) {
      std::ostringstream text;
      text << value;
      context_ += text.str();
    }
    return *this;
  }
  template <typename T>
  StatusBuilder&& operator<<(const T& value) && {
    return std::move(*this << value);
  }

  operator absl::Status()
      const {  // NOLINT(google-explicit-constructor): the point of the class.
    if (status_.ok() || context_.empty()) {
      return status_;
    }
    const absl::string_view message = status_.message();
    absl::Status result(
        status_.code(),
        message.empty() ? context_ : absl::StrCat(message, "; ", context_));
    status_.ForEachPayload(
        [&result](absl::string_view url, const absl::Cord& payload) {
          result.SetPayload(url, payload);
        });
    return result;
  }

 private:
  absl::Status status_;
  std::string context_;
};

}  // namespace transect

/// Returns from the function if `expr`, an absl::Status, is an error.
#define TRANSECT_RETURN_IF_ERROR(expr)                             \
  switch (0)                                                       \
  case 0:                                                          \
  default:                                                         \
    if (::transect::StatusBuilder transect_status_builder((expr)); \
        __builtin_expect(transect_status_builder.ok(), 1)) {       \
    } else /* NOLINT(readability-braces-around-statements) */      \
      return transect_status_builder

/// TRANSECT_ASSIGN_OR_RETURN(lhs, expr) or (lhs, expr, result): assigns the
/// value of `expr`, an absl::StatusOr<T>, to `lhs`, which may declare a
/// variable; or returns its error.
#define TRANSECT_ASSIGN_OR_RETURN(...)                                \
  TRANSECT_INTERNAL_PICK_4_(__VA_ARGS__, TRANSECT_INTERNAL_ASSIGN_3_, \
                            TRANSECT_INTERNAL_ASSIGN_2_, )            \
  (__VA_ARGS__)

#define TRANSECT_INTERNAL_PICK_4_(a, b, c, pick, ...) pick
#define TRANSECT_INTERNAL_ASSIGN_2_(lhs, expr) \
  TRANSECT_INTERNAL_ASSIGN_3_(lhs, expr, _)
#define TRANSECT_INTERNAL_ASSIGN_3_(lhs, expr, result)                   \
  TRANSECT_INTERNAL_ASSIGN_(                                             \
      TRANSECT_INTERNAL_JOIN_(transect_status_or_, __LINE__), lhs, expr, \
      result)
#define TRANSECT_INTERNAL_ASSIGN_(status_or, lhs, expr, result) \
  auto status_or = (expr);                                      \
  if (__builtin_expect(!status_or.ok(), 0)) {                   \
    [[maybe_unused]] ::transect::StatusBuilder _(               \
        std::move(status_or).status());                         \
    return result;                                              \
  }                                                             \
  TRANSECT_INTERNAL_UNPARENTHESIZE_(lhs) = *std::move(status_or)

#define TRANSECT_INTERNAL_JOIN_(a, b) TRANSECT_INTERNAL_JOIN_2_(a, b)
#define TRANSECT_INTERNAL_JOIN_2_(a, b) a##b

// (x) and x both give x.
#define TRANSECT_INTERNAL_UNPARENTHESIZE_(x) \
  TRANSECT_INTERNAL_STRIP_(TRANSECT_INTERNAL_ESCAPE_ x)
#define TRANSECT_INTERNAL_ESCAPE_(...) TRANSECT_INTERNAL_ESCAPE_ __VA_ARGS__
#define TRANSECT_INTERNAL_STRIP_(...) TRANSECT_INTERNAL_STRIP_2_(__VA_ARGS__)
#define TRANSECT_INTERNAL_STRIP_2_(...) TRANSECT_INTERNAL_DROP_##__VA_ARGS__
#define TRANSECT_INTERNAL_DROP_TRANSECT_INTERNAL_ESCAPE_

#endif  // TRANSECT_THIRD_PARTY_ABSL_POLYFILL_STATUS_MACROS_H_
