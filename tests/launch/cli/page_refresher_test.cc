#include "launch/cli/page_refresher.h"

#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using std::chrono::seconds;

// Counts what it hears.
class Counter : public ExecutionObserver {
 public:
  void OnStart(int, absl::string_view) override { ++events; }
  void OnElsewhere(int, absl::string_view) override { ++events; }
  void OnEnd(int, const JobEnd&) override { ++events; }
  void OnInterrupt(int) override { ++events; }
  void OnTick(SteadyTime) override { ++ticks; }

  int events = 0;
  int ticks = 0;
};

// Whether the file gets `size` bytes within a minute in which it is `now`.
bool Grows(const std::string& path, size_t size, SteadyTime now,
           PageRefresher* refresher) {
  for (int i = 0; i < 6000; ++i) {
    refresher->OnTick(now);
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (text.ok() && text->size() >= size) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(PageRefresher, MakesThePageOnceInAMinuteAndPassesAllOn) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/made");
  unlink(path.c_str());
  Counter counter;
  PageRefresher refresher({"/bin/sh", "-c", absl::StrCat("printf x >> ", path)},
                          &counter);
  const SteadyTime start = SteadyTime() + std::chrono::hours(100);
  refresher.OnTick(start);
  refresher.OnTick(start + kFirstPageAfter - seconds(1));
  EXPECT_FALSE(FileExists(path));
  const SteadyTime first = start + kFirstPageAfter;
  ASSERT_TRUE(Grows(path, 1, first, &refresher));
  refresher.OnTick(first + seconds(1));
  refresher.OnTick(first + kPageEvery - seconds(1));
  EXPECT_EQ(ReadFile(path).value(), "x");
  ASSERT_TRUE(Grows(path, 2, first + kPageEvery, &refresher));
  EXPECT_EQ(ReadFile(path).value(), "xx");
  refresher.OnStart(0, "");
  refresher.OnEnd(0, {});
  refresher.OnInterrupt(2);
  EXPECT_EQ(counter.events, 3);
  EXPECT_GE(counter.ticks, 6);
}

TEST(PageRefresher, APageThatCannotBeMadeOrTakesLongStopsNothing) {
  Counter counter;
  const SteadyTime start = SteadyTime() + std::chrono::hours(100);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"/does/not/exist"},
        std::vector<std::string>{"/bin/sh", "-c", "exit 1"},
        std::vector<std::string>{"/bin/sleep", "1000"}}) {
    PageRefresher refresher(command, &counter);
    for (int second = 0; second < 300; second += 10) {
      refresher.OnTick(start + seconds(second));
    }
  }
  EXPECT_EQ(counter.ticks, 90);
}

}  // namespace
}  // namespace transect
