#include "experiments/identity/canonical.h"

#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/dynamic_schema.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptorProto;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const google::protobuf::Message& message) {
  const absl::StatusOr<std::string> text = CanonicalText(message);
  EXPECT_THAT(text, IsOk());
  return text.value_or("");
}

TEST(CanonicalTest, FieldsComeInTheOrderOfTheirNumbers) {
  EXPECT_EQ(Text(FromText<RunSpec>(R"pb(
              seed: 3
              training {
                optimizer { lr: 1e-3 }
                steps: 10
              }
              weights {
                parts: [ SAM, SIGLIP ]
                random {}
              }
              data { found { role: "a" } }
              model { rsrefseg { sam { tune_prompt_encoder: true } } }
            )pb")),
            "model{\n"
            "rsrefseg{\n"
            "sam{\n"
            "tune_prompt_encoder=true\n"
            "}\n}\n}\n"
            "data{\n"
            "found{\n"
            "role=1:a\n"
            "}\n}\n"
            "weights{\n"
            "random{\n}\n"
            "parts[2\n"
            "parts=SAM\n"
            "parts=SIGLIP\n"
            "]\n"
            "}\n"
            "training{\n"
            "steps=10\n"
            "optimizer{\n"
            "lr=0.001\n"
            "}\n}\n"
            "seed=3\n");
}

TEST(CanonicalTest, AbsentAndDefaultDiffer) {
  RunSpec run;
  const std::string absent = Text(run);
  run.set_seed(1);
  EXPECT_NE(Text(run), absent);
}

TEST(CanonicalTest, AnEmptyMessageIsPresent) {
  RunSpec run;
  run.mutable_training();
  EXPECT_EQ(Text(run), "training{\n}\n");
}

TEST(CanonicalTest, NumbersHaveTheFewestDigitsThatReadBack) {
  AdamWSpec spec;
  spec.set_lr(0.1);
  EXPECT_EQ(Text(spec), "lr=0.1\n");
  spec.set_lr(std::nextafter(0.1, 1));
  EXPECT_EQ(Text(spec), "lr=0.10000000000000002\n");
}

TEST(CanonicalTest, AStringCannotPassForAnotherField) {
  const auto one = FromText<FoundWeights>("siglip_role: 'a\\nsam_role=1:b'");
  const auto two = FromText<FoundWeights>("siglip_role: 'a' sam_role: 'b'");
  EXPECT_NE(Text(one), Text(two));
}

TEST(CanonicalTest, OperationalFieldsAreLeftOut) {
  TrainingSpec spec;
  spec.set_log_every(3);
  spec.set_collective_timeout_seconds(1);
  EXPECT_EQ(Text(spec), "");
}

TEST(CanonicalTest, NotFiniteNumbersHaveNoIdentity) {
  RunSpec run;
  run.mutable_training()->mutable_optimizer()->set_lr(
      std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(CanonicalText(run),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "training.optimizer.lr is nan, which has no identity"));
}

TEST(CanonicalTest, UnknownFieldsAreRefusedAtAnyDepth) {
  RunSpec run;
  OneFactor other;
  other.add_axes("x");
  // Field 1 as a string where TrainingSpec has a number.
  ASSERT_TRUE(
      run.mutable_training()->ParseFromString(other.SerializeAsString()));
  EXPECT_THAT(CanonicalText(run),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("training has field or value 1 of a schema")));
  EXPECT_THAT(SpecDigest(run, ""),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CanonicalTest, MapsAreSortedByKey) {
  DynamicSchema schema(*OneFactor::descriptor(), [](FileDescriptorProto* file) {
    google::protobuf::DescriptorProto* type = FindMessage(file, "OneFactor");
    if (type == nullptr) {
      return;
    }
    auto* entry = type->add_nested_type();
    entry->set_name("ValueEntry");
    entry->mutable_options()->set_map_entry(true);
    for (const auto& [name, number] :
         {std::pair("key", 1), std::pair("value", 2)}) {
      FieldDescriptorProto* field = entry->add_field();
      field->set_name(name);
      field->set_number(number);
      field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
      field->set_type(FieldDescriptorProto::TYPE_STRING);
    }
    FieldDescriptorProto* map = type->add_field();
    map->set_name("value");
    map->set_number(2);
    map->set_label(FieldDescriptorProto::LABEL_REPEATED);
    map->set_type(FieldDescriptorProto::TYPE_MESSAGE);
    map->set_type_name(".transect.OneFactor.ValueEntry");
  });
  const auto one = schema.New();
  const auto two = schema.New();
  ASSERT_THAT(ParseTextproto("value { key: 'a' value: '1' } "
                             "value { key: 'b' value: '2' }",
                             "", one.get()),
              IsOk());
  ASSERT_THAT(ParseTextproto("value { key: 'b' value: '2' } "
                             "value { key: 'a' value: '1' }",
                             "", two.get()),
              IsOk());
  EXPECT_THAT(Text(*one), HasSubstr("value[2\nvalue{\nkey=1:a\nvalue=1:1\n}"));
  EXPECT_EQ(Text(*one), Text(*two));
}

TEST(CanonicalTest, AListKeepsItsOrder) {
  EXPECT_NE(Text(FromText<OneFactor>("axes: ['a', 'b']")),
            Text(FromText<OneFactor>("axes: ['b', 'a']")));
}

TEST(CanonicalTest, DigestsAreOfTheSchemeThatIsWrittenDown) {
  // printf 'h2:thing\nlr=0.1\n' | sha256sum | head -c 32
  EXPECT_EQ(TextDigest("thing", "lr=0.1\n"),
            "0bc40be9c0ca0d630dee99c2b0e33ee4");
}

TEST(CanonicalTest, DigestsDependOnTheTypeAndOnTheExtra) {
  ASSERT_OK_AND_ASSIGN(const std::string random,
                       SpecDigest(RandomWeights(), ""));
  EXPECT_THAT(SpecDigest(FoundWeights(), ""), IsOkAndHolds(Not(random)));
  EXPECT_THAT(SpecDigest(RandomWeights(), "x"), IsOkAndHolds(Not(random)));
}

TEST(CanonicalTest, MinusZeroIsZero) {
  RunSpec minus;
  minus.mutable_training()->mutable_optimizer()->set_weight_decay(-0.0);
  RunSpec plus;
  plus.mutable_training()->mutable_optimizer()->set_weight_decay(0.0);
  EXPECT_EQ(Text(minus), Text(plus));
}

}  // namespace
}  // namespace transect
