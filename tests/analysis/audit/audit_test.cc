// The audit of the paper's tables, and of tables that are made for it.
#include "analysis/audit/audit.h"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/audit/audit_text.h"
#include "analysis/audit/findings.h"
#include "analysis/published.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

AuditInput Sets(const std::vector<std::string>& names) {
  AuditInput input;
  for (const std::string& name : names) {
    absl::StatusOr<PublishedSet> set = FindPublished(name);
    EXPECT_THAT(set, IsOk());
    if (set.ok()) AddToAudit(*set, &input);
  }
  return input;
}

AuditReport AuditOf(const AuditInput& input) {
  absl::StatusOr<AuditReport> report = Audit(input);
  EXPECT_THAT(report, IsOk());
  return report.ok() ? *std::move(report) : AuditReport();
}

std::vector<std::string> Labels(const AuditGroup& group) {
  std::vector<std::string> labels;
  for (const AuditGroup::Row& row : group.rows()) labels.push_back(row.label());
  return labels;
}

std::vector<std::string> ConflictsOf(const AuditReport& report,
                                     AuditConflict::Kind kind) {
  std::vector<std::string> texts;
  for (const AuditConflict& conflict : report.conflicts()) {
    if (conflict.kind() == kind) texts.push_back(conflict.text());
  }
  return texts;
}

// `group` against what SciPy and exact fractions say (make_audit_golden.py).
void ExpectGolden(const AuditGroup& group, const nlohmann::json& golden) {
  EXPECT_EQ(group.values(), golden["values"].get<int>());
  const std::pair<AuditGroup::Shortening, const char*> kNames[] = {
      {AuditGroup::ROUNDED, "rounded"},
      {AuditGroup::TRUNCATED, "truncated"},
      {AuditGroup::EITHER, "either"}};
  int seen = 0;
  for (const AuditGroup::Fit& fit : group.known()) {
    const std::string items = absl::StrCat(fit.items());
    if (!golden["known"].contains(items)) continue;
    for (const auto& [shortening, name] : kNames) {
      if (shortening != fit.shortening()) continue;
      ++seen;
      SCOPED_TRACE(absl::StrCat(items, " ", name));
      const nlohmann::json& wanted = golden["known"][items][name];
      EXPECT_EQ(fit.fits(), wanted["fits"].get<int>());
      EXPECT_NEAR(fit.expected(), wanted["expected"].get<double>(), 1e-9);
      const double tail = wanted["tail"];
      EXPECT_NEAR(fit.tail(), tail, 1e-9 * tail);
    }
  }
  EXPECT_EQ(seen, 6);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(group.scan(i).items(), golden["scan"][i].get<int64_t>()) << i;
  }
}

TEST(AuditTest, FindsTheSplitsBehindTablesOneAndTwoByItself) {
  const AuditReport report =
      AuditOf(Sets({"rsrefseg_table1", "rsrefseg_table2"}));
  std::ifstream file("tests/analysis/audit/audit_golden.json");
  const nlohmann::json golden = nlohmann::json::parse(file)["groups"];
  ASSERT_THAT(report.groups(), SizeIs(3));

  const AuditGroup& own = report.groups(0);
  EXPECT_EQ(own.items(), 1740);
  EXPECT_EQ(own.split(), "val");
  EXPECT_THAT(
      Labels(own),
      ElementsAre("RSRefSeg-l", "rank 8",
                  "default (rank 16, text full, rate 4, w/ dense prompt)",
                  "rank 32", "text zero", "text half", "rate 2", "rate 8",
                  "w/o dense prompt"));
  ExpectGolden(own, golden["own"]);
  // 44 of 45 values, and by chance 7e-25.
  EXPECT_EQ(own.known(5).fits(), 44);
  EXPECT_EQ(absl::StrFormat("%.0e", own.known(5).tail()), "7e-25");

  const AuditGroup& copied = report.groups(1);
  EXPECT_EQ(copied.items(), 3481);
  EXPECT_THAT(Labels(copied),
              ElementsAre("RRN", "CMSA", "LSCM", "CMPC", "BRINet", "CMPC+"));
  ExpectGolden(copied, golden["copied"]);

  const AuditGroup& rerun = report.groups(2);
  EXPECT_EQ(rerun.items(), 3481);
  EXPECT_EQ(rerun.split(), "test");
  EXPECT_THAT(Labels(rerun),
              ElementsAre("LAVT", "CrossVLT", "LGCE", "RMSIN", "FIANet"));
  ExpectGolden(rerun, golden["rerun"]);
  // 25 of 25.
  EXPECT_EQ(rerun.known(6).fits(), 25);
}

