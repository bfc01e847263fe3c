#include "analysis/answers/claims.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/answers/answers.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/answers/study.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ReportSpec Spec(const std::string& text) {
  ReportSpec spec;
  EXPECT_THAT(ParseTextproto(text, "test", &spec), IsOk());
  return spec;
}

std::vector<ReportClaim> Verdicts(const std::string& spec,
                                  const ReportInput& input) {
  ComparisonReport report = ReportOf(input);
  std::vector<const ExperimentClaim*> claims;
  const ReportSpec parsed = Spec(spec);
  for (const ExperimentClaim& claim : parsed.claim()) claims.push_back(&claim);
  EXPECT_THAT(CheckClaims(claims, input), IsOk());
  EXPECT_THAT(AddClaims(claims, input, &report), IsOk());
  const auto& verdicts = report.tables(0).claims();
  return {verdicts.begin(), verdicts.end()};
}

constexpr char kRank[] = R"(claim { name: "rank" holds: "rank=16 > rank=32" })";

// base has an IoU higher by `gap` than all others; items differ much, runs of a
// row little.
ReportInput WithGap(double gap, int seeds) {
  return Study(
      {.seeds = seeds}, [gap](const std::string& row, int seed, int item) {
        return 0.5 + 0.3 * Noise("item", 0, item) +
               0.02 * Noise(row, seed, item) + (row == "base" ? gap : 0);
      });
}

TEST(ClaimsTest, OneRunARowIsTestedOverItems) {
  const std::vector<ReportClaim> verdicts = Verdicts(kRank, WithGap(0.05, 1));
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].verdict(), ReportClaim::SUPPORTED);
  EXPECT_EQ(verdicts[0].text(), "rank=16 > rank=32 on gIoU");
  EXPECT_NEAR(verdicts[0].effect(), 0.05, 0.01);
  EXPECT_LT(verdicts[0].low(), verdicts[0].effect());
  EXPECT_GT(verdicts[0].high(), verdicts[0].effect());
  EXPECT_LT(verdicts[0].p(), 0.001);
  EXPECT_THAT(verdicts[0].basis(), HasSubstr("60 items; about these runs"));
  EXPECT_THAT(verdicts[0].spec_ids(), ElementsAre("base-1", "rank=32-1"));
  EXPECT_THAT(verdicts[0].why(), IsEmpty());
}

TEST(ClaimsTest, TheOppositeContradictsAndNothingDecidesNothing) {
  EXPECT_EQ(Verdicts(kRank, WithGap(-0.05, 1))[0].verdict(),
            ReportClaim::CONTRADICTED);
  const ReportClaim none = Verdicts(kRank, WithGap(0, 1))[0];
  EXPECT_EQ(none.verdict(), ReportClaim::UNDECIDED);
  EXPECT_GT(none.p(), 0.05);
  EXPECT_THAT(none.why(), HasSubstr("not larger than chance"));
}

TEST(ClaimsTest, TwoSeedsDecideNothingAndSaySo) {
  const ReportClaim claim = Verdicts(kRank, WithGap(0.05, 2))[0];
  EXPECT_EQ(claim.verdict(), ReportClaim::UNDECIDED);
  EXPECT_NEAR(claim.p(), 1.0 / 3, 1e-12);
  EXPECT_THAT(
      claim.why(),
      AllOf(HasSubstr("p = 0.33 at best"),
            HasSubstr("over items, about these runs only, p = 0.0001")));
}

TEST(ClaimsTest, OfMoreThanTenSeedsTheTestIsNotExact) {
  EXPECT_THAT(Verdicts(kRank, WithGap(0.05, 10))[0].basis(),
              HasSubstr("exact permutation of 10 seeds a row"));
  EXPECT_THAT(Verdicts(kRank, WithGap(0.05, 11))[0].basis(),
              testing::StartsWith("permutation of 11 seeds by 10000 draws"));
}

// `run cell=base rank=8`: what is claimed about rank=32 is not asked for.
TEST(ClaimsTest, OfSelectedRowsOthersAreNotAnswered) {
  ReportInput input = WithGap(0.05, 4);
  input.tables[0].rows.erase(input.tables[0].rows.begin() + 2);
  const ReportSpec spec = Spec(
      absl::StrCat(kRank, R"(claim { name: "small" holds: "base > rank=8" })"));
  std::vector<const ExperimentClaim*> claims;
  for (const ExperimentClaim& claim : spec.claim()) claims.push_back(&claim);
  for (const bool selected : {true, false}) {
    input.selected = selected;
    ComparisonReport report = ReportOf(input);
    ASSERT_THAT(AddClaims(claims, input, &report), IsOk());
    const auto& verdicts = report.tables(0).claims();
    ASSERT_EQ(verdicts.size(), selected ? 1 : 2);
    EXPECT_EQ(verdicts.rbegin()->name(), "small");
    // One claim is one comparison.
    EXPECT_NEAR(verdicts.rbegin()->p(), 2.0 / 70 * (selected ? 1 : 2), 1e-12);
  }
}

TEST(ClaimsTest, FourSeedsDecideOneClaimAndNotTwo) {
  const ReportInput input = WithGap(0.05, 4);
  const ReportClaim alone = Verdicts(kRank, input)[0];
  EXPECT_EQ(alone.verdict(), ReportClaim::SUPPORTED);
  // 2 / C(8, 4).
  EXPECT_NEAR(alone.p(), 2.0 / 70, 1e-12);
  EXPECT_THAT(alone.basis(), HasSubstr("exact permutation of 4 seeds a row"));
  const std::vector<ReportClaim> two = Verdicts(
      absl::StrCat(kRank, R"(claim { name: "b" holds: "base > text=ZERO" })"),
      input);
  ASSERT_THAT(two, SizeIs(2));
  EXPECT_EQ(two[0].verdict(), ReportClaim::UNDECIDED);
  EXPECT_NEAR(two[0].p(), 4.0 / 70, 1e-12);
}

