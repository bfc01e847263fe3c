// The published results that are built in, and the rules for any.
#include "analysis/published.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<std::string> ProblemsOf(const PublishedSet& set) {
  Problems problems;
  ValidatePublished(set, &problems);
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return lines;
}

PublishedSet Table(const std::string& name) {
  absl::StatusOr<PublishedSet> set = FindPublished(name);
  EXPECT_THAT(set, IsOk());
  return set.ok() ? *std::move(set) : PublishedSet();
}

TEST(BuiltInPublishedTest, EverySetHolds) {
  EXPECT_THAT(BuiltInPublished(), SizeIs(10));
  std::string last;
  for (const PublishedSet& set : BuiltInPublished()) {
    EXPECT_THAT(ProblemsOf(set), IsEmpty()) << set.name();
    EXPECT_LT(last, set.name()) << "names are distinct";
    last = set.name();
  }
}

// The audit of the reference: how many Pr@X of a group of rows are whole shares
// of N items. The counts were made by an exact program in another language.
struct Fits {
  int values = 0, rounded = 0, truncated = 0, either = 0;
};

Fits Count(const std::vector<PublishedRow>& rows, int64_t items) {
  Fits fits;
  for (const PublishedRow& row : rows) {
    for (const auto& [field, printed] : PrintedValues(row)) {
      if (field[0] != 'p') continue;
      ++fits.values;
      fits.rounded += FitsItems(printed, items, PublishedRow::ROUNDED);
      fits.truncated += FitsItems(printed, items, PublishedRow::TRUNCATED);
      fits.either += FitsItems(printed, items, PublishedRow::ROUNDING_UNKNOWN);
    }
  }
  return fits;
}

std::vector<int> AsList(const Fits& fits) {
  return {fits.values, fits.rounded, fits.truncated, fits.either};
}

TEST(BuiltInPublishedTest, RowsOfRsRefSegAreOfValAndTheOthersOfTest) {
  const PublishedSet table1 = Table("rsrefseg_table1");
  const PublishedSet table2 = Table("rsrefseg_table2");
  ASSERT_THAT(table1.row(), SizeIs(13));
  ASSERT_THAT(table2.row(), SizeIs(8));
  std::vector<PublishedRow> own(table2.row().begin(), table2.row().end());
  own.push_back(table1.row(12));
  ASSERT_EQ(own.back().label(), "RSRefSeg-l");
  EXPECT_THAT(AsList(Count(own, 1740)), ElementsAre(45, 27, 41, 44));
  EXPECT_THAT(AsList(Count(own, 3481)), ElementsAre(45, 10, 2, 10));
  const std::vector<PublishedRow> copied(table1.row().begin(),
                                         table1.row().begin() + 6);
  EXPECT_THAT(AsList(Count(copied, 1740)), ElementsAre(30, 2, 7, 8));
  EXPECT_THAT(AsList(Count(copied, 3481)), ElementsAre(30, 16, 27, 28));
  const std::vector<PublishedRow> rerun(table1.row().begin() + 6,
                                        table1.row().begin() + 11);
  EXPECT_THAT(AsList(Count(rerun, 1740)), ElementsAre(25, 0, 1, 1));
  EXPECT_THAT(AsList(Count(rerun, 3481)), ElementsAre(25, 25, 14, 25));
  for (const PublishedRow& row : own) EXPECT_EQ(row.split(), PublishedRow::VAL);
  for (const PublishedRow& row : rerun) {
    EXPECT_EQ(row.split(), PublishedRow::TEST);
  }
}

TEST(BuiltInPublishedTest, ConflictsOfTheSourceAreNoted) {
  const PublishedSet table1 = Table("rsrefseg_table1");
  EXPECT_EQ(table1.row(11).pr_50(), "72.82");
  EXPECT_THAT(table1.row(11).note(0), HasSubstr("72.52"));
  EXPECT_THAT(table1.row(12).note(0), HasSubstr("gIoU 64.65"));
  EXPECT_EQ(table1.row(12).giou(), "64.67");
  EXPECT_EQ(Table("rsrefseg_table2").row(1).pr_50(), "72.52");
}

TEST(FitsItemsTest, IsExact) {
  // 1 / 3 = 33.33...
  EXPECT_TRUE(FitsItems("33.33", 3, PublishedRow::TRUNCATED));
  EXPECT_TRUE(FitsItems("33", 3, PublishedRow::ROUNDED));
  EXPECT_FALSE(FitsItems("33.34", 3, PublishedRow::ROUNDING_UNKNOWN));
  // 2 / 3 = 66.66...
  EXPECT_TRUE(FitsItems("66.66", 3, PublishedRow::TRUNCATED));
  EXPECT_FALSE(FitsItems("66.66", 3, PublishedRow::ROUNDED));
  EXPECT_TRUE(FitsItems("66.67", 3, PublishedRow::ROUNDED));
  EXPECT_FALSE(FitsItems("66.67", 3, PublishedRow::TRUNCATED));
  EXPECT_TRUE(FitsItems("100.00", 3, PublishedRow::ROUNDED));
  EXPECT_TRUE(FitsItems("0.0", 3, PublishedRow::TRUNCATED));
  EXPECT_FALSE(FitsItems("x", 3, PublishedRow::ROUNDED));
  EXPECT_FALSE(FitsItems("50", 0, PublishedRow::ROUNDED));
}