// The table of section 7.3 of the reference, two rows of it.
TEST(AuditTest, NamesTheWholeNumberBehindEveryValue) {
  const AuditReport report =
      AuditOf(Sets({"rsrefseg_table1", "rsrefseg_table2"}));
  const auto shown = [](const AuditGroup::Row& row) {
    std::vector<std::string> cells;
    for (const AuditGroup::Value& value : row.values()) {
      cells.push_back(absl::StrCat(value.k(), value.rounded() ? "r" : "",
                                   value.truncated() ? "t" : ""));
    }
    return cells;
  };
  EXPECT_THAT(shown(report.groups(0).rows(0)),
              ElementsAre("-1", "1189rt", "1022t", "844t", "536rt"));
  EXPECT_THAT(shown(report.groups(0).rows(4)),
              ElementsAre("1009t", "918r", "776t", "613r", "372r"));
  EXPECT_THAT(shown(report.groups(2).rows(0)),
              ElementsAre("2330rt", "2123r", "1800r", "1385r", "835r"));
}

TEST(AuditTest, ListsTheConflictsOfTheSource) {
  const AuditReport report =
      AuditOf(Sets({"rsrefseg_table1", "rsrefseg_table2"}));
  EXPECT_THAT(
      ConflictsOf(report, AuditConflict::NEARLY_EQUAL_ROWS),
      ElementsAre(AllOf(
          HasSubstr("RSRefSeg-b (rsrefseg_table1)"),
          HasSubstr("all values but Pr@0.5, which is 72.82 and 72.52"),
          HasSubstr("1267 rounded and 1262 truncated"),
          HasSubstr("72.52 fits the way in which the other values of the row "
                    "are shortened"))));
  EXPECT_THAT(ConflictsOf(report, AuditConflict::MISFIT),
              ElementsAre(AllOf(HasSubstr("Pr@0.5 74.49 of RSRefSeg-l"),
                                HasSubstr("1296 are 74.48, 1297 are 74.54")),
                          HasSubstr("Pr@0.7 37.70 of LSCM"),
                          HasSubstr("Pr@0.5 55.83 of CMPC ")));
  EXPECT_THAT(ConflictsOf(report, AuditConflict::OTHER_SPLIT), IsEmpty());
  EXPECT_THAT(report.findings(),
              Contains(HasSubstr("text zero (rsrefseg_table2) mixes 3 values "
                                 "that fit only rounded with 2 that fit only "
                                 "truncated")));
}

TEST(AuditTest, ANumberDiffersBetweenSources) {
  const AuditReport report = AuditOf(Sets({"rsrefseg_table1", "rmsin_own"}));
  EXPECT_THAT(ConflictsOf(report, AuditConflict::SAME_LABEL),
              Contains(AllOf(HasSubstr("RMSIN, split test"),
                             HasSubstr("gIoU 62.27 and 64.20"))));
}

TEST(AuditTest, SaysWhatItSaysNothingAbout) {
  const std::string text =
      AuditText(AuditOf(Sets({"rsrefseg_table1", "rsrefseg_table2"})), 100);
  EXPECT_THAT(text, HasSubstr("nothing about"));
  EXPECT_THAT(text, HasSubstr("honesty"));
  EXPECT_THAT(text, HasSubstr("44 of 45 rounded or truncated"));
  EXPECT_THAT(text, HasSubstr("2 times 1740"));
  // No line about it in any table.
  EXPECT_THAT(text, HasSubstr("Nothing can be said about N = 12181 (train)"));
  EXPECT_THAT(text, Not(HasSubstr("12181  train")));
}

