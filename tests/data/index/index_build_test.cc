#include "data/index/index_build.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/annotations/annotations.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Defects of each record of split train, in order of their ids.
std::vector<std::vector<std::string>> DefectsIn(
    FoundDataset::Format format, const std::string& root,
    const IndexBuildOptions& options) {
  std::vector<std::vector<std::string>> result;
  const absl::StatusOr<Annotations> all = BuildIndex(format, root, options);
  EXPECT_THAT(all, IsOk());
  if (!all.ok()) {
    return result;
  }
  for (const IndexedRecord& record : all->split[0]) {
    std::vector<std::string>& defects = result.emplace_back();
    for (const Defect& defect : record.defect()) {
      defects.push_back(absl::StrCat(defect.kind(), ": ", defect.detail()));
    }
  }
  return result;
}

std::vector<std::vector<std::string>> DefectsOf(
    const std::string& root, const IndexBuildOptions& options = {}) {
  return DefectsIn(FoundDataset::RRSISD, root, options);
}

std::vector<std::string> DefectsOfRecord(const SmallRecord& record) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {record});
  return DefectsOf(root).at(0);
}

TEST(IndexBuildTest, FindsWhatIsWrongWithOneRecord) {
  EXPECT_THAT(DefectsOfRecord(SmallRecord{}), IsEmpty());
  EXPECT_THAT(DefectsOfRecord({.mask = {0, 0, 0, 0}}),
              ElementsAre("empty_mask: 0 of 24 x 32"));
  EXPECT_THAT(DefectsOfRecord({.image_height = 23}),
              ElementsAre("size_mismatch: mask of 24 x 32, image of 23 x 32 "
                          "(height x width)"));
  EXPECT_THAT(DefectsOfRecord({.box = {20, 10, 30, 20}}),
              ElementsAre("box_far_from_mask: box 20, 10, 30, 20, mask within "
                          "3, 4, 9, 9"));
  for (const std::array<int, 4>& box : {std::array<int, 4>{9, 4, 3, 9},
                                        {3, 4, 33, 9},
                                        {-1, 4, 9, 9},
                                        {3, 4, 9, 25}}) {
    EXPECT_THAT(DefectsOfRecord({.box = box}),
                ElementsAre(AllOf(HasSubstr("box_invalid: box "),
                                  HasSubstr(" in an image of 24 x 32"))));
  }
  // Where image and mask differ in size, the box may reach as far as either.
  EXPECT_THAT(
      DefectsOfRecord(
          {.image_height = 23, .mask = {3, 4, 9, 24}, .box = {3, 4, 9, 24}}),
      ElementsAre(HasSubstr("size_mismatch: ")));
  EXPECT_THAT(DefectsOfRecord({.image_height = 26, .box = {3, 4, 9, 26}}),
              ElementsAre(HasSubstr("size_mismatch: ")));
  EXPECT_THAT(
      DefectsOfRecord({.image_height = 23, .box = {3, 4, 9, 25}}),
      ElementsAre(HasSubstr("box_invalid: "), HasSubstr("size_mismatch: ")));
  EXPECT_THAT(DefectsOfRecord({.area = 102243}),
              ElementsAre("wrong_area: area 102243, the mask has 30 pixels"));
  EXPECT_THAT(
      DefectsOfRecord(
          {.box = {8, 8, 16, 16}, .area = 32, .counts = RingingCounts()}),
      ElementsAre(HasSubstr("ringing_mask: ")));
  EXPECT_THAT(DefectsOfRecord({.mask = {8, 8, 16, 16}, .box = {8, 8, 16, 16}}),
              IsEmpty());
  EXPECT_THAT(DefectsOfRecord({.mask = {0, 0, 32, 24}, .box = {0, 0, 32, 24}}),
              ElementsAre("mask_of_whole_image: 768 of 768 pixels"));
  EXPECT_THAT(DefectsOfRecord({.sentence = "d\xC3\xA9p\xC3\xB4t"}),
              ElementsAre(HasSubstr("non_ascii_sentence: byte 1 of \"d")));
  EXPECT_THAT(DefectsOfRecord({.counts = "1"}),
              ElementsAre(HasSubstr("mask_unreadable: ")));
  EXPECT_THAT(DefectsOfRecord({.with_annotation = false}),
              ElementsAre(HasSubstr("mask_missing: ")));
  EXPECT_THAT(DefectsOfRecord({.annotation_category_id = 7}),
              ElementsAre(HasSubstr("category_mismatch: ")));
}

