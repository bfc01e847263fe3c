#include "launch/training/stop_signals.h"

#include <signal.h>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(StopSignals, AreRememberedAndNotObeyed) {
  for (const int number : {SIGTERM, SIGUSR2}) {
    const StopSignals signals;
    EXPECT_FALSE(signals.came());
    raise(number);
    EXPECT_TRUE(signals.came());
  }
}

TEST(StopSignalsDeathTest, DoAfterwardsWhatTheyDidBefore) {
  EXPECT_EXIT(
      {
        { const StopSignals signals; }
        raise(SIGUSR2);
      },
      testing::KilledBySignal(SIGUSR2), "");
}

}  // namespace
}  // namespace transect
