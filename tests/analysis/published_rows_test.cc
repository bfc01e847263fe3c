#include "analysis/published_rows.h"

#include <string>
#include <vector>

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

// An ablation of a rank and of a switch that this table does not vary.
PublishedSet Ablation() {
  PublishedSet set = SetOf("RRSIS-D");
  const auto add = [&set](const std::string& field, const std::string& value,
                          PublishedRow* row) {
    PublishedSetting* setting = row->add_setting();
    setting->set_field(field);
    setting->set_value(value);
  };
  PublishedRow* const base = set.mutable_row(0);
  base->set_is_base(true);
  add("lora.rank", "16", base);
  add("prompts", "DENSE", base);
  for (int i = 1; i < 4; ++i) set.add_row()->set_split(PublishedRow::VAL);
  add("lora.rank", "8", set.mutable_row(1));
  add("prompts", "SPARSE", set.mutable_row(2));
  return set;
}

// Rows base and rank=8, before anything ran.
ReportTable RankTable(const std::string& base_rank) {
  ReportTable table = TableOf("val", 0);
  ReportSetting* const axis = table.add_base_settings();
  axis->set_axis("rank");
  axis->set_field("lora.rank");
  axis->set_value(base_rank);
  ReportRow* const base = table.add_rows();
  base->set_label("base");
  base->set_is_base(true);
  ReportRow* const row = table.add_rows();
  row->set_label("rank=8");
  row->add_settings()->set_axis("rank");
  row->mutable_settings(0)->set_value("8");
  return table;
}

std::vector<std::string> SameAs(const ReportTable& table) {
  std::vector<std::string> labels;
  for (const ReportPublished& published : table.published()) {
    labels.push_back(published.same_as());
  }
  return labels;
}

TEST(PublishedRows, SayWhichRowHasTheirSetting) {
  ReportTable table = RankTable("16");
  AddPublishedRows({Ablation()}, "RRSIS-D", &table);
  EXPECT_THAT(SameAs(table), ElementsAre("base", "rank=8", "", ""));
}

TEST(PublishedRows, OfAnotherBaseOrOtherAxesHaveNoRowOfTheirSetting) {
  ReportTable other_base = RankTable("4");
  AddPublishedRows({Ablation()}, "RRSIS-D", &other_base);
  EXPECT_THAT(SameAs(other_base), ElementsAre("", "", "", ""));
  ReportTable other_axis = RankTable("16");
  other_axis.mutable_base_settings(0)->set_field("lr");
  AddPublishedRows({Ablation()}, "RRSIS-D", &other_axis);
  EXPECT_THAT(SameAs(other_axis), ElementsAre("", "", "", ""));
}

}  // namespace
}  // namespace transect
