#include "launch/execute/signal_watch.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <chrono>

namespace transect {

SignalWatch::SignalWatch() {
  sigemptyset(&watched_);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR2, SIGTSTP}) {
    struct sigaction action;
    if (sigaction(number, nullptr, &action) == 0 &&
        action.sa_handler != SIG_IGN) {
      sigaddset(&watched_, number);
    }
  }
  // An ignored SIGCHLD, which a parent may hand down, would reap the ranks.
  signal(SIGCHLD, SIG_DFL);
  sigaddset(&watched_, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &watched_, &before_);
}

SignalWatch::~SignalWatch() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int SignalWatch::Wait(std::chrono::milliseconds limit) {
  timespec time;
  time.tv_sec = limit.count() / 1000;
  time.tv_nsec = limit.count() % 1000 * 1'000'000;
  const int number = sigtimedwait(&watched_, nullptr, &time);
  return number > 0 && number != SIGCHLD ? number : 0;
}

void SignalWatch::Suspend() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  // Unblocked, it acts before the call returns. Not SIGSTOP: that would also
  // stop a process that no shell can continue.
  pthread_kill(pthread_self(), SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
}

}  // namespace transect
