#include "launch/execute/signal_watch.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "gtest/gtest.h"

namespace transect {
namespace {

using std::chrono::milliseconds;

TEST(SignalWatchTest, HandsOverSignalsInsteadOfDying) {
  SignalWatch watch;
  ASSERT_EQ(kill(getpid(), SIGTERM), 0);
  EXPECT_EQ(watch.Wait(milliseconds(1000)), SIGTERM);
  EXPECT_EQ(watch.Wait(milliseconds(1)), 0);
}

TEST(SignalWatchTest, WakesUpWhenAChildEnds) {
  SignalWatch watch;
  const pid_t child = fork();
  if (child == 0) _exit(0);
  // Far below the limit of this test, which a missed signal would reach.
  EXPECT_EQ(watch.Wait(std::chrono::minutes(2)), 0);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

TEST(SignalWatchTest, RestoresTheMask) {
  sigset_t before;
  sigset_t after;
  sigset_t during;
  sigprocmask(SIG_SETMASK, nullptr, &before);
  {
    SignalWatch watch;
    sigprocmask(SIG_SETMASK, nullptr, &during);
  }
  sigprocmask(SIG_SETMASK, nullptr, &after);
  for (int signal = 1; signal < NSIG; ++signal) {
    const bool watched = signal == SIGINT || signal == SIGTERM ||
                         signal == SIGHUP || signal == SIGUSR2 ||
                         signal == SIGTSTP || signal == SIGCHLD;
    EXPECT_EQ(sigismember(&during, signal),
              watched ? 1 : sigismember(&before, signal))
        << signal;
    EXPECT_EQ(sigismember(&after, signal), sigismember(&before, signal))
        << signal;
  }
}

TEST(SignalWatchTest, SuspendStopsTheProcessUntilItIsContinued) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    // As a shell with job control does for each command.
    setpgid(0, 0);
    SignalWatch watch;
    if (write(ready[1], "", 1) != 1) _exit(1);
    const int seen = watch.Wait(std::chrono::minutes(2));
    watch.Suspend();
    _exit(seen == SIGTSTP && watch.Wait(milliseconds(1)) == 0 ? 7 : 1);
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(kill(child, SIGTSTP), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_EQ(WSTOPSIG(status), SIGTSTP);
  ASSERT_EQ(kill(child, SIGCONT), 0);
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(SignalWatchTest, WhatNoShellCouldContinueIsNotStopped) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    SignalWatch watch;
    watch.Suspend();
    _exit(7);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(SignalWatchTest, WhatNohupIgnoresStaysIgnored) {
  signal(SIGHUP, SIG_IGN);
  {
    SignalWatch watch;
    ASSERT_EQ(kill(getpid(), SIGHUP), 0);
    EXPECT_EQ(watch.Wait(milliseconds(1)), 0);
  }
  signal(SIGHUP, SIG_DFL);
}

}  // namespace
}  // namespace transect