constexpr char kOptimum[] =
    R"(claim { name: "o" optimum { axis: "rank" above: "8" below: "32" } })";

// IoU by rank: `at_8`, 0.5, `at_32`.
ReportClaim OptimumOf(double at_8, double at_32) {
  return Verdicts(kOptimum, Study({.seeds = 5}, [=](const std::string& row,
                                                    int seed, int item) {
                    return (row == "rank=8"    ? at_8
                            : row == "rank=32" ? at_32
                                               : 0.5) +
                           0.02 * Noise(row, seed, item);
                  }))[0];
}

TEST(ClaimsTest, AnOptimumBeatsBothEnds) {
  const ReportClaim inside = OptimumOf(0.4, 0.45);
  EXPECT_EQ(inside.verdict(), ReportClaim::SUPPORTED);
  EXPECT_NEAR(inside.effect(), 0.05, 0.01) << "the nearer end";
  EXPECT_NEAR(inside.p(), 2.0 / 252, 1e-12);
  EXPECT_EQ(inside.text(), "gIoU is highest at a rank between 8 and 32");
  const ReportClaim equal = OptimumOf(0.4, 0.5);
  EXPECT_EQ(equal.verdict(), ReportClaim::UNDECIDED);
  const ReportClaim rising = OptimumOf(0.4, 0.6);
  EXPECT_EQ(rising.verdict(), ReportClaim::CONTRADICTED);
  EXPECT_NEAR(rising.effect(), -0.1, 0.01);
  EXPECT_LT(rising.high(), 0);
  EXPECT_NEAR(rising.p(), 4.0 / 252, 1e-12) << "either end may be the best";
}

TEST(ClaimsTest, CiouWeighsLargeObjects) {
  const std::string spec =
      R"(claim { name: "f" metric: "cIoU" favours { objects: LARGE } })";
  const auto with_area = [&](std::function<int64_t(int)> area) {
    return Verdicts(spec,
                    Study({.area = std::move(area)},
                          [](const std::string&, int, int) { return 0.5; }))[0];
  };
  const ReportClaim large =
      with_area([](int i) { return i % 2 == 0 ? 100 : 900; });
  EXPECT_EQ(large.verdict(), ReportClaim::SUPPORTED);
  EXPECT_NEAR(large.effect(), 0.4, 1e-12);
  EXPECT_LT(large.p(), 0.001);
  EXPECT_THAT(large.basis(), HasSubstr("has 90.0 % of the weight of cIoU and "
                                       "50.0 % of that of gIoU"));
  const ReportClaim equal = with_area([](int) { return 100; });
  EXPECT_EQ(equal.verdict(), ReportClaim::UNDECIDED);
  EXPECT_EQ(equal.effect(), 0);
}

TEST(ClaimsTest, WhatIsMissingIsNamed) {
  ReportInput input = WithGap(0.05, 1);
  input.tables[0].rows[2].runs[0].items = nullptr;
  const ReportClaim claim = Verdicts(kRank, input)[0];
  EXPECT_EQ(claim.verdict(), ReportClaim::UNDECIDED);
  EXPECT_FALSE(claim.has_effect());
  EXPECT_FALSE(claim.has_p());
  EXPECT_EQ(claim.why(), "row \"rank=32\" has no result");
}

TEST(ClaimsTest, OfAnotherSplitIsNotAskedHere) {
  EXPECT_THAT(
      Verdicts(R"(claim { name: "a" split: "test" holds: "base > rank=8" })",
               WithGap(0.05, 1)),
      IsEmpty());
}

TEST(ClaimsTest, AllProblemsAreNamedAtOnce) {
  const ReportSpec spec = Spec(R"(
    claim { holds: "base > rank=8" }
    claim { name: "a" holds: "base > rnk=8" }
    claim { name: "a" holds: "base > rank=64" }
    claim { name: "b" holds: "base" }
    claim { name: "c" holds: "base > rank=16" }
    claim { name: "d" metric: "mIoU" holds: "base > rank=8" }
    claim { name: "e" optimum { axis: "rank" above: "8" below: "16" } }
    claim { name: "f" optimum { axis: "text" above: "A" below: "B" } }
    claim { name: "g" favours { objects: LARGE } }
    claim { name: "h" design: "stdy" holds: "base > rank=8" }
    claim { name: "i" }
    size_bound: 2
  )");
  std::vector<const ExperimentClaim*> claims;
  for (const ExperimentClaim& claim : spec.claim()) claims.push_back(&claim);
  const ReportInput input = WithGap(0, 1);
  const absl::Status status = CheckClaims(claims, input);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const char* problem :
       {"claim \"\" has no name", "names the axis \"rnk\"",
        "did you mean \"rank\"", "claim \"a\" is there twice",
        "names the cell \"rank=64\", which design \"study\" does not have",
        "claim \"b\" holds \"base\", must be two cells",
        "one cell on both sides", "has the metric \"mIoU\"",
        "has no value between them", "must be two ascending numbers",
        "weights of gIoU", "design \"stdy\"", "claim \"i\" claims nothing"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(problem));
  }
  EXPECT_THAT(CheckAnswers(spec, input),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("report.size_bound is [2]")));
}

}  // namespace
}  // namespace transect
