#include "model/checkpoint/hugging_face.h"

#include <stdlib.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
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
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kSiglip = HuggingFaceModel::kSiglip;
constexpr auto kSam = HuggingFaceModel::kSam;
// make_hugging_face.py: what Transformers saved.
constexpr char kRoot[] = "tests/golden/testdata/published";

std::string Root(const std::string& name) {
  return absl::StrCat(kRoot, "/", name);
}

ModelSpec Spec() {
  ModelSpec spec = *ReadTextproto<ModelSpec>(Root("published.textproto"));
  ResolveModelSpec(&spec);
  return spec;
}

ModelSpec Preset(SiglipSpec::Variant siglip, SamSpec::Variant sam) {
  ModelSpec spec;
  spec.mutable_rsrefseg()->mutable_siglip()->set_variant(siglip);
  spec.mutable_rsrefseg()->mutable_sam()->set_variant(sam);
  ResolveModelSpec(&spec);
  return spec;
}

std::string NewDir() {
  std::string path = absl::StrCat(testing::TempDir(), "published.XXXXXX");
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

// A directory with this configuration and no tensors.
std::string DirectoryWith(absl::string_view config) {
  const std::string dir = NewDir();
  EXPECT_THAT(WriteFileAtomic(dir + "/config.json", config), IsOk());
  return dir;
}

// What is wrong with a configuration; empty where only tensors are missing.
std::string ConfigProblem(absl::string_view config, const ModelSpec& spec,
                          HuggingFaceModel model) {
  const absl::Status status =
      OpenHuggingFace(DirectoryWith(config), spec, model).status();
  EXPECT_THAT(status, Not(IsOk()));
  return absl::IsNotFound(status) ? "" : std::string(status.message());
}

TEST(OpenPublishedTest, ReadsWhatTransformersSaved) {
  const ModelSpec spec = Spec();
  for (const char* directory : {"siglip", "siglip_bf16"}) {
    ASSERT_OK_AND_ASSIGN(const HuggingFaceWeights weights,
                         OpenHuggingFace(Root(directory), spec, kSiglip));
    size_t expected = 0;
    for (const TensorInfo& tensor : TensorTable(spec)) {
      if (!absl::StartsWith(tensor.name, "siglip.") || tensor.adapter ||
          !tensor.used)
        continue;
      EXPECT_EQ(weights.tensors.count(tensor.name), 1u) << tensor.name;
      ++expected;
    }
    EXPECT_EQ(weights.tensors.size(), expected);
    EXPECT_EQ(weights.unused.size(), 11u);
    EXPECT_EQ(weights.unused.count("vision_model.head.probe"), 1u);
  }
  ASSERT_OK_AND_ASSIGN(const HuggingFaceWeights sam,
                       OpenHuggingFace(Root("sam"), spec, kSam));
  EXPECT_EQ(
      sam.tensors.count("sam.shared_image_embedding.positional_embedding"), 1u);
  EXPECT_TRUE(sam.unused.empty());
}

// The configuration of google/siglip-so400m-patch14-384 says no more than what
// differs from the class defaults.
TEST(ConfigTest, NestedObjectsSayOnlyWhatDiffersFromTheDefaults) {
  EXPECT_EQ(
      ConfigProblem(
          R"({"architectures": ["SiglipModel"], "model_type": "siglip",
        "text_config": {"hidden_size": 1152, "intermediate_size": 4304,
          "model_type": "siglip_text_model", "num_attention_heads": 16,
          "num_hidden_layers": 27},
        "vision_config": {"hidden_size": 1152, "image_size": 384,
          "intermediate_size": 4304, "model_type": "siglip_vision_model",
          "num_attention_heads": 16, "num_hidden_layers": 27,
          "patch_size": 14}})",
          Preset(SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_B), kSiglip),
      "");
  EXPECT_EQ(ConfigProblem(R"({"model_type": "siglip", "text_config": {},
                              "vision_config": null})",
                          Preset(SiglipSpec::BASE_PATCH16_224, SamSpec::VIT_B),
                          kSiglip),
            "");
  EXPECT_EQ(ConfigProblem(R"({"model_type": "sam"})",
                          Preset(SiglipSpec::TINY, SamSpec::VIT_B), kSam),
            "");
}

TEST(ConfigTest, TheWidthOfSamsMlpFollowsFromItsRatioUnlessItIsSaid) {
  const ModelSpec spec = Preset(SiglipSpec::TINY, SamSpec::VIT_L);
  const std::string config =
      R"({"model_type": "sam", "vision_config": {"hidden_size": 1024,
          "num_hidden_layers": 24, "num_attention_heads": 16,
          "global_attn_indexes": [5, 11, 17, 23], "intermediate_size": 6144
          , "mlp_dim": null}})";
  EXPECT_EQ(ConfigProblem(config, spec, kSam), "");
  EXPECT_THAT(
      ConfigProblem(absl::StrReplaceAll(
                        config, {{"\"mlp_dim\": null", "\"mlp_ratio\": 3.5"}}),
                    spec, kSam),
      EndsWith("vision_config.mlp_dim is 3584, "
               "model.rsrefseg.sam.vision.mlp_size is 4096"));
  EXPECT_THAT(ConfigProblem(absl::StrReplaceAll(config, {{"null", "4000"}}),
                            spec, kSam),
              HasSubstr("vision_config.mlp_dim is 4000"));
}

