// A schema that grows: a field that came later does not change the id of a run
// while it says what older specs meant.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/field_options.pb.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/canonical.h"
#include "experiments/identity/field_diff.h"
#include "experiments/reading/load.h"
#include "experiments/reading/scalar_text.h"
#include "experiments/run/old_spec.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/dynamic_schema.h"
#include "tests/testing/golden.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorProto;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::Message;

FieldDescriptorProto* AddField(DescriptorProto* type, const std::string& name,
                               FieldDescriptorProto::Type kind,
                               const std::string& meant) {
  FieldDescriptorProto* const field = type->add_field();
  field->set_name(name);
  field->set_number(9000 + type->field_size());
  field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  field->set_type(kind);
  field->mutable_options()->SetExtension(old_specs_meant, meant);
  return field;
}

// The schema of a later version: a number, an enumeration and a message more.
// Old specs meant 0.5, FP32 and 3; the defaults are `scalar`, FP32 and 3.
std::function<void(FileDescriptorProto*)> Later(const std::string& scalar) {
  return [=](FileDescriptorProto* file) {
    if (DescriptorProto* const type = FindMessage(file, "TrainingSpec")) {
      AddField(type, "later_number", FieldDescriptorProto::TYPE_DOUBLE, "0.5")
          ->set_default_value(scalar);
      FieldDescriptorProto* const choice = AddField(
          type, "later_choice", FieldDescriptorProto::TYPE_ENUM, "FP32");
      choice->set_type_name(".transect.TrainingSpec.Precision");
      choice->set_default_value("FP32");
    }
    if (DescriptorProto* const type = FindMessage(file, "EvaluationSpec")) {
      DescriptorProto* const part = type->add_nested_type();
      part->set_name("LaterPart");
      AddField(part, "depth", FieldDescriptorProto::TYPE_INT32, "3")
          ->set_default_value("3");
      AddField(type, "later_part", FieldDescriptorProto::TYPE_MESSAGE, "{}")
          ->set_type_name(".transect.EvaluationSpec.LaterPart");
    }
  };
}

// `run` under the schema, its new fields written as resolution would.
std::unique_ptr<Message> Under(DynamicSchema* schema, const RunSpec& run,
                               const std::string& number = "0.5") {
  std::unique_ptr<Message> message = schema->New();
  EXPECT_THAT(ParseTextproto(PrintTextproto(run), "", message.get()), IsOk());
  const std::unique_ptr<Message> later = schema->New();
  EXPECT_THAT(
      ParseTextproto(absl::StrCat("training { later_number: ", number,
                                  " later_choice: FP32 } "
                                  "evaluation { later_part { depth: 3 } }"),
                     "", later.get()),
      IsOk());
  message->MergeFrom(*later);
  return message;
}

// Resolved runs of every shape that a checked-in experiment has.
std::vector<RunSpec> Runs() {
  std::vector<RunSpec> runs;
  for (const char* name : {"quickstart", "floor_and_ceiling", "gpu_smoke",
                           "rsrefseg_alpha", "rsrefseg_tables"}) {
    const auto experiment =
        LoadExperiment(absl::StrCat("experiments/", name, ".textproto"));
    EXPECT_THAT(experiment, IsOk());
    const auto expansion = Expand(*experiment, {});
    EXPECT_THAT(expansion, IsOk());
    runs.insert(runs.end(), expansion->runs.begin(), expansion->runs.end());
  }
  EXPECT_GT(runs.size(), 30);
  return runs;
}

TEST(SchemaGrowthTest, ALaterFieldKeepsAllIdsAtTheValueThatOldSpecsMeant) {
  DynamicSchema later(*RunSpec::descriptor(), Later("0.5"));
  for (const RunSpec& run : Runs()) {
    const std::unique_ptr<Message> message = Under(&later, run);
    EXPECT_THAT(PrintTextproto(*message), testing::HasSubstr("later_number"));
    EXPECT_THAT(PrintTextproto(*message), testing::HasSubstr("later_part"));
    EXPECT_THAT(SpecDigest(*message, "inputs"),
                IsOkAndHolds(SpecDigest(run, "inputs").value()));
  }
}

TEST(SchemaGrowthTest, AtAnotherValueTheIdIsNew) {
  DynamicSchema later(*RunSpec::descriptor(), Later("0.5"));
  for (const RunSpec& run : Runs()) {
    const std::string id = SpecDigest(run, "inputs").value();
    for (const char* const change :
         {"training { later_number: 0.25 }", "training { later_choice: BF16 }",
          "evaluation { later_part { depth: 4 } }"}) {
      const std::unique_ptr<Message> message = Under(&later, run);
      const std::unique_ptr<Message> changed = later.New();
      ASSERT_THAT(ParseTextproto(change, "", changed.get()), IsOk());
      message->MergeFrom(*changed);
      EXPECT_THAT(SpecDigest(*message, "inputs"), IsOkAndHolds(testing::Ne(id)))
          << change;
    }
    // A default that is not what old specs meant.
    EXPECT_THAT(SpecDigest(*Under(&later, run, "0.25"), "inputs"),
                IsOkAndHolds(testing::Ne(id)));
  }
}