// Shares of 250 items that are truncated, in a table that says nothing of it.
std::string CsvOf(int64_t items, const std::string& split) {
  std::string csv = "Method,split,Acc,P@0.5,mIoU,params\n";
  for (int row = 0; row < 8; ++row) {
    absl::StrAppend(&csv, "m", row, ",", split);
    for (int column = 0; column < 2; ++column) {
      const int64_t k = (37 + 61 * row + 101 * column) % items;
      const int64_t hundredths = 10000 * k / items;
      absl::StrAppendFormat(&csv, ",%d.%02d", hundredths / 100,
                            hundredths % 100);
    }
    absl::StrAppend(&csv, ",50.00,12M\n");
  }
  return csv;
}

TEST(AuditTest, AScanFindsANumberThatNobodyKnows) {
  AuditInput input;
  ASSERT_THAT(AddCsvToAudit(CsvOf(251, ""), "t.csv", {"Acc"}, &input), IsOk());
  const AuditReport report = AuditOf(input);
  ASSERT_THAT(report.groups(), SizeIs(1));
  EXPECT_EQ(report.groups(0).items(), 0);
  EXPECT_EQ(report.groups(0).values(), 16);
  EXPECT_EQ(report.groups(0).scan(0).items(), 251);
  EXPECT_EQ(report.groups(0).scan(0).shortening(), AuditGroup::TRUNCATED);
  EXPECT_LT(report.groups(0).scan(0).corrected_tail(), kDecisive);
  EXPECT_THAT(report.conflicts(), IsEmpty());
}

TEST(AuditTest, ASplitThatIsStatedAndDoesNotFitIsAConflict) {
  AuditInput input;
  ASSERT_THAT(AddCsvToAudit(CsvOf(1740, "test"), "t.csv", {"Acc"}, &input),
              IsOk());
  ASSERT_THAT(AddKnownSplits("RRSIS-D", &input), IsOk());
  const AuditReport report = AuditOf(input);
  EXPECT_EQ(report.groups(0).split(), "val");
  EXPECT_THAT(
      ConflictsOf(report, AuditConflict::OTHER_SPLIT),
      ElementsAre(AllOf(HasSubstr("N = 1740 (val)"), HasSubstr("m0 (test)"))));
}

TEST(AuditTest, ValuesThatFitNothingAreSaidToFitNothing) {
  AuditInput input;
  ASSERT_THAT(
      AddCsvToAudit("label,Pr@0.5,Pr@0.6\na,50.01,40.03\nb,31.07,22.22\n",
                    "t.csv", {}, &input),
      IsOk());
  ASSERT_THAT(AddKnownSplits("RefSegRS", &input), IsOk());
  const AuditReport report = AuditOf(input);
  EXPECT_THAT(report.findings(0),
              HasSubstr("no known number stands out of chance"));
  EXPECT_THAT(ConflictsOf(report, AuditConflict::MISFIT), IsEmpty());
}

// A size that every value fits is never the best.
TEST(AuditTest, ARowIsNeverDealtToANumberThatSaysNothing) {
  const AuditReport report = AuditOf(Sets({"evisam3_rrsisd"}));
  for (const AuditGroup& group : report.groups()) {
    EXPECT_NE(group.split(), "train");
  }
}

TEST(AuditTest, RefusesWhatCannotBeAudited) {
  AuditInput input;
  EXPECT_THAT(AddCsvToAudit("a,b\n1,2\n", "t.csv", {}, &input),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("t.csv:1"), HasSubstr("label"),
                             HasSubstr("it has a, b"))));
  EXPECT_THAT(
      AddCsvToAudit("label,mIoU\nx,2\n", "t.csv", {}, &input),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--shares")));
  EXPECT_THAT(AddCsvToAudit("label,Acc\nx,2\n", "t.csv", {"Ac"}, &input),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"Acc\"")));
  EXPECT_THAT(AddCsvToAudit("label,Pr@0.5\nx,72.5%\n", "t.csv", {}, &input),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("row 1"), HasSubstr("\"72.5%\""))));
  EXPECT_THAT(
      AddCsvToAudit("label,Pr@0.5\nx,720\n", "t.csv", {}, &input),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 to 100")));
  EXPECT_THAT(AddKnownSplits("RRSISD", &input),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr("RRSIS-D"), HasSubstr("--items"))));
  EXPECT_THAT(Audit(input), StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("no row has a share")));
  EXPECT_THAT(
      Audit(input, {.low = 0, .high = 5}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 to 5")));
}

}  // namespace
}  // namespace transect
