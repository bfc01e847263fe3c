#include "model/checkpoint/adapters.h"

#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/tensor_set.h"
#include "model/spec.h"
#include "model/tensor_table.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// make_hugging_face.py: what PEFT saved.
constexpr char kRoot[] = "tests/golden/testdata/published";

ModelSpec Spec() {
  ModelSpec spec =
      *ReadTextproto<ModelSpec>(absl::StrCat(kRoot, "/published.textproto"));
  ResolveModelSpec(&spec);
  return spec;
}

std::string NewDir() {
  std::string path = absl::StrCat(testing::TempDir(), "adapters.XXXXXX");
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

std::string BytesOf(const StoredTensor& stored) {
  std::string bytes(stored.info->end - stored.info->begin, 0);
  EXPECT_THAT(stored.file->Read(*stored.info, absl::MakeSpan(bytes)), IsOk());
  return bytes;
}

// Name to shape and bytes.
std::map<std::string, std::string> Contents(const StoredTensors& tensors) {
  std::map<std::string, std::string> contents;
  for (const auto& [name, place] : tensors) {
    contents[name] =
        absl::StrCat(testing::PrintToString(place.info->shape), BytesOf(place));
  }
  return contents;
}

std::map<std::string, std::string> ContentsOfFile(const std::string& path) {
  const absl::StatusOr<TensorSet> set = TensorSet::OpenFile(path);
  EXPECT_THAT(set, IsOk());
  return set.ok() ? Contents(set->tensors())
                  : std::map<std::string, std::string>();
}

bool IsTrained(const TensorInfo& tensor) {
  return tensor.trainable || tensor.buffer;
}

// The weights.safetensors of a run of `spec`: adapters as PEFT saved them,
// something else in each other tensor.
std::string TrainedFile(const ModelSpec& spec) {
  const absl::StatusOr<AdapterWeights> adapters = OpenAdapters(
      absl::StrCat(kRoot, "/adapters"), spec,
      {{"siglip_vision", "siglip_text", "sam_vision"}, /*rest=*/false});
  EXPECT_THAT(adapters, IsOk());
  std::vector<std::unique_ptr<std::string>> bytes;
  std::vector<SafetensorsSource> sources;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (!IsTrained(tensor)) continue;
    const bool counter = absl::EndsWith(tensor.name, "num_batches_tracked");
    const auto known = adapters->tensors.find(tensor.name);
    bytes.push_back(std::make_unique<std::string>(
        known != adapters->tensors.end()
            ? BytesOf(known->second)
            : std::string((counter ? 8 : 4) * NumElements(tensor),
                          static_cast<char>('a' + bytes.size() % 26))));
    sources.push_back(
        {tensor.name, counter ? SafetensorsDtype::kI64 : SafetensorsDtype::kF32,
         tensor.shape, *bytes.back()});
  }
  const std::string path = NewDir() + "/weights.safetensors";
  EXPECT_THAT(WriteSafetensors(path, sources), IsOk());
  return path;
}

TEST(OpenAdaptersTest, ReadsWhatPeftSaved) {
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(
      const AdapterWeights weights,
      OpenAdapters(absl::StrCat(kRoot, "/adapters"), spec,
                   {{"siglip_vision", "siglip_text", "sam_vision"}, false}));
  size_t expected = 0;
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (!tensor.adapter) continue;
    ++expected;
    ASSERT_EQ(weights.tensors.count(tensor.name), 1u) << tensor.name;
    EXPECT_EQ(weights.tensors.at(tensor.name).info->shape, tensor.shape);
  }
  EXPECT_EQ(weights.tensors.size(), expected);
  EXPECT_GT(expected, 40u);
}

TEST(OpenAdaptersTest, ABareTowerIsTheSameAsAWholeModel) {
  const ModelSpec spec = Spec();
  const AdapterParts vision = {{"siglip_vision"}, false};
  ASSERT_OK_AND_ASSIGN(
      const AdapterWeights whole,
      OpenAdapters(absl::StrCat(kRoot, "/adapters"), spec, vision));
  ASSERT_OK_AND_ASSIGN(
      const AdapterWeights tower,
      OpenAdapters(absl::StrCat(kRoot, "/adapters_of_towers"), spec, vision));
  EXPECT_EQ(Contents(whole.tensors), Contents(tower.tensors));
}

