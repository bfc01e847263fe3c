#include "data/io/defaults.h"

#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/dynamic_schema.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(WriteDefaultsTest, WritesEveryDeclaredDefault) {
  ScheduleSpec schedule;
  schedule.set_warmup_steps(7);
  WriteDefaults(&schedule);
  EXPECT_THAT(schedule, EqualsProto(R"pb(
                warmup_steps: 7
                warmup_start_fraction: 0.01
                final_fraction: 0.001
                kind: COSINE_PER_STEP
                cosine_epochs: 200
              )pb"));
}

TEST(WriteDefaultsTest, MakesMessagesButNoMemberOfAOneof) {
  RunSpec run;
  WriteDefaults(&run);
  EXPECT_TRUE(run.training().has_optimizer());
  EXPECT_EQ(run.data().source_case(), DataSpec::SOURCE_NOT_SET);
  EXPECT_EQ(run.model().model_case(), ModelSpec::MODEL_NOT_SET);
}

TEST(WriteDefaultsTest, LeavesScalarsWithoutADeclaredDefaultAbsent) {
  TowerSize size;
  WriteDefaults(&size);
  EXPECT_THAT(size, EqualsProto(""));
}

TEST(WriteDefaultsTest, GoesIntoLists) {
  DynamicSchema schema(*Experiment::descriptor(),
                       [](google::protobuf::FileDescriptorProto* file) {
                         if (auto* axis = FindMessage(file, "Axis");
                             axis != nullptr) {
                           axis->mutable_field(0)->set_default_value("unnamed");
                         }
                       });
  const auto message = schema.New();
  ASSERT_THAT(ParseTextproto("axis { field: 'seed' }", "", message.get()),
              IsOk());
  WriteDefaults(message.get());
  EXPECT_THAT(PrintTextproto(*message),
              HasSubstr("axis {\n  name: \"unnamed\"\n"));
}

TEST(WriteDefaultsTest, ReadsTheDefaultsOfADynamicSchema) {
  DynamicSchema schema(*AdamWSpec::descriptor(),
                       ChangedDefault("AdamWSpec", "beta2", "0.95"));
  const auto message = schema.New();
  WriteDefaults(message.get());
  EXPECT_THAT(PrintTextproto(*message), HasSubstr("beta2: 0.95\n"));
  EXPECT_THAT(PrintTextproto(*message), HasSubstr("beta1: 0.9\n"));
}

}  // namespace
}  // namespace transect
