#include "experiments/reading/field_path.h"

#include <cmath>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<FieldPath> Parse(absl::string_view path) {
  return FieldPath::Parse(path, *RunSpec::descriptor());
}

std::string Error(absl::string_view path) {
  return std::string(Parse(path).status().message());
}

TEST(FieldPathTest, SetsAndGets) {
  ASSERT_OK_AND_ASSIGN(const FieldPath path,
                       Parse("model.rsrefseg.sam.lora.rank"));
  RunSpec run = SampleRun();
  EXPECT_EQ(path.Get(run), std::nullopt);
  ASSERT_THAT(path.Set("8", &run), IsOk());
  EXPECT_EQ(run.model().rsrefseg().sam().lora().rank(), 8);
  EXPECT_EQ(path.Get(run), "8");
}

TEST(FieldPathTest, MakesTheMessagesOnTheWay) {
  ASSERT_OK_AND_ASSIGN(const FieldPath path,
                       Parse("weights.trained.run.training.optimizer.lr"));
  RunSpec run;
  ASSERT_THAT(path.Set("1e-3", &run), IsOk());
  EXPECT_THAT(
      run, EqualsProto(R"pb(
        weights { trained { run { training { optimizer { lr: 0.001 } } } } }
      )pb"));
}

TEST(FieldPathTest, DoesNotReplaceAnotherMemberOfAOneof) {
  ASSERT_OK_AND_ASSIGN(const FieldPath path, Parse("data.found.role"));
  RunSpec run = SampleRun();
  const RunSpec before = run;
  EXPECT_THAT(path.Set("rrsisd", &run),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "\"data.found.role\" enters \"found\", but source is "
                       "\"synthesis\" here"));
  EXPECT_THAT(run, EqualsProto(before));
}

TEST(FieldPathTest, RefusesAWrongValueAndLeavesTheMessage) {
  ASSERT_OK_AND_ASSIGN(const FieldPath path,
                       Parse("model.rsrefseg.siglip.text_tuning"));
  RunSpec run;
  EXPECT_THAT(path.Set("HALFF", &run),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"HALF\"?")));
  EXPECT_THAT(run, EqualsProto(""));
}

TEST(FieldPathTest, CanonicalIsWhatGetReturns) {
  ASSERT_OK_AND_ASSIGN(const FieldPath path, Parse("training.optimizer.lr"));
  RunSpec run;
  ASSERT_THAT(path.Set("5e-1", &run), IsOk());
  EXPECT_THAT(path.Canonical("5e-1"), IsOkAndHolds(*path.Get(run)));
}

TEST(FieldPathTest, SuggestsTheNearestName) {
  EXPECT_EQ(Error("model.rsrefseg.sam.lroa.rank"),
            "\"model.rsrefseg.sam.lroa.rank\": SamSpec has no field "
            "\"lroa\"; did you mean \"lora\"?");
  EXPECT_EQ(Error("modle"),
            "\"modle\": RunSpec has no field \"modle\"; did you mean "
            "\"model\"?");
}

TEST(FieldPathTest, SuggestsAFieldFromElsewhere) {
  EXPECT_EQ(Error("training.lr"),
            "\"training.lr\": TrainingSpec has no field \"lr\"; did you mean "
            "\"training.optimizer.lr\"?");
}

TEST(FieldPathTest, MinusZeroIsZero) {
  ASSERT_OK_AND_ASSIGN(const FieldPath path, Parse("training.optimizer.lr"));
  for (const char* zero : {"0", "-0", "-0.0", "0e3", "-0e-9"}) {
    EXPECT_THAT(path.Canonical(zero), IsOkAndHolds(std::string("0")));
    RunSpec run;
    ASSERT_THAT(path.Set(zero, &run), IsOk());
    EXPECT_FALSE(std::signbit(run.training().optimizer().lr()));
  }
  ASSERT_OK_AND_ASSIGN(const FieldPath seed, Parse("seed"));
  EXPECT_THAT(seed.Canonical("-0"), IsOkAndHolds(std::string("0")));
  RunSpec run;
  run.mutable_training()->mutable_optimizer()->set_lr(-0.0);
  EXPECT_EQ(path.Get(run), "0");
}

TEST(FieldPathTest, SaysWhereThePathEndsWrong) {
  EXPECT_EQ(Error(""), "the path of a field is empty");
  EXPECT_EQ(Error("seed.x"),
            "\"seed.x\" goes on after \"seed\", which is a single value");
  EXPECT_EQ(Error("training.optimizer"),
            "\"training.optimizer\" is a message; go on with one of its "
            "fields; it can be lr, beta1, beta2, eps, weight_decay");
  EXPECT_EQ(Error("model.rsrefseg.sam.lora.targets"),
            "\"model.rsrefseg.sam.lora.targets\": \"targets\" is a list; a "
            "path leads to a single value");
  EXPECT_THAT(Error("model..rank"), HasSubstr("ModelSpec has no field \"\""));
}

}  // namespace
}  // namespace transect
