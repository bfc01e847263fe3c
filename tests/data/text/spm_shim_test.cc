#include "data/text/spm_shim.h"

#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(SpmShimTest, LoadsAModelAndSaysWhatIsWrongWithOthers) {
  std::ifstream file("tests/data/text/testdata/spiece.model", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  SpmModel model;
  EXPECT_EQ(model.Load(bytes), "");
  EXPECT_GE(model.Encode("the red tank").size(), 3u);
  EXPECT_NE(SpmModel().Load("no model"), "");
}

TEST(SpmShimTest, TrainingErrorsAreReturned) {
  std::string serialized;
  EXPECT_NE(TrainSpm({{"no_such_option", "1"}}, {"a b"}, &serialized), "");
}

}  // namespace
}  // namespace transect
