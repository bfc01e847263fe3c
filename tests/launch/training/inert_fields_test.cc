// Every `inert_when` of the schema is true: a run with the field at one value
// and a run with it at another give the same losses and the same weights, bit
// for bit, where the condition holds. The specs are not resolved after the
// field is set, so that it reaches the trainer.
#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/field_options.pb.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/canonical.h"
#include "experiments/reading/scalar_text.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "launch/training/trainer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr int kSteps = 2;

// What training gives: losses and tensors, as bytes.
struct Trained {
  std::vector<double> losses;
  std::map<std::string, std::string> tensors;
};

std::string Bytes(const at::Tensor& tensor) {
  const at::Tensor here = tensor.detach().contiguous();
  return std::string(static_cast<const char*>(here.data_ptr()),
                     static_cast<size_t>(here.nbytes()));
}

Trained TrainTwoSteps(const RunSpec& run) {
  static int count = 0;
  TrainingRank rank(run, absl::StrCat("inert", ++count));
  TRANSECT_CHECK_OK(Train(rank.task(), SmallData("train")).status());
  Trained trained;
  for (const MetricRecord& record : rank.Records()) {
    if (record.has_train_step()) {
      trained.losses.push_back(record.train_step().loss());
    }
  }
  TRANSECT_CHECK(static_cast<int64_t>(trained.losses.size()) ==
                 run.training().steps());
  for (const auto& parameter : rank.model().named_parameters()) {
    trained.tensors[parameter.key()] = Bytes(parameter.value());
  }
  for (const auto& buffer : rank.model().named_buffers()) {
    trained.tensors[buffer.key()] = Bytes(buffer.value());
  }
  return trained;
}

// What differs; empty if nothing does.
std::string Difference(const Trained& a, const Trained& b) {
  for (size_t i = 0; i < a.losses.size(); ++i) {
    if (a.losses[i] != b.losses[i]) {
      return absl::StrCat("the loss of step ", i + 1);
    }
  }
  for (const auto* side : {&a, &b}) {
    const auto& other = side == &a ? b.tensors : a.tensors;
    for (const auto& [name, bytes] : side->tensors) {
      const auto found = other.find(name);
      if (found == other.end() || found->second != bytes) {
        return absl::StrCat("tensor ", name);
      }
    }
  }
  return "";
}

using Path = std::vector<const FieldDescriptor*>;

// An annotated field of a run, and one value of one of its conditions.
struct Rule {
  Path path;
  InertWhen condition;
  int value = 0;

  std::string name() const {
    std::string text;
    for (const FieldDescriptor* field : path) {
      absl::StrAppend(&text, text.empty() ? "" : ".", field->name());
    }
    return absl::StrCat(text, " where ", condition.within(), ".",
                        condition.field(), " is ", condition.value(value));
  }
};

// Whether the message that the condition is about is around the field.
bool IsAround(const InertWhen& condition, const Path& path) {
  return !condition.has_within() ||
         std::any_of(path.begin(), path.end(),
                     [&condition](const FieldDescriptor* field) {
                       return field->containing_type()->name() ==
                              condition.within();
                     });
}

void Collect(const Descriptor& type, Path* path, std::vector<Rule>* rules) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    path->push_back(field);
    for (int j = 0; j < field->options().ExtensionSize(inert_when); ++j) {
      const InertWhen& condition = field->options().GetExtension(inert_when, j);
      for (int k = 0; IsAround(condition, *path) && k < condition.value_size();
           ++k) {
        rules->push_back({*path, condition, k});
      }
    }
    // Runs may nest in runs; what holds in one holds in the other.
    if (field->message_type() != nullptr &&
        field->message_type() != RunSpec::descriptor()) {
      Collect(*field->message_type(), path, rules);
    }
    path->pop_back();
  }
}

std::vector<Rule> AllRules() {
  Path path;
  std::vector<Rule> rules;
  Collect(*RunSpec::descriptor(), &path, &rules);
  return rules;
}

// The message around the last field of `path`, made where it is absent.
Message* Parent(const Path& path, RunSpec* run) {
  Message* message = run;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, path[i]);
  }
  return message;
}

void Set(Message* message, const FieldDescriptor& field,
         const std::string& text) {
  const auto value = ParseScalar(field, text);
  TRANSECT_CHECK_OK(value.status());
  SetScalar(field, *value, message);
}

// Two values that the field may have.
std::pair<std::string, std::string> TwoValues(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {"false", "true"};
    case FieldDescriptor::CPPTYPE_ENUM:
      // The first stands for absence.
      TRANSECT_CHECK(field.enum_type()->value_count() >= 3);
      return {field.enum_type()->value(1)->name(),
              field.enum_type()->value(2)->name()};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {"0.25", "0.5"};
    default:
      // Whole numbers; 2 and 4 are down-sampling rates too.
      return {"2", "4"};
  }
}

// Gives the annotated field its first or second value; in a message its first
// field. Adapters get layers to adapt, so that their rank could matter.
void SetAnnotated(const Rule& rule, bool second, RunSpec* run) {
  Message* message = Parent(rule.path, run);
  const FieldDescriptor* field = rule.path.back();
  if (field->message_type() != nullptr) {
    message = message->GetReflection()->MutableMessage(message, field);
    field = message->GetDescriptor()->field(0);
    auto* lora = dynamic_cast<LoraSpec*>(message);
    if (lora != nullptr && lora->targets().empty()) {
      for (const char* target : {"q_proj", "qkv"}) {
        lora->add_targets(target);
      }
    }
  }
  const auto values = TwoValues(*field);
  const std::string& value = second ? values.second : values.first;
  if (field->is_repeated()) {
    // Names of layers; the run has others.
    message->GetReflection()->ClearField(message, field);
    message->GetReflection()->AddString(message, field, value);
    return;
  }
  Set(message, *field, value);
}

