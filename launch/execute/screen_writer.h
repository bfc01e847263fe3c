/// \file
/// Text for a terminal or a pipe that may take nothing for hours.
///
/// A terminal that Ctrl-S has stopped, and a pipe that nobody reads, block
/// whoever writes to them. A ScreenWriter writes in a thread of its own, so
/// that a sweep goes on. What is out of date a moment later is dropped
/// meanwhile; everything else is kept and written once it can be.
#ifndef TRANSECT_LAUNCH_EXECUTE_SCREEN_WRITER_H_
#define TRANSECT_LAUNCH_EXECUTE_SCREEN_WRITER_H_

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Writes all of `text` to `descriptor`, however long that takes; also where
/// someone has made it non-blocking. Errors are the system's text alone;
/// kUnavailable if the reader is gone (EPIPE). The caller ignores SIGPIPE, or
/// is ended by it.
absl::Status WriteAll(int descriptor, absl::string_view text);

/// One for each descriptor. All functions may be called from several threads;
/// none but Flush waits. The thread takes no signals, so those of the process
/// reach whoever waits for them, and a write to a terminal in the background
/// does not stop the process.
class ScreenWriter {
 public:
  explicit ScreenWriter(int descriptor);
  /// Leaves the thread behind if it is blocked: call Flush before.
  ~ScreenWriter();
  ScreenWriter(const ScreenWriter&) = delete;
  ScreenWriter& operator=(const ScreenWriter&) = delete;

  int descriptor() const;

  /// Text that is not to be lost, such as results and errors. After an error of
  /// the descriptor, such as a reader that is gone, text goes nowhere.
  void Write(absl::string_view text);

  /// Whether everything is written, so that text that may be dropped would be
  /// seen at once.
  bool Idle() const;

  /// Waits until everything is written. Gives up, false, when `patience` has
  /// passed without a byte being taken; at once if the last call gave up and no
  /// byte was taken since.
  bool Flush(std::chrono::milliseconds patience);

 private:
  struct State;
  static void Run(const std::shared_ptr<State>& state);

  // Shared with the thread, which may outlive this object.
  std::shared_ptr<State> state_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_SCREEN_WRITER_H_
