#include "model/checkpoint/describe.h"

#include <unistd.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/tensor_set.h"
#include "model/cost.h"
#include "model/spec.h"
#include "model/tensor_table.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ModelSpec Resolved(const std::string& rsrefseg) {
  ModelSpec spec;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrCat("rsrefseg {", rsrefseg, "}"), &spec));
  ResolveModelSpec(&spec);
  return spec;
}

std::string DescribeFileOf(std::vector<SafetensorsSource> tensors,
                           const std::map<std::string, std::string>& metadata) {
  const std::string path =
      absl::StrCat(testing::TempDir(), "/", getpid(), ".safetensors");
  EXPECT_THAT(WriteSafetensors(path, std::move(tensors), metadata), IsOk());
  const absl::StatusOr<TensorSet> set = TensorSet::OpenFile(path);
  EXPECT_THAT(set, IsOk());
  if (!set.ok()) return "";
  const std::string text = DescribeWeights(*set);
  EXPECT_EQ(text.substr(0, path.size() + 2), path + ": ");
  return text.substr(path.size() + 2);
}

TEST(DescribeTest, AWeightFileIsItsTensorsAndItsParts) {
  const std::string zeros(4096, '\0');
  const absl::string_view bytes = zeros;
  const std::string text = DescribeFileOf(
      {{"sam.mask_decoder.b", SafetensorsDtype::kBF16, {}, bytes.substr(0, 2)},
       {"siglip.vision_model.x.lora_A.weight",
        SafetensorsDtype::kF32,
        {2, 3},
        bytes.substr(0, 24)},
       {"sam.mask_decoder.a", SafetensorsDtype::kF32, {1024}, bytes},
       {"z\x1b[2J", SafetensorsDtype::kU8, {0}, ""}},
      {{"format", "pt\n"}});
  EXPECT_EQ(text,
            "4 tensors\n"
            "format: pt\\n\n"
            "\n"
            "tensor                               dtype  shape   part\n"
            "sam.mask_decoder.a                   F32    [1024]  "
            "sam.mask_decoder\n"
            "sam.mask_decoder.b                   BF16   []      "
            "sam.mask_decoder\n"
            "siglip.vision_model.x.lora_A.weight  F32    [2, 3]  adapters\n"
            "z\\033[2J                             U8     [0]     other\n"
            "\n"
            "part              tensors  elements  bytes\n"
            "sam.mask_decoder        2     1,025  4,098\n"
            "adapters                1         6     24\n"
            "other                   1         0      0\n"
            "sum                     4     1,031  4,122\n");
}

TEST(DescribeTest, AFileWithoutTensorsIsDescribed) {
  EXPECT_EQ(DescribeFileOf({}, {}),
            "0 tensors\n"
            "\n"
            "tensor  dtype  shape  part\n"
            "\n"
            "part  tensors  elements  bytes\n"
            "sum         0         0      0\n");
}

TEST(DescribeTest, AModelIsItsPartsWithTheirCost) {
  EXPECT_EQ(
      DescribeModel(Resolved("siglip { variant: TINY } sam { variant: TINY } "
                             "prompter { prompts: DENSE }"),
                    {}),
      "part                tuned  parameters  trainable  forward GFLOP  train "
      "GFLOP\n"
      "siglip.vision       none      164,736          0          0.012        "
      "0.026\n"
      "siglip.text         none      122,690          0          0.003        "
      "0.007\n"
      "sam.encoder         none      192,832          0          0.028        "
      "0.058\n"
      "sam.prompt_encoder  none        1,868          0          0.000        "
      "0.001\n"
      "sam.mask_decoder    all       158,268    158,268          0.005        "
      "0.014\n"
      "prompter            none            0          0          0.000        "
      "0.000\n"
      "adapters            all       104,448    104,448          0.011        "
      "0.032\n"
      "sum                           744,842    262,716          0.059        "
      "0.136\n"
      "GFLOP of one image and a sentence of 16 tokens; activations of an "
      "image: 810 kB at 2 bytes a number\n");
}

// The published size of RSRefSeg-b, without the 36,864 parameters of an adapter
// that the released code has and never uses (cost_test).
TEST(DescribeTest, ThePublishedModelHasItsPublishedTrainableParameters) {
  const std::string text = DescribeModel(
      Resolved("sam { tune_prompt_encoder: true } "
               "prompter { similarity: COSINE_SCALED global_text: POOLER }"),
      {});
  EXPECT_THAT(text, HasSubstr("  16,612,400  "));
}

TEST(DescribeTest, AModelThatIsTrainedWholeHasNoAdapters) {
  const std::string text = DescribeModel(
      Resolved("siglip { variant: TINY } sam { variant: TINY } tuning: ALL"),
      {});
  EXPECT_THAT(text, Not(HasSubstr("adapters")));
  EXPECT_THAT(text, Not(HasSubstr("none")));
}

// What Transformers and PEFT saved: tests/golden/make_hugging_face.py.
constexpr char kPublished[] = "tests/golden/testdata/published/";

TEST(DescribeTest, AShardedSetIsOneWithTheNumberOfItsFiles) {
  ASSERT_OK_AND_ASSIGN(
      const TensorSet set,
      TensorSet::OpenDirectory(absl::StrCat(kPublished, "siglip")));
  const std::string text = DescribeWeights(set);
  EXPECT_THAT(text, HasSubstr(absl::StrCat(
                        "published/siglip: ", set.tensors().size(),
                        " tensors in ", set.files().size(), " files\n")));
  EXPECT_GT(set.files().size(), 1u);
  EXPECT_THAT(text, HasSubstr("siglip.text"));
}

TEST(DescribeTest, AnAdapterIsItsConfigurationAndItsTensors) {
  ASSERT_OK_AND_ASSIGN(
      const std::string text,
      DescribeAdapter(absl::StrCat(kPublished, "adapters/siglip_vision")));
  EXPECT_THAT(text, HasSubstr("siglip_vision: an adapter\n"
                              "peft_type       \"LORA\"\n"
                              "r               3\n"
                              "lora_alpha      7\n"
                              "use_rslora      false\n"
                              "use_dora        false\n"
                              "bias            \"none\"\n"
                              "lora_dropout    0.05\n"
                              "target_modules  \"vision_model\\\\.encoder"));
  EXPECT_THAT(text, HasSubstr("lora_A.weight"));
  ASSERT_OK_AND_ASSIGN(
      const std::string list,
      DescribeAdapter(absl::StrCat(kPublished, "adapters/siglip_text")));
  EXPECT_THAT(list, HasSubstr("... (13 entries)\n"));
}

TEST(DescribeTest, AnAdapterThatIsNoneIsAnError) {
  const std::string directory =
      absl::StrCat(testing::TempDir(), "/adapter", getpid());
  ASSERT_THAT(MakeDirs(directory), IsOk());
  EXPECT_THAT(
      DescribeAdapter(directory),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("adapter_config.json")));
  ASSERT_THAT(WriteFileAtomic(absl::StrCat(directory, "/adapter_config.json"),
                              absl::string_view("[1]")),
              IsOk());
  EXPECT_THAT(DescribeAdapter(directory),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("adapter_config.json: is not a JSON object")));
}

}  // namespace
}  // namespace transect
