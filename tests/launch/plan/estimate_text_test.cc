#include "launch/plan/estimate_text.h"

#include "gtest/gtest.h"
#include "launch/store/forecast.pb.h"

namespace transect {
namespace {

TEST(NumberTextTest, ShowsAsManyDigitsAsMatter) {
  EXPECT_EQ(NumberText(0), "0");
  EXPECT_EQ(NumberText(0.0042), "0.004");
  EXPECT_EQ(NumberText(3e-5), "0.00003");
  EXPECT_EQ(NumberText(1e-12), "0.000000000");
  EXPECT_EQ(NumberText(0.034), "0.03");
  EXPECT_EQ(NumberText(3.3), "3.30");
  EXPECT_EQ(NumberText(12.54), "12.5");
  EXPECT_EQ(NumberText(120.4), "120");
}

TEST(EstimateTextTest, NarrowIntervalsAreMarginsWideOnesHaveEnds) {
  EXPECT_EQ(EstimateText(0, 0, 0), "–");
  EXPECT_EQ(EstimateText(9, 10, 11), "10.0 ± 1.00");
  EXPECT_EQ(EstimateText(2.5, 10, 40), "10.0 (2.50 to 40.0)");
  EXPECT_EQ(EstimateText(0.0039, 0.004, 0.0041), "0.004");
}

TEST(AboutTextTest, AnIntervalOfOneTimeIsNone) {
  EXPECT_EQ(AboutText(0.9, 1, 1.1, " here"), "about 1 s here");
  EXPECT_EQ(AboutText(540, 720, 900, " here"),
            "about 12 min here (9 min to 15 min)");
}

TEST(DiskTextTest, NamesWhatIsSharedAndWhatGoesAgain) {
  EXPECT_EQ(DiskText(3'200'000'000, 0, 0), "3.2 GB of disk");
  EXPECT_EQ(DiskText(3'200'000'000, 441'000'000, 500'000'000),
            "3.2 GB of disk, 441 MB of it the worker and its libraries, and at "
            "most 500 MB of checkpoints for each run that trains");
}

TEST(BasisTextTest, SaysWhichHoursAreGuessesAndWhy) {
  const int measured = PriceBasis::MEASURED;
  const int guess = PriceBasis::GUESS;
  EXPECT_EQ(BasisText({measured}, 0, 4, false),
            "from finished runs like these");
  EXPECT_EQ(BasisText({measured, guess}, 1, 4, false),
            "from finished runs like these; guesses for 1 of 4 jobs, from "
            "operations and sizes alone");
  EXPECT_EQ(BasisText({guess}, 4, 4, true),
            "guesses: data that was never read, or nothing like these was "
            "measured here");
}

TEST(MemoryTextTest, TellsGuessesAndGpus) {
  EXPECT_EQ(MemoryText(1'300'000'000, 0, true),
            "at least 1.3 GB of memory a rank (guess)");
  EXPECT_EQ(MemoryText(1'300'000'000, 31'000'000'000, false),
            "1.3 GB of memory and 31 GB of GPU memory a rank");
}

TEST(ResourcesTextTest, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(ResourcesText(1, 0, 0), "1 processor");
  EXPECT_EQ(ResourcesText(2, 0, 22'000'000'000),
            "2 processors and 22 GB of memory");
  EXPECT_EQ(ResourcesText(96, 8, 22'000'000'000),
            "96 processors, 8 GPUs and 22 GB of memory");
}

}  // namespace
}  // namespace transect
