// A sweep and its terminal: what stops the one does not stop the other, and
// what a person types reaches both the launcher and the ranks.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Terminal {
 public:
  Terminal() {
    winsize size = {24, 80, 0, 0};
    EXPECT_EQ(openpty(&master_, &own_, nullptr, nullptr, &size), 0);
  }
  ~Terminal() {
    close(own_);
    close(master_);
  }
  Terminal(const Terminal&) = delete;

  int master() const { return master_; }
  int descriptor() const { return own_; }
  // As Ctrl-S does.
  void Stop() const { EXPECT_EQ(tcflow(own_, TCOOFF), 0); }

 private:
  int master_ = -1;
  int own_ = -1;
};

// The writing end of a pipe that is full and that nobody reads.
class FullPipe {
 public:
  FullPipe() {
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC | O_NONBLOCK), 0);
    const std::string page(4096, '.');
    while (write(ends_[1], page.data(), page.size()) > 0) {
    }
    EXPECT_EQ(fcntl(ends_[1], F_SETFL, 0), 0);
  }
  ~FullPipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  FullPipe(const FullPipe&) = delete;

  int descriptor() const { return ends_[1]; }

 private:
  int ends_[2];
};

// One run of a few steps, or of very many, in a store that has its inputs.
std::vector<std::string> RunCommand(const std::string& store,
                                    const char* steps = "steps: 5") {
  return {"run",   TinyExperiment({{"steps: 5", steps}}),
          "#1",    "--store",
          store,   "--color",
          "always"};
}

TEST(TerminalTest, AStoppedTerminalDoesNotStopTheSweep) {
  const Terminal terminal;
  terminal.Stop();
  Started run(RunCommand(NewStore({"inputs"})), -1, terminal.descriptor());
  const Ended ended = run.Wait();
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("gIoU"));
}

TEST(TerminalTest, APipeThatNobodyReadsDoesNotStopTheSweep) {
  const FullPipe pipe;
  Started run(RunCommand(NewStore({"inputs"})), -1, pipe.descriptor());
  const Ended ended = run.Wait();
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, HasSubstr("gIoU"));
}

// As `transect run … 2>&1 | head -1`.
TEST(TerminalTest, AReaderThatIsGoneDoesNotStopTheSweep) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const std::string store = NewStore({"inputs"});
  const std::vector<std::string> command = RunCommand(store);
  EXPECT_EQ(Started(command, ends[1], ends[1]).Wait().code, 0);
  close(ends[1]);
  EXPECT_EQ(Transect({"status", command[1], "#1", "--store", store}).code, 0);
}

TEST(TerminalTest, SignalsEndTheSweepWhileItsTerminalIsStopped) {
  const std::string store = NewStore({"inputs"});
  const std::vector<std::string> command = RunCommand(store, "steps: 100000");
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) {
    const Terminal terminal;
    terminal.Stop();
    Started run(command, -1, terminal.descriptor());
    ASSERT_TRUE(Eventually([&] { return !Workers(store).empty(); }));
    ASSERT_EQ(kill(run.pid(), number), 0);
    EXPECT_EQ(run.Wait().code, 128 + number);
    EXPECT_THAT(Workers(store), IsEmpty());
  }
}

// Whether each worker on `store`, of which there is one, is stopped.
bool AreStopped(const std::string& store) {
  const std::vector<pid_t> workers = Workers(store);
  for (const pid_t worker : workers) {
    const std::string line =
        ReadFile(absl::StrCat("/proc/", worker, "/stat")).value_or("");
    if (!absl::StrContains(line, ") T ")) return false;
  }
  return !workers.empty();
}

// What a shell with job control does for one command: gives it the terminal,
// says in `notes` when it stopped, and continues it when `notes`/go_on is
// there. Returns its exit code.
[[noreturn]] void BeShell(const Terminal& terminal,
                          const std::vector<std::string>& command,
                          const std::string& notes) {
  setsid();
  ioctl(terminal.descriptor(), TIOCSCTTY, 0);
  signal(SIGTTOU, SIG_IGN);
  Started run(command, -1, terminal.descriptor());
  setpgid(run.pid(), run.pid());
  tcsetpgrp(terminal.descriptor(), run.pid());
  Put(notes + "/started", "");
  int status = 0;
  while (waitpid(run.pid(), &status, WUNTRACED) == run.pid() &&
         WIFSTOPPED(status)) {
    tcsetpgrp(terminal.descriptor(), getpgrp());
    Put(notes + "/stopped", "");
    Eventually([&] { return FileExists(notes + "/go_on"); });
    tcsetpgrp(terminal.descriptor(), run.pid());
    kill(-run.pid(), SIGCONT);
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

TEST(TerminalTest, CtrlZStopsLauncherAndRanksAndFgGoesOn) {
  const std::string store = NewStore({"inputs"});
  const std::string notes = NewDir();
  // Enough steps that it still runs when Ctrl-Z comes.
  const std::vector<std::string> command = RunCommand(store, "steps: 100");
  const Terminal terminal;
  const pid_t shell = fork();
  if (shell == 0) BeShell(terminal, command, notes);
  ASSERT_TRUE(Eventually([&] {
    return FileExists(notes + "/started") && !Workers(store).empty();
  }));
  // What Ctrl-Z sends; the terminal makes SIGTSTP of it.
  ASSERT_EQ(write(terminal.master(), "\x1a", 1), 1);
  ASSERT_TRUE(Eventually([&] { return FileExists(notes + "/stopped"); }));
  EXPECT_TRUE(AreStopped(store));
  Put(notes + "/go_on", "");
  // What the bars write has to be read.
  fcntl(terminal.master(), F_SETFL, O_NONBLOCK);
  int status = 0;
  char text[4096];
  while (waitpid(shell, &status, WNOHANG) == 0) {
    if (read(terminal.master(), text, sizeof(text)) < 0) usleep(10000);
  }
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(Transect({"status", command[1], "#1", "--store", store}).code, 0);
}

}  // namespace
}  // namespace transect
