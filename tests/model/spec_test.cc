#include "model/spec.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/model/testing/specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Paths of fields that are not set in `message` or below it.
void FindAbsent(const google::protobuf::Message& message,
                const std::string& path, std::vector<std::string>* absent) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field =
        message.GetDescriptor()->field(i);
    const std::string name = absl::StrCat(path, ".", field->name());
    if (field->is_repeated()) {
      if (reflection->FieldSize(message, field) == 0) absent->push_back(name);
    } else if (!reflection->HasField(message, field)) {
      absent->push_back(name);
    } else if (field->cpp_type() ==
               google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      FindAbsent(reflection->GetMessage(message, field), name, absent);
    }
  }
}

TEST(ModelSpecTest, EveryFieldIsWritten) {
  std::vector<std::string> absent;
  FindAbsent(RsRefSegOf("").rsrefseg(), "model.rsrefseg", &absent);
  // Names that stand for other fields, and what stands instead of targets.
  EXPECT_THAT(absent,
              ElementsAre("model.rsrefseg.siglip.vision_lora.target_regex",
                          "model.rsrefseg.siglip.text_lora.target_regex",
                          "model.rsrefseg.sam.lora.target_regex",
                          "model.rsrefseg.preset", "model.rsrefseg.variant"));
  absent.clear();
  ModelSpec map;
  map.mutable_patch_text_map();
  ResolveModelSpec(&map);
  FindAbsent(map.patch_text_map(), "model.patch_text_map", &absent);
  EXPECT_THAT(
      absent,
      ElementsAre("model.patch_text_map.siglip.vision_lora.target_regex",
                  "model.patch_text_map.siglip.text_lora.target_regex"));
}

TEST(ModelSpecTest, ASecondCallChangesNothing) {
  for (const char* text :
       {"", "tuning: ALL", "preset: RELEASED_CODE variant: TINY",
        "preset: RELEASED_CODE tuning: ALL",
        "siglip { text_tuning: ZERO variant: TINY }",
        "prompter { prompts: DENSE } sam { variant: VIT_H }"}) {
    const ModelSpec once = RsRefSegOf(text);
    ModelSpec twice = once;
    ResolveModelSpec(&twice);
    EXPECT_THAT(twice, EqualsProto(once)) << text;
    EXPECT_THAT(ProblemsOf(once), IsEmpty()) << text;
  }
}

TEST(ModelSpecTest, ASpecWithoutANetworkIsRefused) {
  ModelSpec spec;
  ResolveModelSpec(&spec);
  EXPECT_THAT(ProblemsOf(spec),
              ElementsAre(HasSubstr("model: names no network: set rsrefseg")));
}

TEST(ModelSpecTest, AnUnresolvedSpecIsRefusedWithoutACrash) {
  EXPECT_THAT(ProblemsOf(ParseSpec("rsrefseg {  }")), Not(IsEmpty()));
}

}  // namespace
}  // namespace transect
