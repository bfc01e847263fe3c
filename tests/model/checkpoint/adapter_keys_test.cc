// Keys of an adapter's file as they come from elsewhere, and files that are no
// adapter.
#include <stdlib.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/checkpoint/adapters.h"
#include "model/checkpoint/safetensors.h"
#include "model/checkpoint/tensor_set.h"
#include "model/spec.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// make_hugging_face.py: what PEFT saved.
constexpr char kRoot[] = "tests/golden/testdata/published";
constexpr char kFile[] = "/adapter_model.safetensors";

class AdapterKeysTest : public testing::Test {
 protected:
  AdapterKeysTest()
      : spec_(*ReadTextproto<ModelSpec>(
            absl::StrCat(kRoot, "/published.textproto"))) {
    ResolveModelSpec(&spec_);
    dir_ = absl::StrCat(testing::TempDir(), "adapter_keys.XXXXXX");
    EXPECT_NE(mkdtemp(dir_.data()), nullptr);
    own_ = dir_ + "/sam_vision";
    EXPECT_THAT(MakeDirs(own_), IsOk());
    const absl::StatusOr<std::string> config = ReadFile(
        absl::StrCat(kRoot, "/adapters/sam_vision/adapter_config.json"));
    EXPECT_THAT(config, IsOk());
    EXPECT_THAT(WriteFileAtomic(own_ + "/adapter_config.json",
                                absl::string_view(*config)),
                IsOk());
  }

  absl::Status Open() {
    return OpenAdapters(dir_, spec_, {{"sam_vision"}, false}).status();
  }

  // Opens the adapter with all keys changed.
  absl::Status OpenRenamed(
      const std::vector<std::pair<std::string, std::string>>& changes) {
    const std::string original =
        absl::StrCat(kRoot, "/adapters/sam_vision/adapter_model.safetensors");
    const absl::StatusOr<TensorSet> set = TensorSet::OpenFile(original);
    EXPECT_THAT(set, IsOk());
    std::vector<std::unique_ptr<std::string>> bytes;
    std::vector<SafetensorsSource> sources;
    for (const auto& [name, place] : set->tensors()) {
      bytes.push_back(std::make_unique<std::string>(
          place.info->end - place.info->begin, 0));
      EXPECT_THAT(place.file->Read(*place.info, absl::MakeSpan(*bytes.back())),
                  IsOk());
      sources.push_back({absl::StrReplaceAll(name, changes), place.info->dtype,
                         place.info->shape, *bytes.back()});
    }
    EXPECT_THAT(WriteSafetensors(own_ + kFile, sources), IsOk());
    return Open();
  }

  ModelSpec spec_;
  std::string dir_;
  std::string own_;
};

TEST_F(AdapterKeysTest, KeysAsTheyStandInMemoryAreRead) {
  EXPECT_THAT(OpenRenamed({{".lora_A.weight", ".lora_A.default.weight"},
                           {".lora_B.weight", ".lora_B.default.weight"}}),
              IsOk());
  EXPECT_THAT(OpenRenamed({{".lora_A.", ".lora_A.my_name."},
                           {".lora_B.", ".lora_B.my_name."}}),
              IsOk());
  EXPECT_THAT(OpenRenamed({{"base_model.", "_orig_mod.base_model."}}), IsOk());
  EXPECT_THAT(OpenRenamed({{"base_model.model.", "base_model.model.module."}}),
              IsOk());
  EXPECT_THAT(OpenRenamed({{"base_model.", "module._orig_mod.base_model."},
                           {".lora_A.", ".lora_A.default."}}),
              IsOk());
  EXPECT_THAT(OpenRenamed({{"vision_encoder.", "vision_encoder._orig_mod."}}),
              IsOk());
}

TEST_F(AdapterKeysTest, OtherKeysAreRefusedByTheNamesThatTheyHave) {
  const absl::Status other =
      OpenRenamed({{"base_model.model.", "transformer."}});
  EXPECT_THAT(other, StatusIs(absl::StatusCode::kInvalidArgument,
                              AllOf(HasSubstr("lora_A.weight is missing"),
                                    HasSubstr("transformer.vision_encoder."))));
  const absl::Status ia3 = OpenRenamed({{".lora_A.weight", ".lora_A.w.x"}});
  EXPECT_THAT(ia3.message(), HasSubstr(".lora_A.w.x is not in the model"));
}

TEST_F(AdapterKeysTest, ALayerOfTwoAdaptersNamesBothKeys) {
  const std::string zeros(64, '\0');
  ASSERT_THAT(
      WriteSafetensors(own_ + kFile, {{"base_model.model.x.lora_A.a.weight",
                                       SafetensorsDtype::kF32,
                                       {2},
                                       absl::string_view(zeros).substr(0, 8)},
                                      {"base_model.model.x.lora_A.b.weight",
                                       SafetensorsDtype::kF32,
                                       {2},
                                       absl::string_view(zeros).substr(0, 8)}}),
      IsOk());
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("\"base_model.model.x.lora_A.a.weight\" and "
                                 "\"base_model.model.x.lora_A.b.weight\" are "
                                 "of the same layer")));
}

TEST_F(AdapterKeysTest, FilesThatStandForOthersAreCalledThat) {
  constexpr absl::string_view kPointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
  ASSERT_THAT(WriteFileAtomic(own_ + kFile, kPointer), IsOk());
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss,
                               HasSubstr("adapter_model.safetensors: is a Git "
                                         "LFS pointer")));
  ASSERT_THAT(WriteFileAtomic(own_ + "/adapter_config.json", kPointer), IsOk());
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss,
                               HasSubstr("adapter_config.json:1:1: is a Git "
                                         "LFS pointer")));
}

}  // namespace
}  // namespace transect
