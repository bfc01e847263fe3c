#include "data/io/inert.h"

#include "data/io/defaults.h"
#include "data/io/field_options.pb.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/dynamic_schema.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::google::protobuf::FileDescriptorProto;

TEST(EraseInertTest, AConditionInTheSameMessage) {
  ScheduleSpec schedule;
  schedule.set_warmup_steps(0);
  schedule.set_warmup_start_fraction(0.5);
  schedule.set_final_fraction(0.25);
  EraseInert(&schedule);
  EXPECT_THAT(schedule, EqualsProto("warmup_steps: 0 final_fraction: 0.25"));
  schedule.set_warmup_steps(1);
  schedule.set_warmup_start_fraction(0.5);
  EraseInert(&schedule);
  EXPECT_TRUE(schedule.has_warmup_start_fraction());
}

TEST(EraseInertTest, AnAbsentFieldHoldsNothing) {
  ScheduleSpec schedule;
  schedule.set_warmup_start_fraction(0.5);
  EraseInert(&schedule);
  EXPECT_TRUE(schedule.has_warmup_start_fraction());
}

TEST(EraseInertTest, AConditionInAMessageAround) {
  RunSpec run;
  RsRefSegSpec* const rsrefseg = run.mutable_model()->mutable_rsrefseg();
  rsrefseg->set_tuning(RsRefSegSpec::ALL);
  rsrefseg->mutable_sam()->mutable_lora()->set_rank(3);
  rsrefseg->mutable_sam()->set_tune_prompt_encoder(true);
  // By itself nothing is around it.
  SamSpec sam = rsrefseg->sam();
  EraseInert(&sam);
  EXPECT_EQ(sam.lora().rank(), 3);
  EraseInert(&run);
  EXPECT_FALSE(rsrefseg->sam().has_lora());
  EXPECT_FALSE(rsrefseg->sam().has_tune_prompt_encoder());
}

TEST(EraseInertTest, AllConditionsAreLookedAtBeforeAnythingIsErased) {
  // text_lora is inert by text_tuning, which itself is inert.
  RsRefSegSpec spec;
  spec.set_tuning(RsRefSegSpec::ALL);
  spec.mutable_siglip()->set_text_tuning(SiglipSpec::ZERO);
  spec.mutable_siglip()->mutable_text_lora()->set_rank(3);
  EraseInert(&spec);
  EXPECT_THAT(spec, EqualsProto("tuning: ALL siglip {}"));
  EraseInert(&spec);
  EXPECT_THAT(spec, EqualsProto("tuning: ALL siglip {}"));
}

TEST(EraseInertTest, ReadsTheRulesOfADynamicSchema) {
  DynamicSchema schema(
      *ScheduleSpec::descriptor(), [](FileDescriptorProto* file) {
        auto* schedule = FindMessage(file, "ScheduleSpec");
        if (schedule == nullptr) return;
        for (auto& field : *schedule->mutable_field()) {
          if (field.name() != "warmup_start_fraction") continue;
          auto* options = field.mutable_options();
          options->MutableExtension(inert_when, 0)->set_value(0, "7");
        }
      });
  const auto message = schema.New();
  ScheduleSpec schedule;
  schedule.set_warmup_steps(7);
  schedule.set_warmup_start_fraction(0.5);
  ASSERT_TRUE(message->ParseFromString(schedule.SerializeAsString()));
  EraseInert(message.get());
  ASSERT_TRUE(schedule.ParseFromString(message->SerializeAsString()));
  EXPECT_FALSE(schedule.has_warmup_start_fraction());
  EXPECT_TRUE(schedule.has_warmup_steps());
}

InertWhen When(const std::string& field, const std::string& value) {
  InertWhen condition;
  condition.set_field(field);
  condition.add_value("no such value");
  condition.add_value(value);
  return condition;
}

TEST(HoldsInTest, ComparesEnumeratorsNumbersAndBooleans) {
  TrainingSpec spec;
  EXPECT_FALSE(HoldsIn(spec, When("numerics", "FAST")));
  spec.set_numerics(TrainingSpec::FAST);
  EXPECT_TRUE(HoldsIn(spec, When("numerics", "FAST")));
  EXPECT_FALSE(HoldsIn(spec, When("numerics", "PARITY")));
  spec.set_steps(7);
  EXPECT_TRUE(HoldsIn(spec, When("steps", "7")));
  spec.mutable_validation()->set_early_stopping(true);
  EXPECT_TRUE(HoldsIn(spec.validation(), When("early_stopping", "true")));
  // Its default is no presence.
  EXPECT_FALSE(HoldsIn(spec, When("ranks", "1")));
}

TEST(EntersIdsTest, OperationalFieldsDoWhereTheirConditionHolds) {
  TrainingSpec spec;
  const auto enters = [&](const char* field) {
    return EntersIds(spec, *spec.GetDescriptor()->FindFieldByName(field));
  };
  EXPECT_TRUE(enters("global_batch"));
  EXPECT_FALSE(enters("log_every"));
  EXPECT_FALSE(enters("ranks"));
  spec.set_numerics(TrainingSpec::PARITY);
  EXPECT_TRUE(enters("ranks"));
  EXPECT_FALSE(enters("log_every"));
}

}  // namespace
}  // namespace transect
