#include "data/io/condition.h"

#include <string>

#include "experiments/training/training.pb.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

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
