#include "analysis/published_rows.h"

#include <string>

#include "analysis/published.pb.h"
#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PublishedSet SetOf(const std::string& dataset) {
  PublishedSet set;
  set.set_name("small");
  set.set_dataset(dataset);
  set.add_row()->set_split(PublishedRow::VAL);
  set.mutable_row(0)->set_giou("77.70");
  return set;
}

ReportTable TableOf(const std::string& split, int64_t items) {
  ReportTable table;
  table.set_split(split);
  table.set_items(items);
  table.set_dataset("data set mine (RRSISD, 0123456789ab)");
  return table;
}

TEST(PublishedRows, AreShownBesideASplitOfAsManyItems) {
  ReportTable table = TableOf("val", 1740);
  AddPublishedRows({SetOf("RRSIS-D")}, "RRSIS-D", &table);
  EXPECT_EQ(table.published_size(), 1);
  EXPECT_THAT(table.published_left_out(), IsEmpty());
}

// Any folder can have the layout.
TEST(PublishedRows, AreLeftOutWhereOnlyTheLayoutIsTheSame) {
  ReportTable table = TableOf("val", 400);
  AddPublishedRows({SetOf("RRSIS-D")}, "RRSIS-D", &table);
  EXPECT_EQ(table.published_size(), 0);
  EXPECT_THAT(table.published_left_out(),
              ElementsAre("small is of RRSIS-D, whose split val has 1740 "
                          "items; this table is of 400 items of data set mine "
                          "(RRSISD, 0123456789ab), which has its layout and is "
                          "not known to be it"));
}

TEST(PublishedRows, AreLeftOutWithoutTheLayout) {
  ReportTable table = TableOf("val", 1740);
  AddPublishedRows({SetOf("RRSIS-D")}, "", &table);
  EXPECT_EQ(table.published_size(), 0);
  EXPECT_THAT(table.published_left_out(),
              ElementsAre("small is of RRSIS-D, the runs of this table are of "
                          "data set mine (RRSISD, 0123456789ab)"));
}

TEST(PublishedRows, OfAnotherSplitAreCountedOnly) {
  ReportTable table = TableOf("test", 3481);
  AddPublishedRows({SetOf("RRSIS-D")}, "RRSIS-D", &table);
  EXPECT_EQ(table.published_size(), 0);
  EXPECT_THAT(table.published_left_out(),
              ElementsAre("1 row of small is of split val"));
}

}  // namespace
}  // namespace transect