// What a config.json says of the decoder decides, and the spec must say the
// same.
TEST(ConfigTest, ADecoderOfOtherSizesIsLoadedWhereTheSpecSaysSo) {
  const std::string config =
      R"({"model_type": "sam", "mask_decoder_config": {"num_hidden_layers": 3,
          "iou_head_depth": 4, "iou_head_hidden_dim": 128}})";
  ModelSpec spec = Preset(SiglipSpec::TINY, SamSpec::VIT_B);
  EXPECT_THAT(ConfigProblem(config, spec, kSam),
              AllOf(HasSubstr("mask_decoder_config.num_hidden_layers is 3, "
                              "model.rsrefseg.sam.decoder_layers is 2"),
                    HasSubstr("mask_decoder_config.iou_head_depth is 4, "
                              "model.rsrefseg.sam.iou_head_layers is 3"),
                    HasSubstr("mask_decoder_config.iou_head_hidden_dim is 128, "
                              "model.rsrefseg.sam.iou_head_size is 256")));
  SamSpec* const sam = spec.mutable_rsrefseg()->mutable_sam();
  sam->set_decoder_layers(3);
  sam->set_iou_head_layers(4);
  sam->set_iou_head_size(128);
  EXPECT_EQ(ConfigProblem(config, spec, kSam), "");
  EXPECT_THAT(ConfigProblem(R"({"model_type": "sam"})", spec, kSam),
              HasSubstr("mask_decoder_config.num_hidden_layers is 2"));
}

TEST(ConfigTest, EveryDisagreementIsInOneError) {
  const std::string problem = ConfigProblem(
      R"({"model_type": "siglip", "text_config": {"hidden_act": "gelu"},
          "vision_config": {"image_size": 256, "num_channels": 4}})",
      Preset(SiglipSpec::BASE_PATCH16_224, SamSpec::VIT_B), kSiglip);
  EXPECT_THAT(
      problem,
      AllOf(HasSubstr("config.json disagrees with the spec: "),
            HasSubstr("text_config.hidden_act is \"gelu\", the network is "
                      "built for \"gelu_pytorch_tanh\""),
            HasSubstr("vision_config.image_size is 256, "
                      "model.rsrefseg.siglip.image_size is 224"),
            HasSubstr("vision_config.num_channels is 4")));
}

TEST(ConfigTest, OfAnotherModelOnlyThatIsSaid) {
  EXPECT_THAT(ConfigProblem(R"({"model_type": "siglip2", "text_config": {}})",
                            Preset(SiglipSpec::TINY, SamSpec::VIT_B), kSiglip),
              EndsWith("model_type is \"siglip2\", the network is built for "
                       "\"siglip\""));
}

// Changes each field of what we write, one after the other.
TEST(ConfigTest, NoFieldIsOverlooked) {
  const ModelSpec spec = Spec();
  for (const HuggingFaceModel model : {kSiglip, kSam}) {
    const nlohmann::json config = nlohmann::json::parse(HuggingFaceConfigJson(
        spec, model, /*has_pooling_head=*/true, "float32"));
    EXPECT_EQ(ConfigProblem(config.dump(), spec, model), "");
    int changed = 0;
    for (const auto& [section, fields] : config.items()) {
      if (!fields.is_object()) continue;
      for (const auto& [key, value] : fields.items()) {
        // Of no meaning to the network.
        if (key == "model_type" || key == "pad_token_id" ||
            key == "eos_token_id") {
          continue;
        }
        nlohmann::json other = config;
        other[section][key] =
            value.is_boolean()  ? nlohmann::json(!value.get<bool>())
            : value.is_number() ? nlohmann::json(value.get<double>() + 1)
            : value.is_string() ? nlohmann::json("other")
                                : nlohmann::json::array({0});
        EXPECT_THAT(ConfigProblem(other.dump(), spec, model),
                    HasSubstr(absl::StrCat(section, ".", key, " is ")));
        ++changed;
      }
    }
    EXPECT_GT(changed, 15);
  }
}

TEST(ConfigTest, RefusesWhatIsNoConfiguration) {
  const ModelSpec spec = Spec();
  for (const char* text : {"", "[]", "{\"a\": 1, \"a\": 1}", "\xff"}) {
    EXPECT_THAT(
        OpenHuggingFace(DirectoryWith(text), spec, kSam),
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr("/config.json")));
  }
  EXPECT_THAT(
      ConfigProblem(R"({"model_type": "sam", "vision_config": 3})", spec, kSam),
      HasSubstr("vision_config is 3, must be an object"));
  EXPECT_THAT(OpenHuggingFace(NewDir(), spec, kSam),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("config.json")));
}

