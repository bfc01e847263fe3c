#include "data/index/split_index.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::SizeIs;

class SplitIndexTest : public testing::Test {
 protected:
  SplitIndexTest() : root_(NewDatasetDir()) {
    WriteSmallDataset(root_, {{.id = 1},
                              {.id = 2},
                              {.id = 3, .split = "val", .sentence = "A ship"}});
    options_.cache_dir = NewDatasetDir();
    options_.progress = [this](int64_t, int64_t) { ++built_; };
  }

  // Indexes of train and val, in the other order.
  std::vector<IndexView> Open() {
    built_ = 0;
    const int splits[] = {1, 0};
    absl::StatusOr<std::vector<IndexView>> views =
        OpenSplitIndexes(root_, FoundDataset(), splits, options_);
    EXPECT_THAT(views, IsOk());
    return *std::move(views);
  }

  std::string root_;
  SplitIndexOptions options_;
  int built_ = 0;
};

TEST_F(SplitIndexTest, IsMadeOnceAndReadAfterwards) {
  const std::vector<IndexView> first = Open();
  EXPECT_GT(built_, 0);
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].index.record_size(), 1);
  EXPECT_EQ(first[1].index.record_size(), 2);
  const std::vector<IndexView> second = Open();
  EXPECT_EQ(built_, 0);
  EXPECT_EQ(second[1].index.record_size(), 2);
  EXPECT_THAT(ListDirectory(options_.cache_dir), IsOkAndHolds(SizeIs(3)))
      << "of all splits";
}

TEST_F(SplitIndexTest, HeadersDoNotDoWhereImagesMustBeDecoded) {
  const std::string image = SmallImagePath(root_, 3);
  std::filesystem::resize_file(image, std::filesystem::file_size(image) / 2);
  EXPECT_THAT(Open()[0].index.record(0).defect(), SizeIs(0));
  options_.decode_images = true;
  EXPECT_THAT(Open()[0].index.record(0).defect(), SizeIs(1));
  EXPECT_GT(built_, 0);
  // What was decoded serves both.
  options_.decode_images = false;
  EXPECT_THAT(Open()[0].index.record(0).defect(), SizeIs(1));
  EXPECT_EQ(built_, 0);
}

TEST_F(SplitIndexTest, WithoutACacheItIsMadeAnew) {
  options_.cache_dir.clear();
  Open();
  EXPECT_THAT(Open(), SizeIs(2));
  EXPECT_GT(built_, 0);
  const int splits[] = {0};
  EXPECT_THAT(OpenSplitIndexes("/no/such", FoundDataset(), splits, options_),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace transect
