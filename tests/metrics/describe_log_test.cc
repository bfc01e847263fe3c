#include "metrics/describe_log.h"

#include "gtest/gtest.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

// Two records with strings, numbers and a message in a message.
MetricLog SampleLog() {
  MetricLog log;
  log.records.resize(2);
  LogHeader* header = log.records[0].mutable_header();
  header->set_id("ab\n\x1b");
  header->set_attempt(1);
  EvalItem* item = log.records[1].mutable_eval_item();
  item->set_split("val");
  item->mutable_prediction()->set_intersection(3);
  item->mutable_prediction()->set_union_(4);
  return log;
}

TEST(DescribeLogTest, EachRecordIsALineOfProtobufText) {
  EXPECT_EQ(DescribeLog(SampleLog(), "a.metrics"),
            "# a.metrics: 2 records\n"
            "header { id: \"ab\\n\\033\" attempt: 1 }\n"
            "eval_item { split: \"val\" prediction { intersection: 3 union: 4 "
            "} }\n");
}

TEST(DescribeLogTest, ATornTailIsTold) {
  MetricLog log;
  log.records.resize(1);
  log.records[0].mutable_event()->set_text("x");
  log.torn_tail = true;
  log.torn_bytes = 7;
  EXPECT_EQ(DescribeLog(log, "b"),
            "# b: 1 record\n"
            "# The log is cut off: 7 bytes skipped at its end\n"
            "event { text: \"x\" }\n");
}

TEST(DescribeLogTest, UnknownFieldsKeepTheirNumber) {
  MetricLog log;
  ASSERT_TRUE(log.records.emplace_back().ParseFromString("\xa0\x06\x05"));
  EXPECT_EQ(DescribeLog(log, "c"), "# c: 1 record\n100: 5\n");
}

}  // namespace
}  // namespace transect
