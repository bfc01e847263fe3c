#include "data/index/content_digest.h"

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// The mask of SmallRecord, column by column.
constexpr char kRuns[] = "76,5,19,5,19,5,19,5,19,5,19,5,567";

std::string DigestOf(const std::string& root, const std::string& policy = "") {
  FoundDataset spec;
  EXPECT_THAT(ParseTextproto(policy, "policy", spec.mutable_policy()), IsOk());
  const absl::StatusOr<DatasetIndex> index =
      DatasetIndex::OpenFound(root, spec, "train", "");
  EXPECT_THAT(index, IsOk());
  const absl::StatusOr<std::string> digest = ContentDigest(*index);
  EXPECT_THAT(digest, IsOk());
  return *digest;
}

std::string DigestOfRecords(const std::vector<SmallRecord>& records,
                            const std::string& policy = "") {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, records);
  return DigestOf(root, policy);
}

TEST(ContentDigestTest, IsThatOfALineForEachItem) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 7}, {.id = 2}});
  std::string lines;
  for (const int id : {2, 7}) {
    ASSERT_OK_AND_ASSIGN(const std::string image,
                         ReadFile(SmallImagePath(root, id)));
    absl::StrAppend(&lines, id, " 24 32 ", kRuns, " ", Sha256(image), "\n");
  }
  EXPECT_EQ(DigestOf(root), Sha256(lines));
}

TEST(ContentDigestTest, NeitherPathsNorTheOrderOfRecordsMatter) {
  EXPECT_EQ(DigestOfRecords({{.id = 1}, {.id = 2, .mask = {1, 1, 5, 5}}},
                            "box_far_from_mask: KEEP"),
            DigestOfRecords({{.id = 2, .mask = {1, 1, 5, 5}}, {.id = 1}},
                            "box_far_from_mask: KEEP"));
}

TEST(ContentDigestTest, TheSameIdsWithOtherContentDiffer) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}});
  const std::string digest = DigestOf(root);
  EXPECT_NE(DigestOfRecords({{.id = 1}, {.id = 2, .mask = {3, 4, 9, 8}}}),
            digest)
      << "another mask";
  EXPECT_NE(DigestOfRecords({{.id = 1}, {.id = 3}}), digest) << "another id";
  EXPECT_NE(DigestOfRecords({{.id = 1}}), digest) << "fewer";
  ASSERT_THAT(WriteFile(SmallImagePath(root, 2), SmallJpeg(24, 32, 77)),
              IsOk());
  EXPECT_NE(DigestOf(root), digest) << "another image";
}

// A model may be told other things about the same images.
TEST(ContentDigestTest, SentencesAndCategoriesDoNotEnter) {
  EXPECT_EQ(DigestOfRecords({{.id = 1}}),
            DigestOfRecords({{.id = 1,
                              .sentence = "A ship",
                              .category_id = 13,
                              .annotation_category_id = 13}}));
}

// The policy keeps the id; the mask of a split that drops the record differs
// from that of one that repairs it, and the repaired mask is what counts.
TEST(ContentDigestTest, ARepairedMaskIsTheOneThatIsScored) {
  const std::vector<SmallRecord> records = {
      {.id = 1}, {.id = 2, .mask_height = 12, .mask_width = 16}};
  const std::string repaired = DigestOfRecords(records,
                                               "size_mismatch: REPAIR "
                                               "box_invalid: KEEP "
                                               "box_far_from_mask: "
                                               "KEEP");
  EXPECT_NE(repaired, DigestOfRecords(records,
                                      "size_mismatch: DROP "
                                      "box_invalid: KEEP "
                                      "box_far_from_mask: KEEP"));
  // Twice the rectangle 3, 4, 9, 9 of the small mask.
  EXPECT_EQ(repaired,
            DigestOfRecords({{.id = 1}, {.id = 2, .mask = {6, 8, 18, 18}}},
                            "box_far_from_mask: KEEP"));
}

TEST(ContentDigestTest, AMaskCountsByItsPixelsAndNotByItsSpelling) {
  // Empty runs within, and one at the end.
  const Rle spelled = {24, 32, {70, 0, 6,  2, 0,  3, 19, 5, 19,  5,
                                19, 5, 19, 5, 19, 5, 0,  0, 567, 0}};
  EXPECT_EQ(DigestOfRecords({{.id = 1, .counts = EncodeRleString(spelled)}}),
            DigestOfRecords({{.id = 1}}));
}

TEST(ContentDigestTest, AMissingImageIsNamed) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}});
  ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                       DatasetIndex::OpenRrsisd(root, "train"));
  std::filesystem::remove(SmallImagePath(root, 1));
  EXPECT_THAT(ContentDigest(index),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("00001.jpg")));
}

}  // namespace
}  // namespace transect