TEST(WriteAdaptersTest, WritesTheTensorsThatPeftWrote) {
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(const TensorSet trained,
                       TensorSet::OpenFile(TrainedFile(spec)));
  const std::string dir = NewDir();
  ASSERT_THAT(WriteAdapters(spec, trained, dir), IsOk());
  for (const char* tower : {"siglip_vision", "siglip_text", "sam_vision"}) {
    const std::string file = absl::StrCat("/", tower, "/", kAdapterFile);
    EXPECT_EQ(ContentsOfFile(dir + file),
              ContentsOfFile(absl::StrCat(kRoot, "/adapters", file)));
    ASSERT_OK_AND_ASSIGN(const SafetensorsFile adapter,
                         SafetensorsFile::Open(dir + file));
    EXPECT_THAT(adapter.metadata(), ElementsAre(testing::Pair("format", "pt")));
  }
}

TEST(WriteAdaptersTest, TheConfigurationSaysWhatPeftNeeds) {
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(const TensorSet trained,
                       TensorSet::OpenFile(TrainedFile(spec)));
  const std::string dir = NewDir();
  ASSERT_THAT(WriteAdapters(spec, trained, dir), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile(dir + "/siglip_vision/adapter_config.json"));
  const nlohmann::json config = nlohmann::json::parse(text);
  EXPECT_EQ(config.at("peft_type"), "LORA");
  EXPECT_EQ(config.at("r"), 3);
  EXPECT_TRUE(config.at("lora_alpha").is_number_integer());
  EXPECT_EQ(config.at("lora_alpha"), 7);
  EXPECT_EQ(config.at("lora_dropout"), 0.1);
  EXPECT_EQ(config.at("target_modules").size(), 8u);
  EXPECT_EQ(config.at("target_modules")[0],
            "vision_model.encoder.layers.0.self_attn.k_proj");
}

TEST(WriteAdaptersTest, ARoundTripGivesTheSameBytes) {
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(const TensorSet trained,
                       TensorSet::OpenFile(TrainedFile(spec)));
  const std::string dir = NewDir();
  ASSERT_THAT(WriteAdapters(spec, trained, dir), IsOk());
  ASSERT_OK_AND_ASSIGN(
      const AdapterWeights back,
      OpenAdapters(dir, spec,
                   {{"siglip_vision", "siglip_text", "sam_vision"}, true}));
  std::map<std::string, std::string> expected = Contents(trained.tensors());
  // Frozen: it comes with the base weights.
  EXPECT_EQ(expected.erase("sam.shared_image_embedding.positional_embedding"),
            1u);
  EXPECT_EQ(Contents(back.tensors), expected);
}

TEST(WriteAdaptersTest, TheRestHasTheNamesOfItsSources) {
  const ModelSpec spec = Spec();
  ASSERT_OK_AND_ASSIGN(const TensorSet trained,
                       TensorSet::OpenFile(TrainedFile(spec)));
  const std::string dir = NewDir();
  ASSERT_THAT(WriteAdapters(spec, trained, dir), IsOk());
  const auto rest = ContentsOfFile(dir + "/rest.safetensors");
  for (const char* name :
       {"mask_decoder.iou_token.weight", "prompt_encoder.no_mask_embed.weight",
        "prompter_down_channel.conv.weight",
        "prompter_down_channel.bn.running_mean",
        "prompter_down_channel.bn.num_batches_tracked"}) {
    EXPECT_EQ(rest.count(name), 1u) << name;
  }
  EXPECT_EQ(rest.count("shared_image_embedding.positional_embedding"), 0u);
}