void MakeConditionHold(const Rule& rule, RunSpec* run) {
  Message* message = run;
  Message* around = nullptr;
  for (const FieldDescriptor* field : rule.path) {
    if (message->GetDescriptor()->name() == rule.condition.within() ||
        (!rule.condition.has_within() && field == rule.path.back())) {
      around = message;
    }
    if (field != rule.path.back()) {
      message = message->GetReflection()->MutableMessage(message, field);
    }
  }
  ASSERT_NE(around, nullptr) << rule.name();
  const FieldDescriptor* field =
      around->GetDescriptor()->FindFieldByName(rule.condition.field());
  ASSERT_NE(field, nullptr) << rule.name();
  Set(around, *field, rule.condition.value(rule.value));
  // A network of which nothing is trained makes no step.
  if (run->model().has_sam_oracle_box() &&
      run->model().sam_oracle_box().tuning() == SamOracleBoxSpec::NONE) {
    run->mutable_training()->set_steps(0);
  }
}

// A run of the network that the path goes through; resolved, but for fields
// that are inert.
RunSpec ShortRun(const Path& path) {
  RunSpec run = SmallRun();
  TrainingSpec* const training = run.mutable_training();
  training->set_steps(kSteps);
  training->set_global_batch(4);
  training->mutable_schedule()->set_warmup_steps(0);
  if (path[0]->name() != "model" || path[1]->name() == "rsrefseg") {
    return run;
  }
  SiglipSpec siglip;
  siglip.set_variant(SiglipSpec::TINY);
  siglip.set_max_positions(64);
  ModelSpec* const model = run.mutable_model();
  if (path[1]->name() == "patch_text_map") {
    *model->mutable_patch_text_map()->mutable_siglip() = siglip;
  } else {
    TRANSECT_CHECK(path[1]->name() == "sam_oracle_box") << path[1]->name();
    model->mutable_sam_oracle_box()->mutable_sam()->set_variant(SamSpec::TINY);
  }
  ResolveRun(&run);
  return run;
}

TEST(InertFieldsTest, TheSchemaHasSome) {
  std::set<std::string> fields;
  for (const Rule& rule : AllRules()) {
    fields.insert(rule.path.back()->full_name());
  }
  EXPECT_THAT(fields,
              testing::IsSupersetOf(
                  {"transect.SiglipSpec.text_lora", "transect.SamSpec.lora",
                   "transect.PrompterSpec.downsampling",
                   "transect.TrainingSpec.optimizer",
                   "transect.ScheduleSpec.warmup_start_fraction"}));
}

TEST(InertFieldsTest, CannotChangeLossesNorWeights) {
  std::map<std::string, Trained> known;
  for (const Rule& rule : AllRules()) {
    RunSpec base = ShortRun(rule.path);
    ASSERT_NO_FATAL_FAILURE(MakeConditionHold(rule, &base));
    std::vector<std::string> keys;
    std::set<std::string> resolved;
    for (const bool second : {false, true}) {
      RunSpec run = base;
      SetAnnotated(rule, second, &run);
      keys.push_back(run.SerializeAsString());
      if (known.find(keys.back()) == known.end()) {
        known[keys.back()] = TrainTwoSteps(run);
      }
      ResolveRun(&run);
      const auto text = CanonicalText(run);
      ASSERT_THAT(text, IsOk());
      resolved.insert(*text);
    }
    EXPECT_EQ(Difference(known[keys[0]], known[keys[1]]), "") << rule.name();
    // And so both are one run.
    EXPECT_EQ(resolved.size(), 1) << rule.name();
  }
}

// The comparison has teeth: what would be a false annotation differs.
TEST(InertFieldsTest, AFalseAnnotationIsFound) {
  const auto fields = [](std::vector<std::string> names) {
    Path path;
    const Descriptor* type = RunSpec::descriptor();
    for (const std::string& name : names) {
      path.push_back(type->FindFieldByName(name));
      type = path.back()->message_type();
    }
    return path;
  };
  InertWhen full;
  full.set_field("text_tuning");
  full.add_value("FULL");
  InertWhen warm_up;
  warm_up.set_field("warmup_steps");
  warm_up.add_value("2");
  InertWhen sparse;
  sparse.set_field("prompts");
  sparse.add_value("SPARSE");
  for (const Rule& rule :
       {Rule{fields({"model", "rsrefseg", "siglip", "text_lora"}), full, 0},
        Rule{fields({"training", "schedule", "warmup_start_fraction"}), warm_up,
             0},
        Rule{fields({"model", "rsrefseg", "prompter", "global_residual"}),
             sparse, 0}}) {
    std::vector<Trained> trained;
    for (const bool second : {false, true}) {
      RunSpec run = ShortRun(rule.path);
      ASSERT_NO_FATAL_FAILURE(MakeConditionHold(rule, &run));
      SetAnnotated(rule, second, &run);
      trained.push_back(TrainTwoSteps(run));
    }
    EXPECT_NE(Difference(trained[0], trained[1]), "") << rule.name();
  }
}

}  // namespace
}  // namespace transect
