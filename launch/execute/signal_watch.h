/// \file
/// Signals as events of the executor's loop instead of interruptions.
#ifndef TRANSECT_LAUNCH_EXECUTE_SIGNAL_WATCH_H_
#define TRANSECT_LAUNCH_EXECUTE_SIGNAL_WATCH_H_

#include <signal.h>

#include <chrono>

namespace transect {

/// While it lives, SIGINT, SIGTERM, SIGHUP, SIGUSR2, SIGTSTP (Ctrl-Z) and
/// SIGCHLD are
/// blocked in the calling thread and seen only by Wait. A signal that was
/// ignored when the program started, as nohup does with SIGHUP, stays ignored.
class SignalWatch {
 public:
  SignalWatch();
  /// Restores the mask. A signal that arrived and was not waited for acts now.
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  /// Sleeps until a signal arrives or `limit` has passed. Returns SIGINT,
  /// SIGTERM, SIGHUP or SIGTSTP; 0 if the time is up or a child ended.
  int Wait(std::chrono::milliseconds limit);

  /// What SIGTSTP does to a program that knows nothing of it: stops this
  /// process, and returns when it is continued (SIGCONT, the shell's fg or bg).
  /// Returns at once where nobody could continue it, because no shell with job
  /// control started it.
  void Suspend();

 private:
  sigset_t watched_;
  sigset_t before_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_SIGNAL_WATCH_H_