PublishedSet Small() {
  PublishedSet set;
  EXPECT_THAT(ParseTextproto(R"pb(
                               name: "small"
                               source: "Somebody"
                               place: "Table 3"
                               year: 2024
                               dataset: "RRSIS-D"
                               evaluator { name: "own" }
                               row {
                                 label: "a"
                                 split: TEST
                                 evaluator: "own"
                                 items: 4
                                 pr_50: "75.00"
                                 pr_60: "50.00"
                                 pr_70: "50.00"
                                 pr_80: "25.00"
                                 pr_90: "0.00"
                                 ciou: "70.00"
                                 giou: "55.00"
                               }
                             )pb",
                             "in the test", &set),
              IsOk());
  EXPECT_THAT(ProblemsOf(set), IsEmpty());
  return set;
}

TEST(ValidatePublishedTest, ValuesArePercentagesThatFit) {
  PublishedSet set = Small();
  set.mutable_row(0)->set_pr_50("75.01");
  EXPECT_THAT(ProblemsOf(set),
              ElementsAre("row[0].pr_50: is 75.01, which no whole number of 4 "
                          "items gives under this rounding"));
  set.mutable_row(0)->add_misfit("pr_50");
  EXPECT_THAT(ProblemsOf(set), IsEmpty());
  set.mutable_row(0)->set_pr_50("75.00");
  EXPECT_THAT(ProblemsOf(set), ElementsAre(HasSubstr("listed under misfit")));
  for (const std::string wrong : {"101", "-1", "5,1", "0.75.1", "1.", "nan"}) {
    set = Small();
    set.mutable_row(0)->set_ciou(wrong);
    EXPECT_THAT(ProblemsOf(set), ElementsAre(HasSubstr("must be a percentage")))
        << wrong;
  }
}

TEST(ValidatePublishedTest, ColumnsThatWereMixedUpShow) {
  PublishedSet set = Small();
  set.mutable_row(0)->set_pr_60("25.00");
  EXPECT_THAT(ProblemsOf(set),
              ElementsAre(StartsWith("row[0].pr_70: is 50.00, above the one")));
  set = Small();
  // 0.5 * 75 + 0.1 * (50 + 50 + 25) = 50 at least.
  set.mutable_row(0)->set_giou("49.00");
  EXPECT_THAT(ProblemsOf(set),
              ElementsAre("row[0].giou: is 49, but a mean of IoU with these "
                          "Pr@X is 50 to 70"));
}

TEST(ValidatePublishedTest, NamesAreThereAndDistinct) {
  PublishedSet set = Small();
  *set.add_row() = set.row(0);
  set.mutable_row(1)->set_evaluator("onw");
  set.clear_source();
  set.set_year(24);
  EXPECT_THAT(
      ProblemsOf(set),
      ElementsAre(
          "source: is empty", "year: is 24, must be 1950 to 2100",
          "row[1].label: is \"a\", given before it for the same split",
          "row[1].evaluator: is \"onw\", which is not an evaluator of the "
          "set; did you mean \"own\"?"));
  set = Small();
  set.mutable_row(0)->clear_items();
  for (const char* field :
       {"pr_50", "pr_60", "pr_70", "pr_80", "pr_90", "ciou", "giou"}) {
    set.mutable_row(0)->GetReflection()->ClearField(
        set.mutable_row(0), set.row(0).GetDescriptor()->FindFieldByName(field));
  }
  EXPECT_THAT(ProblemsOf(set), ElementsAre("row[0]: has no value"));
}

TEST(FindPublishedTest, AFileOfOnesOwn) {
  const std::string path = testing::TempDir() + "/own.textproto";
  ASSERT_THAT(WriteFileAtomic(path, PrintTextproto(Small())), IsOk());
  ASSERT_OK_AND_ASSIGN(const PublishedSet set, FindPublished(path));
  EXPECT_EQ(set.name(), "small");
  PublishedSet wrong = Small();
  wrong.mutable_row(0)->set_giou("x");
  ASSERT_THAT(WriteFileAtomic(path, PrintTextproto(wrong)), IsOk());
  EXPECT_THAT(FindPublished(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       MatchesRegex(path + ":[0-9]+:3: row\\[0\\]\\.giou: "
                                           "is \"x\".*")));
}

TEST(FindPublishedTest, AnUnknownNameComesWithTheNearest) {
  EXPECT_THAT(FindPublished("rsrefseg_tabel2"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean \"rsrefseg_table2\"?")));
}

}  // namespace
}  // namespace transect