TEST(IndexBuildTest, ImagesThatAreMissingOrBroken) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1, .with_image = false},
                           {.id = 2},
                           {.id = 3},
                           {.id = 4},
                           {.id = 5},
                           {.id = 6}});
  const auto path = [&](int64_t id) { return SmallImagePath(root, id); };
  ASSERT_THAT(WriteFile(path(2), ""), IsOk());
  std::filesystem::remove(path(3));
  std::filesystem::create_directory(path(3));
  ASSERT_THAT(WriteFile(path(4), "no picture"), IsOk());
  std::filesystem::resize_file(path(5),
                               std::filesystem::file_size(path(5)) - 40);
  const auto first = [&](const IndexBuildOptions& options) {
    std::vector<std::string> texts;
    for (const auto& defects : DefectsOf(root, options)) {
      texts.push_back(defects.empty() ? "" : defects[0]);
    }
    return texts;
  };
  EXPECT_THAT(
      first({}),
      ElementsAre(AllOf(HasSubstr("image_missing: "), HasSubstr(path(1))),
                  AllOf(HasSubstr("image_unreadable: "),
                        HasSubstr(path(2) + " is empty")),
                  AllOf(HasSubstr("image_missing: "),
                        HasSubstr(path(3) + " is a directory")),
                  HasSubstr("image_unreadable: "), "", ""));
  std::vector<std::string> digests;
  IndexBuildOptions decoding;
  decoding.decode_images = true;
  decoding.image_digests = &digests;
  EXPECT_THAT(first(decoding), Contains(AllOf(HasSubstr("image_unreadable: "),
                                              HasSubstr(path(5)))));
  ASSERT_EQ(digests.size(), 6u);
  EXPECT_EQ(digests[0], "");
  EXPECT_EQ(digests[5], *Sha256OfFile(path(6)));
}

TEST(IndexBuildTest, WhatSplitsShare) {
  const std::string root = NewDatasetDir();
  PutFile(root, "train.jsonl",
          R"({"sent": "The dam", "file_name": "a.jpg", "image_id": 1})"
          "\n"
          R"({"sent": "A ship", "file_name": "b.jpg", "image_id": 2})");
  PutFile(root, "val.jsonl",
          R"({"sent": "The dam", "file_name": "b.jpg", "image_id": 3})");
  PutFile(root, "test.jsonl",
          R"({"sent": "The dam", "file_name": "c.jpg", "image_id": 4})");
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       BuildIndex(FoundDataset::JSONL, root, {}));
  const auto last = [&](int split, int record) {
    const auto& defects = all.split[split][record].defect();
    return absl::StrCat(defects[defects.size() - 1].kind(), ": ",
                        defects[defects.size() - 1].detail());
  };
  EXPECT_EQ(last(0, 0),
            "sentence_in_two_splits: \"The dam\" is also in val and test");
  EXPECT_EQ(last(0, 1), "image_in_two_splits: \"b.jpg\" is also in val");
  EXPECT_EQ(last(2, 0),
            "sentence_in_two_splits: \"The dam\" is also in train and val");
}

