// Loads directories as Transformers and PEFT saved them (make_hugging_face.py)
// into our network and compares what its towers compute with what theirs did.
#include "model/checkpoint/hugging_face.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "model/build_model.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/tensor_file.h"
#include "model/checkpoint/tensor_set.h"
#include "model/sam/image_encoder.h"
#include "model/sam/prompt_encoder.h"
#include "model/siglip/text_encoder.h"
#include "model/siglip/vision_encoder.h"
#include "model/spec.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr char kRoot[] = "tests/golden/testdata/published";
// Of fp32 against fp64, relative in the Euclidean norm.
constexpr double kTolerance = 1e-5;

class Published : public testing::Test {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
    ASSERT_OK_AND_ASSIGN(spec_, ReadTextproto<ModelSpec>(absl::StrCat(
                                    kRoot, "/published.textproto")));
    ResolveModelSpec(&spec_);
    ASSERT_OK_AND_ASSIGN(model_, BuildModel(spec_, /*seed=*/1));
    ASSERT_OK_AND_ASSIGN(
        reference_, LoadTensors(absl::StrCat(kRoot, "/reference.safetensors")));
    model_->eval();
  }

  void Load(const std::string& directory, HuggingFaceModel part) {
    ASSERT_OK_AND_ASSIGN(
        const HuggingFaceWeights weights,
        OpenHuggingFace(absl::StrCat(kRoot, "/", directory), spec_, part));
    ASSERT_THAT(CopyTensors(*model_, weights.tensors), IsOk());
  }

  void LoadAdapters() {
    ASSERT_OK_AND_ASSIGN(
        const AdapterWeights weights,
        OpenAdapters(absl::StrCat(kRoot, "/adapters"), spec_,
                     {{"siglip_vision", "siglip_text", "sam_vision"}, false}));
    ASSERT_THAT(CopyTensors(*model_, weights.tensors), IsOk());
  }

  template <typename Module>
  Module& Part(const std::string& name) const {
    return *model_->named_modules()[name]->as<Module>();
  }

  double Error(const std::string& name, const at::Tensor& ours) const {
    const at::Tensor expected =
        reference_.at("stage." + name).to(torch::kDouble);
    TORCH_CHECK(ours.sizes() == expected.sizes(), name);
    return ((ours.to(torch::kDouble) - expected).norm() / expected.norm())
        .item<double>();
  }

  double VisionError() const {
    return Error("vision_hidden",
                 Part<SiglipVisionEncoderImpl>("siglip.vision_model")
                     .forward(reference_.at("input.pixels")));
  }

  ModelSpec spec_;
  std::shared_ptr<SegmentationModel> model_;
  TensorMap reference_;
};

TEST_F(Published, TowersWithAdaptersComputeWhatTheirsDid) {
  const torch::NoGradGuard no_grad;
  Load("siglip", HuggingFaceModel::kSiglip);
  Load("sam", HuggingFaceModel::kSam);
  // Their outputs are those of adapted towers.
  EXPECT_GT(VisionError(), 1e-2);
  LoadAdapters();
  EXPECT_LE(VisionError(), kTolerance);

  auto& tower = Part<SiglipTextEncoderImpl>("siglip.text_model");
  const SiglipText text = tower.forward(reference_.at("input.token_ids"),
                                        torch::tensor({6, 6}, torch::kLong));
  EXPECT_LE(Error("text_hidden", text.hidden), kTolerance);
  EXPECT_LE(Error("text_pooled", tower.Pool(text)), kTolerance);
  EXPECT_LE(
      Error("image_embedding", Part<SamImageEncoderImpl>("sam.vision_encoder")
                                   .forward(reference_.at("input.image"))),
      kTolerance);
  EXPECT_LE(Error("dense", Part<SamPromptEncoderImpl>("sam.prompt_encoder")
                               .EncodeMask(reference_.at("input.mask"))),
            kTolerance);
}

TEST_F(Published, Bfloat16FilesHoldTheSameNumbers) {
  const torch::NoGradGuard no_grad;
  Load("siglip_bf16", HuggingFaceModel::kSiglip);
  LoadAdapters();
  EXPECT_LE(VisionError(), kTolerance);
}

TEST_F(Published, ExportGivesBackTheBytesThatPeftWrote) {
  LoadAdapters();
  const std::string file = testing::TempDir() + "/trained.safetensors";
  const std::string dir = testing::TempDir() + "/export";
  ASSERT_THAT(SaveTensors(file, StateTensors(*model_, /*trainable_only=*/true)),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const TensorSet trained, TensorSet::OpenFile(file));
  ASSERT_THAT(MakeDirs(dir), IsOk());
  ASSERT_THAT(WriteAdapters(spec_, trained, dir), IsOk());
  for (const char* tower : {"siglip_vision", "siglip_text", "sam_vision"}) {
    const std::string name = absl::StrCat("/", tower, "/", kAdapterFile);
    ASSERT_OK_AND_ASSIGN(const TensorMap ours, LoadTensors(dir + name));
    ASSERT_OK_AND_ASSIGN(const TensorMap theirs,
                         LoadTensors(absl::StrCat(kRoot, "/adapters", name)));
    ASSERT_EQ(ours.size(), theirs.size());
    for (const auto& [key, tensor] : theirs) {
      ASSERT_EQ(ours.count(key), 1u) << key;
      EXPECT_TRUE(ours.at(key).equal(tensor)) << key;
    }
  }
  // Into a network of another seed, and out again.
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> other,
                       BuildModel(spec_, /*seed=*/2));
  ASSERT_OK_AND_ASSIGN(
      const AdapterWeights weights,
      OpenAdapters(dir, spec_,
                   {{"siglip_vision", "siglip_text", "sam_vision"}, true}));
  ASSERT_THAT(CopyTensors(*other, weights.tensors), IsOk());
  TensorMap state = StateTensors(*other, /*trainable_only=*/true);
  for (const auto& [name, tensor] :
       StateTensors(*model_, /*trainable_only=*/true)) {
    // Frozen: it comes with the base weights.
    if (name == "sam.shared_image_embedding.positional_embedding") continue;
    EXPECT_TRUE(state.at(name).equal(tensor)) << name;
  }
}

TEST_F(Published, WhatNoFileHasIsDrawnFromTheSeed) {
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> drawn,
                       BuildModel(spec_, /*seed=*/1));
  const TensorMap before = StateTensors(*drawn, /*trainable_only=*/false);
  Load("siglip", HuggingFaceModel::kSiglip);
  Load("sam", HuggingFaceModel::kSam);
  int kept = 0;
  for (const auto& [name, tensor] :
       StateTensors(*model_, /*trainable_only=*/false)) {
    const bool from_file =
        (name.starts_with("siglip.") || name.starts_with("sam.")) &&
        name.find(".lora_") == std::string::npos;
    EXPECT_EQ(!from_file, tensor.equal(before.at(name))) << name;
    kept += from_file ? 0 : 1;
  }
  EXPECT_GT(kept, 50);
}

}  // namespace
}  // namespace transect