TEST(WriteAdaptersTest, RefusesRunsWithoutAdaptersAndFilesOfOtherRuns) {
  ModelSpec all = Spec();
  all.mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveModelSpec(&all);
  ASSERT_OK_AND_ASSIGN(const TensorSet trained,
                       TensorSet::OpenFile(TrainedFile(Spec())));
  EXPECT_THAT(WriteAdapters(all, trained, NewDir()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has no adapters; export it merged")));
  ModelSpec other = Spec();
  other.mutable_rsrefseg()->mutable_sam()->mutable_lora()->set_rank(4);
  EXPECT_THAT(WriteAdapters(other, trained, NewDir()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("lora_A.weight has shape [2, ")));
}

TEST(RestNamesTest, OfARunThatTrainedEverythingTheTowersAreNoRest) {
  ModelSpec all = Spec();
  all.mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveModelSpec(&all);
  const std::map<std::string, std::string> rest = RestNames(all);
  EXPECT_EQ(rest.at("prompter_down_channel.conv.weight"),
            "prompter.prompter_down_channel.conv.weight");
  EXPECT_EQ(rest.at("mask_decoder.iou_token.weight"),
            "sam.mask_decoder.iou_token.weight");
  for (const auto& [name, ours] : rest) {
    EXPECT_TRUE(absl::StartsWith(name, "prompter_") ||
                absl::StartsWith(name, "mask_decoder."))
        << name;
  }
}

TEST(WriteAdaptersTest, ATowerWithoutAdaptersHasNoDirectory) {
  ModelSpec spec = Spec();
  RsRefSegSpec* const network = spec.mutable_rsrefseg();
  network->mutable_siglip()->mutable_vision_lora()->set_rank(0);
  ResolveModelSpec(&spec);
  ASSERT_OK_AND_ASSIGN(const TensorSet trained,
                       TensorSet::OpenFile(TrainedFile(Spec())));
  const std::string dir = NewDir();
  ASSERT_THAT(WriteAdapters(spec, trained, dir), IsOk());
  EXPECT_FALSE(FileExists(dir + "/siglip_vision"));
  EXPECT_TRUE(FileExists(dir + "/siglip_text"));
  EXPECT_THAT(OpenAdapters(dir, spec, {{"siglip_text", "sam_vision"}, true}),
              IsOk());
  EXPECT_THAT(OpenAdapters(dir, spec, {{"siglip_vision"}, false}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("siglip_vision is asked for, but the model "
                                 "has no adapters there")));
  // Without any, the rest alone.
  network->mutable_siglip()->set_text_tuning(SiglipSpec::ZERO);
  network->mutable_sam()->mutable_lora()->set_rank(0);
  ResolveModelSpec(&spec);
  const std::string rest = NewDir();
  ASSERT_THAT(WriteAdapters(spec, trained, rest), IsOk());
  EXPECT_FALSE(FileExists(rest + "/siglip_text") ||
               FileExists(rest + "/sam_vision"));
  EXPECT_THAT(OpenAdapters(rest, spec, {{}, true}), IsOk());
}

class RefusedAdaptersTest : public testing::Test {
 protected:
  RefusedAdaptersTest() : dir_(NewDir()), own_(dir_ + "/sam_vision") {
    EXPECT_THAT(MakeDirs(own_), IsOk());
    for (const char* file :
         {"/adapter_config.json", "/adapter_model.safetensors"}) {
      const absl::StatusOr<std::string> bytes =
          ReadFile(absl::StrCat(kRoot, "/adapters/sam_vision", file));
      EXPECT_THAT(bytes, IsOk());
      EXPECT_THAT(WriteFileAtomic(own_ + file, absl::string_view(*bytes)),
                  IsOk());
    }
    config_ = nlohmann::json::parse(*ReadFile(own_ + "/adapter_config.json"));
  }

  absl::Status Open(const ModelSpec& spec = Spec()) {
    return OpenAdapters(dir_, spec, {{"sam_vision"}, false}).status();
  }

  absl::Status OpenWith(const nlohmann::json& config) {
    EXPECT_THAT(WriteFileAtomic(own_ + "/adapter_config.json",
                                absl::string_view(config.dump())),
                IsOk());
    return Open();
  }

  std::string dir_;
  std::string own_;
  nlohmann::json config_;
};

TEST_F(RefusedAdaptersTest, EveryFieldThatChangesWhatIsComputed) {
  EXPECT_THAT(Open(), IsOk());
  const std::map<std::string, nlohmann::json> others = {
      {"peft_type", "LOHA"},
      {"r", 4},
      {"lora_alpha", 16},
      {"bias", "all"},
      {"fan_in_fan_out", true},
      {"use_rslora", true},
      {"use_dora", true},
      {"use_qalora", true},
      {"use_bdlora", {{"a", 1}}},
      {"lora_bias", true},
      {"alora_invocation_tokens", {3}},
      {"layer_replication", {{0, 1}}},
      {"rank_pattern", {{"qkv", 4}}},
      {"alpha_pattern", {{"qkv", 4}}},
      {"modules_to_save", {"mask_decoder"}},
      {"init_lora_weights", "pissa"}};
  for (const auto& [key, value] : others) {
    nlohmann::json config = config_;
    config[key] = value;
    EXPECT_THAT(OpenWith(config),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(own_ + "/adapter_config.json"),
                               HasSubstr(absl::StrCat(key, " is ")))));
  }
  for (const auto& [key, value] :
       std::map<std::string, nlohmann::json>{{"use_something_new", true},
                                             {"use_dorra", false},
                                             {"new_config", {{"a", 1}}},
                                             {"lora_bia", "none"}}) {
    nlohmann::json config = config_;
    config[key] = value;
    EXPECT_THAT(OpenWith(config),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(absl::StrCat("\"", key, "\" is ")),
                               HasSubstr("such a key is not known here"))));
  }
  nlohmann::json off = config_;
  off["use_something_new"] = nullptr;
  EXPECT_THAT(OpenWith(off), IsOk());
  nlohmann::json misspelled = config_;
  misspelled["use_dorra"] = false;
  EXPECT_THAT(OpenWith(misspelled).message(),
              HasSubstr("did you mean \"use_dora\"?"));
  // PEFT's defaults of what is absent.
  EXPECT_THAT(OpenWith({{"peft_type", "LORA"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("r is 8, must be 2"),
                             HasSubstr("lora_alpha is 8, must be 7"))));
  EXPECT_THAT(OpenWith({{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 7.0}}),
              IsOk());
}

