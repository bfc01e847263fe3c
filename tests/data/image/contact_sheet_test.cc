#include "data/image/contact_sheet.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "data/io/file.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

ContactSheetItem Square() {
  ContactSheetItem item;
  item.height = 8;
  item.width = 8;
  item.bgr.assign(8 * 8 * 3, 100);
  item.truth.assign(64, 0);
  item.truth[9] = 1;
  item.prediction = item.truth;
  item.sentence = "The square on the left";
  item.iou = 1;
  return item;
}

// Width and height in the header chunk of a PNG file.
std::pair<int, int> PngSize(const std::string& png) {
  const auto number = [&](int at) {
    int value = 0;
    for (int i = 0; i < 4; ++i) {
      value = value * 256 + static_cast<unsigned char>(png[at + i]);
    }
    return value;
  };
  return {number(16), number(20)};
}

TEST(ContactSheet, HoldsTwoItemsToARow) {
  const std::string path = ::testing::TempDir() + "/sheet.png";
  ASSERT_THAT(WriteContactSheet({Square()}, 32, path), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string one, ReadFile(path));
  ASSERT_THAT(WriteContactSheet({Square(), Square(), Square()}, 32, path),
              IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string three, ReadFile(path));
  EXPECT_EQ(one.substr(1, 3), "PNG");
  EXPECT_EQ(PngSize(three).first, 2 * PngSize(one).first);
  EXPECT_GT(PngSize(three).second, PngSize(one).second + 32);
}

TEST(ContactSheet, RefusesBuffersThatDoNotFitTheirSides) {
  ContactSheetItem item = Square();
  item.prediction.pop_back();
  const std::string path = ::testing::TempDir() + "/refused.png";
  EXPECT_THAT(WriteContactSheet({item}, 32, path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("masks of 64 and 63 pixels")));
  EXPECT_FALSE(FileExists(path));
}

TEST(ContactSheet, RefusesAnEmptySheet) {
  EXPECT_THAT(
      WriteContactSheet({}, 32, ::testing::TempDir() + "/empty.png"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 items")));
}

}  // namespace
}  // namespace transect
