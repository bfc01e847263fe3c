#include "launch/execute/screen_writer.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using std::chrono::milliseconds;

// Far above what a test takes: reached only by something that never comes.
constexpr std::chrono::minutes kLong{2};
constexpr milliseconds kShort{20};

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    close(ends_[1]);
  }
  int writer() const { return ends_[1]; }
  void CloseReader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  std::string Read(size_t bytes) {
    std::string text(bytes, '\0');
    size_t have = 0;
    while (have < bytes) {
      const ssize_t got = read(ends_[0], &text[have], bytes - have);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    text.resize(have);
    return text;
  }

 private:
  int ends_[2];
};

TEST(ScreenWriterTest, WritesInOrder) {
  Pipe pipe;
  ScreenWriter screen(pipe.writer());
  EXPECT_TRUE(screen.Idle());
  screen.Write("one ");
  screen.Write("two");
  EXPECT_TRUE(screen.Flush(kLong));
  EXPECT_EQ(pipe.Read(7), "one two");
}

TEST(ScreenWriterTest, APipeThatNobodyReadsDelaysNobodyAndLosesNothing) {
  Pipe pipe;
  ScreenWriter screen(pipe.writer());
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string piece(10000, static_cast<char>('a' + i % 26));
    all += piece;
    screen.Write(piece);
  }
  EXPECT_FALSE(screen.Flush(kShort));
  EXPECT_FALSE(screen.Idle());
  // Known by now to take nothing, so this does not wait at all.
  EXPECT_FALSE(screen.Flush(kLong));
  EXPECT_EQ(pipe.Read(all.size()), all);
  EXPECT_TRUE(screen.Flush(kLong));
  EXPECT_TRUE(screen.Idle());
}

TEST(ScreenWriterTest, AReaderThatIsGoneEndsNothing) {
  Pipe pipe;
  pipe.CloseReader();
  ScreenWriter screen(pipe.writer());
  screen.Write("unheard");
  EXPECT_TRUE(screen.Flush(kLong));
  screen.Write("unheard too");
  EXPECT_TRUE(screen.Idle());
}

TEST(ScreenWriterTest, APipeThatSomeoneMadeNonBlockingGetsEverything) {
  Pipe pipe;
  ASSERT_EQ(fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const std::string text(300000, 'x');
  ScreenWriter screen(pipe.writer());
  screen.Write(text);
  EXPECT_EQ(pipe.Read(text.size()), text);
  EXPECT_TRUE(screen.Flush(kLong));
}

TEST(ScreenWriterTest, AStoppedTerminalGetsItsTextWhenItGoesOn) {
  int master = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  // As Ctrl-S does.
  ASSERT_EQ(tcflow(terminal, TCOOFF), 0);
  {
    ScreenWriter screen(terminal);
    screen.Write("later\n");
    EXPECT_FALSE(screen.Flush(kShort));
    ASSERT_EQ(tcflow(terminal, TCOON), 0);
    char text[16] = "";
    EXPECT_EQ(read(master, text, sizeof(text)), 7);
    EXPECT_EQ(std::string(text), "later\r\n");
    EXPECT_TRUE(screen.Flush(kLong));
  }
  close(terminal);
  close(master);
}

TEST(ScreenWriterTest, IsDestroyedWhileItsTerminalIsStopped) {
  int master = -1;
  int terminal = -1;
  ASSERT_EQ(openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  ASSERT_EQ(tcflow(terminal, TCOOFF), 0);
  {
    ScreenWriter screen(terminal);
    screen.Write("never seen");
    EXPECT_FALSE(screen.Flush(kShort));
  }
  // Ends the thread that was left behind.
  ASSERT_EQ(tcflow(terminal, TCOON), 0);
  char text[16] = "";
  EXPECT_EQ(read(master, text, sizeof(text)), 10);
}

TEST(WriteAllTest, WaitsForItsReader) {
  Pipe pipe;
  ASSERT_EQ(fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const std::string text(300000, 'x');
  std::string read;
  std::thread reader([&] { read = pipe.Read(text.size()); });
  EXPECT_THAT(WriteAll(pipe.writer(), text), IsOk());
  reader.join();
  EXPECT_EQ(read, text);
}

TEST(WriteAllTest, TellsAReaderThatIsGoneFromOtherErrors) {
  signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.CloseReader();
  EXPECT_TRUE(absl::IsUnavailable(WriteAll(pipe.writer(), "x")));
  signal(SIGPIPE, SIG_DFL);
  const int full = open("/dev/full", O_WRONLY);
  EXPECT_THAT(WriteAll(full, "x"),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       "No space left on device"));
  close(full);
}

}  // namespace
}  // namespace transect
