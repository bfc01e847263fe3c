#include "launch/listing/run_filter.h"

#include <stdlib.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/listing/run_list.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

StoreListing Runs() {
  setenv("TZ", "UTC", 1);
  StoreListing list;
  ListedRun* run = list.add_runs();
  run->set_id("aa11");
  run->set_code("fedcba987654");
  run->set_state(ListedState::DONE);
  run->set_experiment("tables");
  run->set_start_unix_us(1'764'511'500'000'000);  // 2025-11-30 14:05
  ListedEvaluation* const evaluation = run->add_evaluations();
  evaluation->set_split("val");
  evaluation->set_giou(0.5);
  run = list.add_runs();
  run->set_id("aa22");
  run->set_code("fedcba987654");
  run->set_state(ListedState::FAILED);
  run->set_experiment("tables");
  run->set_start_unix_us(1'764'000'000'000'000);  // 2025-11-24 16:00
  run = list.add_runs();
  run->set_id("bb33");
  run->set_code("0123456789ab");
  run->set_state(ListedState::DONE);
  return list;
}

// The ids that are left, joined.
std::string Kept(const std::vector<std::string>& words) {
  StoreListing list = Runs();
  EXPECT_THAT(FilterRuns(words, &list), IsOk());
  std::string ids;
  for (const ListedRun& run : list.runs()) ids += run.id();
  return ids;
}

TEST(FilterRunsTest, EachKindOfWord) {
  EXPECT_EQ(Kept({}), "aa11aa22bb33");
  EXPECT_EQ(Kept({"state=done"}), "aa11bb33");
  EXPECT_EQ(Kept({"state=FAILED,done"}), "aa11aa22bb33");
  EXPECT_EQ(Kept({"experiment=tables"}), "aa11aa22");
  EXPECT_EQ(Kept({"experiment=-"}), "bb33");
  EXPECT_EQ(Kept({"!experiment=tables"}), "bb33");
  EXPECT_EQ(Kept({"code=0123"}), "bb33");
  EXPECT_EQ(Kept({"code=0123456789abcdef"}), "bb33");
  EXPECT_EQ(Kept({"split=val"}), "aa11");
  EXPECT_EQ(Kept({"giou>49.5"}), "aa11");
  EXPECT_EQ(Kept({"giou>50"}), "");
  EXPECT_EQ(Kept({"date=2025-11"}), "aa11aa22");
  EXPECT_EQ(Kept({"date>=2025-11-30"}), "aa11");
  EXPECT_EQ(Kept({"date<2025-11-30"}), "aa22");
  EXPECT_EQ(Kept({"date=\"2025-11-30 14:05\""}), "aa11");
}

TEST(FilterRunsTest, AllWordsMustMatchAndAnyOfTheIds) {
  EXPECT_EQ(Kept({"experiment=tables", "state=done"}), "aa11");
  EXPECT_EQ(Kept({"aa1", "bb"}), "aa11bb33");
  EXPECT_EQ(Kept({"aa", "state=failed"}), "aa22");
}

TEST(FilterRunsTest, WordsThatMeanNothingAreRefused) {
  const auto error = [](const std::string& word) {
    StoreListing list = Runs();
    const absl::Status status = FilterRuns({word}, &list);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << word;
    return std::string(status.message());
  };
  EXPECT_THAT(error("rank=2"),
              AllOf(HasSubstr("runs have no \"rank\""), HasSubstr("giou")));
  EXPECT_THAT(error("state=ready"), HasSubstr("older_scheme"));
  EXPECT_THAT(error("giou>high"), HasSubstr("is no number"));
  for (const char* date : {"yesterday", "2026-1", "2026-13", "2026-11-32",
                           "2026-11-30 25", "2026/11", "202"}) {
    EXPECT_THAT(error(absl::StrCat("date>=\"", date, "\"")),
                AllOf(HasSubstr(absl::StrCat("\"", date, "\" is no date")),
                      HasSubstr("2026-11-30")));
  }
  EXPECT_THAT(error("code<3"), HasSubstr("only date and giou"));
  EXPECT_THAT(error("#3"), HasSubstr("the start of its id"));
}

}  // namespace
}  // namespace transect