TEST_F(RefusedAdaptersTest, LayersThatTheSpecDoesNotAdaptAndTheOtherWay) {
  ModelSpec spec = Spec();
  LoraSpec* const lora = spec.mutable_rsrefseg()->mutable_sam()->mutable_lora();
  lora->clear_targets();
  lora->add_targets("qkv");
  EXPECT_THAT(Open(spec), StatusIs(absl::StatusCode::kInvalidArgument,
                                   HasSubstr("layers.0.attn.proj.lora_A.weight "
                                             "is not in the model")));
  lora->add_targets("proj");
  lora->add_targets("lin1");
  lora->add_targets("lin2");
  lora->add_targets("neck.conv1");
  lora->add_targets("neck.conv2");
  lora->add_targets("patch_embed.projection");
  EXPECT_THAT(Open(spec), StatusIs(absl::StatusCode::kInvalidArgument,
                                   HasSubstr("patch_embed.projection.lora_A."
                                             "weight is missing")));
}

TEST_F(RefusedAdaptersTest, FilesThatAreMissingOrPickles) {
  const std::string file = own_ + "/adapter_model.safetensors";
  ASSERT_EQ(unlink(file.c_str()), 0);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kNotFound,
                               HasSubstr("has no adapter_model.safetensors")));
  ASSERT_THAT(
      WriteFileAtomic(own_ + "/adapter_model.bin", absl::string_view("PK")),
      IsOk());
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("pickles")));
  EXPECT_THAT(
      OpenAdapters(dir_, Spec(), {{}, true}),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("rest.safetensors")));
  EXPECT_THAT(OpenAdapters(dir_, ModelSpec(), {{"sam_vision"}, false}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the model has no adapters there")));
}

}  // namespace
}  // namespace transect