// The configuration that we write is one that Transformers' own agrees with.
TEST(ConfigTest, WhatWeWriteIsWhatTransformersWrote) {
  const ModelSpec spec = Spec();
  for (const HuggingFaceModel model : {kSiglip, kSam}) {
    ASSERT_OK_AND_ASSIGN(
        const std::string text,
        ReadFile(Root(model == kSiglip ? "siglip" : "sam") + "/config.json"));
    const nlohmann::json theirs = nlohmann::json::parse(text);
    const nlohmann::json ours = nlohmann::json::parse(HuggingFaceConfigJson(
        spec, model, /*has_pooling_head=*/true, "float32"));
    for (const auto& [key, value] : ours.items()) {
      if (key == "torch_dtype") continue;  // `dtype` since 5.0, both are read.
      if (!value.is_object()) {
        EXPECT_EQ(theirs.at(key), value) << key;
        continue;
      }
      for (const auto& [inner, field] : value.items()) {
        EXPECT_EQ(theirs.at(key).at(inner), field) << key << "." << inner;
      }
    }
  }
}

// SAM's tensors as the loader wants them, without any in the file.
class SamTensorsTest : public testing::Test {
 protected:
  SamTensorsTest() : spec_(Spec()), zeros_(1 << 16, '\0') {
    for (const TensorInfo& tensor : TensorTable(spec_)) {
      if (absl::StartsWith(tensor.name, "sam.") && !tensor.adapter) {
        Add(tensor.name.substr(4), tensor.shape);
      }
    }
  }

  void Add(const std::string& name, std::vector<int64_t> shape) {
    TensorInfo tensor;
    tensor.shape = shape;
    sources_.push_back(
        {name, SafetensorsDtype::kF32, std::move(shape),
         absl::string_view(zeros_).substr(0, 4 * NumElements(tensor))});
  }

  SafetensorsSource& Find(const std::string& name) {
    for (SafetensorsSource& source : sources_) {
      if (source.name == name) return source;
    }
    ADD_FAILURE() << name;
    return sources_[0];
  }

  absl::StatusOr<HuggingFaceWeights> Open() {
    const std::string dir = DirectoryWith(HuggingFaceConfigJson(
        spec_, kSam, /*has_pooling_head=*/false, "float32"));
    EXPECT_THAT(WriteTensorSet(dir, sources_, {}), IsOk());
    return OpenHuggingFace(dir, spec_, kSam);
  }

  ModelSpec spec_;
  std::string zeros_;
  std::vector<SafetensorsSource> sources_;
};

TEST_F(SamTensorsTest, ThePositionalMatrixMayHaveEitherNameOrBoth) {
  const std::string ours = "sam.shared_image_embedding.positional_embedding";
  const std::string again =
      "prompt_encoder.shared_embedding.positional_embedding";
  Add(again, {2, 12});
  ASSERT_OK_AND_ASSIGN(HuggingFaceWeights weights, Open());
  EXPECT_EQ(weights.tensors.at(ours).info->name, ours.substr(4));
  std::erase_if(sources_, [](const SafetensorsSource& source) {
    return source.name == "shared_image_embedding.positional_embedding";
  });
  ASSERT_OK_AND_ASSIGN(weights, Open());
  EXPECT_EQ(weights.tensors.at(ours).info->name, again);
  std::erase_if(sources_, [&](const SafetensorsSource& source) {
    return source.name == again;
  });
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("shared_image_embedding.positional_embedding "
                                 "is missing")));
}

TEST_F(SamTensorsTest, MissingExtraAndMisshapenTensorsAreOneError) {
  Find("vision_encoder.pos_embed").name = "vision_encoder.pos_embedding";
  Find("mask_decoder.iou_token.weight").shape = {24, 1};
  Add("vision_encoder.position_ids", {3});
  EXPECT_THAT(
      Open(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("vision_encoder.pos_embed is missing"),
                     HasSubstr("mask_decoder.iou_token.weight has shape [24, "
                               "1], the model has [1, 24]"),
                     HasSubstr("vision_encoder.pos_embedding is not in the "
                               "model"),
                     Not(HasSubstr("position_ids")))));
}

TEST(PublishedTest, VariantsHaveTheirNamesOnTheHub) {
  const ModelSpec spec = Preset(SiglipSpec::SO400M_PATCH14_384, SamSpec::VIT_B);
  EXPECT_EQ(HubName(spec, kSiglip), "google/siglip-so400m-patch14-384");
  EXPECT_EQ(HubName(spec, kSam), "facebook/sam-vit-base");
  EXPECT_EQ(HubName(Spec(), kSiglip), "");
  EXPECT_EQ(HubName(Spec(), kSam), "");
}

TEST(PublishedTest, AModelWithoutThePartIsNoPlaceForIt) {
  EXPECT_TRUE(HasHuggingFacePart(Spec(), kSiglip));
  EXPECT_TRUE(HasHuggingFacePart(Spec(), kSam));
  EXPECT_FALSE(HasHuggingFacePart(ModelSpec(), kSam));
}

}  // namespace
}  // namespace transect
