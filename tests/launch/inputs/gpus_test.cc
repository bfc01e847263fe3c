// No machine with a GPU is needed: what the driver shows is given.
#include "launch/inputs/gpus.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<DriverGpu> kEqual = {{"NVIDIA H100", "GPU-aa11"},
                                       {"NVIDIA H100", "GPU-aa22"},
                                       {"NVIDIA H100", "GPU-bb33"},
                                       {"NVIDIA H100", "GPU-cc44"}};

std::vector<std::string> Names(const Gpus& gpus) {
  std::vector<std::string> names;
  for (const Gpu& gpu : gpus.gpus) names.push_back(gpu.name);
  return names;
}

std::vector<std::string> Keys(const Gpus& gpus) {
  std::vector<std::string> keys;
  for (const Gpu& gpu : gpus.gpus) keys.push_back(gpu.key);
  return keys;
}

Gpus OfDriver(const std::optional<std::string>& visible, bool by_bus = false) {
  return ChooseGpus(Site(), kEqual, visible, by_bus);
}

Site SiteWith(const std::vector<std::string>& names) {
  Site site;
  site.mutable_gpu()->Assign(names.begin(), names.end());
  return site;
}

TEST(ChooseGpusTest, TheDriverShowsThem) {
  const Gpus all = OfDriver(std::nullopt);
  EXPECT_THAT(Names(all),
              ElementsAre("GPU-aa11", "GPU-aa22", "GPU-bb33", "GPU-cc44"));
  EXPECT_EQ(all.origin, "the driver shows 4");
  const Gpus none = ChooseGpus(Site(), {}, std::nullopt, false);
  EXPECT_THAT(none.gpus, IsEmpty());
  EXPECT_EQ(none.origin, "the driver shows none and the site file names none");
}

TEST(ChooseGpusTest, TheVariableLimitsThemAsCudaReadsIt) {
  EXPECT_THAT(Names(OfDriver("2,0")), ElementsAre("2", "0"));
  EXPECT_THAT(Keys(OfDriver("2,0")), ElementsAre("GPU-bb33", "GPU-aa11"));
  EXPECT_EQ(OfDriver("2,0").origin,
            "the driver shows 4, CUDA_VISIBLE_DEVICES=2,0 leaves 2");
  EXPECT_THAT(OfDriver("").gpus, IsEmpty());
  EXPECT_THAT(OfDriver("-1").gpus, IsEmpty());
  EXPECT_THAT(OfDriver("NoDevFiles").gpus, IsEmpty());
  // The list ends at the first entry that names nothing.
  EXPECT_THAT(Names(OfDriver("1,7,2")), ElementsAre("1"));
  EXPECT_THAT(Names(OfDriver("1, 3")), ElementsAre("1", "3"));
  EXPECT_THAT(Names(OfDriver("1,1,2")), ElementsAre("1"));
}

TEST(ChooseGpusTest, UuidsMayBeShortened) {
  EXPECT_THAT(Keys(OfDriver("GPU-bb,GPU-aa2")),
              ElementsAre("GPU-bb33", "GPU-aa22"));
  EXPECT_THAT(Names(OfDriver("GPU-bb")), ElementsAre("GPU-bb"));
  EXPECT_THAT(OfDriver("GPU-aa").gpus, IsEmpty()) << "of two";
  EXPECT_THAT(OfDriver("GPU-dd").gpus, IsEmpty());
}

TEST(ChooseGpusTest, PartsOfGpusAreTakenByTheirNames) {
  const Gpus parts = OfDriver("MIG-11,MIG-GPU-aa11/2/0");
  EXPECT_THAT(Names(parts), ElementsAre("MIG-11", "MIG-GPU-aa11/2/0"));
  EXPECT_TRUE(parts.gpus[0].IsMig());
  EXPECT_FALSE(OfDriver(std::nullopt).gpus[0].IsMig());
}

// With different models CUDA numbers the fastest first.
TEST(ChooseGpusTest, NumbersAreUuidsOnlyWhereTheOrderIsKnown) {
  const std::vector<DriverGpu> mixed = {{"NVIDIA T4", "GPU-11"},
                                        {"NVIDIA H100", "GPU-22"}};
  EXPECT_THAT(Keys(ChooseGpus(Site(), mixed, "0", false)), ElementsAre("0"));
  EXPECT_THAT(Keys(ChooseGpus(Site(), mixed, "0", true)),
              ElementsAre("GPU-11"));
}

TEST(ChooseGpusTest, TheSiteFileNamesThemWhateverTheDriverShows) {
  const Site site = SiteWith({"0", "1", "2", "3"});
  const Gpus named = ChooseGpus(site, {}, std::nullopt, false);
  EXPECT_THAT(Names(named), ElementsAre("0", "1", "2", "3"));
  EXPECT_EQ(named.origin, "the site file names 4");
  const Gpus limited = ChooseGpus(site, {}, "3,1", false);
  EXPECT_THAT(Names(limited), ElementsAre("3", "1"));
  EXPECT_EQ(limited.origin,
            "the site file names 4, CUDA_VISIBLE_DEVICES=3,1 leaves 2");
  // One more than the site file has.
  EXPECT_THAT(Names(ChooseGpus(site, {}, "3,9", false)), ElementsAre("3"));
  // A name and a number of the same GPU are the same GPU.
  EXPECT_THAT(ChooseGpus(SiteWith({"GPU-bb33"}), kEqual, "2", false).gpus,
              SizeIs(1));
  EXPECT_THAT(ChooseGpus(SiteWith({"GPU-bb33"}), kEqual, "1", false).gpus,
              IsEmpty());
}

}  // namespace
}  // namespace transect