TEST(IndexBuildTest, MaskFilesAreRead) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_val.txt", "1 dam\n2 dam\n3 dam");
  // The name does not matter, the contents do.
  PutFile(root, "img_rgb/1.png", SmallJpeg(16, 24));
  PutFile(root, "mask/1.png", SmallMask(16, 24, 8));
  PutFile(root, "img_rgb/2.png", SmallJpeg(16, 24));
  PutFile(root, "img_rgb/3.png", SmallJpeg(16, 24));
  PutFile(root, "mask/3.png", "nonsense");
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       BuildIndex(FoundDataset::RISBENCH, root, {}));
  ASSERT_EQ(all.split[1].size(), 3u);
  EXPECT_EQ(MaskOf(all.split[1][0]).width, 24);
  EXPECT_EQ(RleArea(MaskOf(all.split[1][0])), 8 * 24);
  EXPECT_EQ(all.split[1][1].defect(0).kind(), "mask_missing");
  EXPECT_EQ(all.split[1][2].defect(0).kind(), "mask_unreadable");
}

// A data set of one record with a mask file of tests/data/image/testdata, of 10
// x 12 pixels; its defects.
std::vector<std::string> DefectsOfMask(const std::string& name,
                                       int ignored_label = 0) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_train.txt", "1 dam\n");
  PutFile(root, "img_rgb/1.png", SmallJpeg(10, 12));
  const absl::StatusOr<std::string> mask =
      ReadFile(absl::StrCat("tests/data/image/testdata/mask_", name));
  EXPECT_THAT(mask, IsOk());
  PutFile(root, "mask/1.png", mask.value_or(""));
  IndexBuildOptions options;
  options.ignored_label = ignored_label;
  return DefectsIn(FoundDataset::RISBENCH, root, options).at(0);
}

TEST(IndexBuildTest, MaskFilesAreNotBelievedBlindly) {
  EXPECT_THAT(DefectsOfMask("palette_8_bits.png"), IsEmpty())
      << "white is the background, by its index";
  EXPECT_THAT(DefectsOfMask("alpha_agrees.png"), IsEmpty());
  EXPECT_THAT(DefectsOfMask("gray_soft.png"),
              ElementsAre("mask_of_many_values: 2 gray values besides 0: 90, "
                          "255"));
  EXPECT_THAT(DefectsOfMask("palette_label_15.png", 15), IsEmpty());
  EXPECT_THAT(DefectsOfMask("palette_label_15.png"),
              ElementsAre(HasSubstr("mask_of_many_values: ")));
  EXPECT_THAT(DefectsOfMask("alpha_only.png"),
              ElementsAre(HasSubstr("mask_in_alpha: all pixels have color")));
  EXPECT_THAT(DefectsOfMask("overlay.png"),
              ElementsAre(HasSubstr("looks like a picture"),
                          HasSubstr("mask_of_whole_image: ")));
  EXPECT_THAT(DefectsOfMask("gray_from_one.png"),
              ElementsAre(HasSubstr("2 gray values besides 0: 1, 2"),
                          "mask_of_whole_image: 120 of 120 pixels"));
}

// "é" as one character, and as "e" with a mark.
constexpr char kComposed[] = "caf\xC3\xA9";
constexpr char kTakenApart[] = "cafe\xCC\x81";

TEST(IndexBuildTest, FilesAreFoundUnderNamesOfAnotherUnicodeForm) {
  for (const bool composed_on_disk : {true, false}) {
    const std::string on_disk = composed_on_disk ? kComposed : kTakenApart;
    const std::string said = composed_on_disk ? kTakenApart : kComposed;
    const std::string root = NewDatasetDir();
    PutFile(root, "output_phrase_train.txt", said + " dam\n");
    PutFile(root, absl::StrCat("img_rgb/", on_disk, ".png"), SmallJpeg(16, 24));
    PutFile(root, absl::StrCat("mask/", on_disk, ".png"), SmallMask(16, 24, 8));
    ASSERT_OK_AND_ASSIGN(const Annotations all,
                         BuildIndex(FoundDataset::RISBENCH, root, {}));
    const IndexedRecord& record = all.split[0].at(0);
    EXPECT_EQ(record.image(), absl::StrCat("img_rgb/", on_disk, ".png"));
    EXPECT_EQ(record.mask_file(), absl::StrCat("mask/", on_disk, ".png"));
    EXPECT_EQ(record.image_height(), 16);
    EXPECT_EQ(record.defect_size(), 0);
  }
}

}  // namespace
}  // namespace transect
