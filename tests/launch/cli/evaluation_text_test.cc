#include "launch/cli/evaluation_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

Evaluation Example() {
  Evaluation evaluation;
  evaluation.set_run(std::string(32, 'a'));
  evaluation.set_split("val");
  evaluation.set_items(8);
  evaluation.set_directory("/store/here");
  EvaluationMeasure& measure = *evaluation.add_measure();
  measure.set_kind(ReportCell::GIOU);
  measure.set_value(0.4125);
  measure.set_items(7);
  return evaluation;
}

TEST(EvaluationTextTest, HasRunSplitMeasuresAndPlace) {
  EXPECT_EQ(EvaluationText(Example()),
            "run aaaaaaaaaaaa, split val, 8 items, in percent\n"
            "  gIoU                   41.25  of 7 items\n"
            "  /store/here\n");
}

TEST(EvaluationTextTest, NamesTheResolution) {
  Evaluation evaluation = Example();
  evaluation.set_resolution(480);
  evaluation.set_reused(true);
  EXPECT_THAT(EvaluationText(evaluation),
              HasSubstr("8 items at 480 x 480 pixels (evaluated before), in"));
}

TEST(EvaluationTextTest, WarnsOfTheSplitThatWasTrainedOn) {
  Evaluation evaluation = Example();
  evaluation.set_trained_on(true);
  EXPECT_THAT(EvaluationText(evaluation), HasSubstr("was trained on this"));
}

}  // namespace
}  // namespace transect
