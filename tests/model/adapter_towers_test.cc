#include "model/adapter_towers.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/spec.h"
#include "model/tensor_table.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ModelSpec Tiny() {
  ModelSpec spec;
  spec.mutable_rsrefseg()->mutable_siglip()->set_variant(SiglipSpec::TINY);
  spec.mutable_rsrefseg()->mutable_sam()->set_variant(SamSpec::TINY);
  ResolveModelSpec(&spec);
  return spec;
}

std::vector<std::string> Directories(const ModelSpec& spec) {
  std::vector<std::string> directories;
  for (const AdapterTower& tower : AdapterTowers(spec)) {
    directories.push_back(std::string(tower.directory));
  }
  return directories;
}

TEST(AdapterTowersTest, AreThoseThatTheSpecAdapts) {
  ModelSpec spec = Tiny();
  EXPECT_THAT(Directories(spec),
              ElementsAre("siglip_vision", "siglip_text", "sam_vision"));
  EXPECT_TRUE(TrainsMoreThanAdapters(spec));
  spec.mutable_rsrefseg()->mutable_siglip()->set_text_tuning(SiglipSpec::ZERO);
  ResolveModelSpec(&spec);
  EXPECT_THAT(Directories(spec), ElementsAre("siglip_vision", "sam_vision"));
  spec.mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  ResolveModelSpec(&spec);
  EXPECT_THAT(Directories(spec), IsEmpty());
  EXPECT_THAT(Directories(ModelSpec()), IsEmpty());
}

TEST(AdapterTowersTest, HaveEveryAdapterOfTheTensorTable) {
  const ModelSpec spec = Tiny();
  const std::vector<AdapterTower> towers = AdapterTowers(spec);
  for (const TensorInfo& tensor : TensorTable(spec)) {
    if (tensor.part != TensorInfo::ADAPTER) continue;
    int owners = 0;
    for (const AdapterTower& tower : towers) {
      owners += absl::StartsWith(tensor.name, tower.prefix) ? 1 : 0;
    }
    EXPECT_EQ(owners, 1) << tensor.name;
  }
}

}  // namespace
}  // namespace transect