TEST(SchemaGrowthTest, AnOldSpecDiffersInNothingFromOneThatSaysWhatItMeant) {
  DynamicSchema later(*RunSpec::descriptor(), Later("0.5"));
  const RunSpec run = Runs().front();
  const std::unique_ptr<Message> said = Under(&later, run);
  const std::unique_ptr<Message> old = later.New();
  ASSERT_THAT(ParseTextproto(PrintTextproto(run), "", old.get()), IsOk());
  EXPECT_EQ(DiffFields(*old, *said).size(), 0);
}

// The default of a later program is not what the old one meant.
TEST(SchemaGrowthTest, AnOldSpecIsCompletedWithWhatItMeant) {
  DynamicSchema later(*RunSpec::descriptor(), Later("0.25"));
  const RunSpec run = Runs().front();
  const std::unique_ptr<Message> old = later.New();
  ASSERT_THAT(ParseTextproto(PrintTextproto(run), "", old.get()), IsOk());
  CompleteOldSpec(old.get());
  EXPECT_THAT(PrintTextproto(*old), testing::HasSubstr("later_number: 0.5"));
  EXPECT_THAT(PrintTextproto(*old), testing::HasSubstr("depth: 3"));
  EXPECT_THAT(SpecDigest(*old, "inputs"),
              IsOkAndHolds(SpecDigest(run, "inputs").value()));
}

TEST(SchemaGrowthTest, ASpecOfThisSchemaIsComplete) {
  for (const RunSpec& run : Runs()) {
    RunSpec completed = run;
    CompleteOldSpec(&completed);
    EXPECT_EQ(DiffFields(completed, run).size(), 0);
    ResolveRun(&completed);
    EXPECT_THAT(completed, EqualsProto(run));
  }
}

// Calls `visit` for every field of `type` and of the messages below it, once.
void VisitFields(const Descriptor& type, std::set<std::string>* seen,
                 const std::function<void(const FieldDescriptor&)>& visit) {
  if (!seen->insert(std::string(type.full_name())).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    visit(*type.field(i));
    // What is below an operational field is in no id either.
    if (type.field(i)->message_type() != nullptr &&
        !type.field(i)->options().GetExtension(operational)) {
      VisitFields(*type.field(i)->message_type(), seen, visit);
    }
  }
}

// A line that is missing is a field that ids of scheme h2 rest on and that is
// gone. A line too many is a new field: it must be `operational` or say
// `old_specs_meant`. The list changes only together with the scheme.
TEST(SchemaGrowthTest, TheFieldsOfTheSchemeAreThese) {
  std::set<std::string> fields;
  std::set<std::string> seen;
  VisitFields(*RunSpec::descriptor(), &seen, [&](const FieldDescriptor& field) {
    if ((!field.options().GetExtension(operational) ||
         field.options().HasExtension(value_in_ids)) &&
        !field.options().HasExtension(old_specs_meant)) {
      fields.emplace(
          field.options().HasExtension(name_in_ids)
              ? absl::StrCat(field.containing_type()->full_name(), ".",
                             field.options().GetExtension(name_in_ids))
              : std::string(field.full_name()));
    }
  });
  ExpectGolden("tests/experiments/testdata/h2_fields.txt",
               absl::StrCat(absl::StrJoin(fields, "\n"), "\n"));
}

TEST(SchemaGrowthTest, WhatOldSpecsMeantIsAValueInItsShortestForm) {
  std::set<std::string> seen;
  VisitFields(*RunSpec::descriptor(), &seen, [](const FieldDescriptor& field) {
    if (!field.options().HasExtension(old_specs_meant)) return;
    const std::string meant = field.options().GetExtension(old_specs_meant);
    if (field.is_repeated()) {
      EXPECT_EQ(meant, "[]") << field.full_name();
    } else if (field.message_type() != nullptr) {
      EXPECT_EQ(meant, "{}") << field.full_name();
      for (int i = 0; i < field.message_type()->field_count(); ++i) {
        const FieldDescriptor& inner = *field.message_type()->field(i);
        EXPECT_TRUE(inner.options().HasExtension(old_specs_meant) ||
                    inner.options().GetExtension(operational))
            << inner.full_name();
      }
    } else {
      const absl::StatusOr<Scalar> value = ParseScalar(field, meant);
      ASSERT_THAT(value, IsOk()) << field.full_name();
      EXPECT_EQ(ScalarText(*value), meant) << field.full_name();
    }
  });
}

}  // namespace
}  // namespace transect
