#include "data/index/dataset_index.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/rrsisd.h"
#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

FoundDataset Spec(const std::string& policy) {
  FoundDataset spec;
  EXPECT_THAT(ParseTextproto(policy, "policy", spec.mutable_policy()), IsOk());
  return spec;
}

std::vector<int64_t> Ids(const DatasetIndex& index) {
  std::vector<int64_t> ids;
  for (const Sample& sample : index.samples()) {
    ids.push_back(sample.id);
  }
  return ids;
}

TEST(DatasetIndexTest, GivesTheSamplesOfASplitById) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 5, .sentence = "A dam"},
                           {.id = 3},
                           {.id = 9, .split = "val", .sentence = "The other"}});
  ASSERT_OK_AND_ASSIGN(const DatasetIndex train,
                       DatasetIndex::OpenRrsisd(root, "train"));
  EXPECT_THAT(Ids(train), ElementsAre(3, 5));
  const Sample& sample = train.samples()[1];
  EXPECT_EQ(sample.sentence, "A dam");
  EXPECT_EQ(sample.split, "train");
  EXPECT_EQ(sample.category_id, 8);
  EXPECT_EQ(sample.image_path, SmallImagePath(root, 5));
  EXPECT_EQ(sample.image_height, 24);
  EXPECT_EQ(sample.image_width, 32);
  EXPECT_THAT(RleBox(sample.mask), ElementsAre(3, 4, 9, 9));
  EXPECT_FALSE(sample.objects_known);
  EXPECT_EQ(train.use().Summary("train"), "");
}

TEST(DatasetIndexTest, ABlindRunReadsOneSentence) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root,
                    {{.id = 1, .sentence = "A dam"}, {.id = 2}, {.id = 3}});
  DataSpec spec;
  spec.mutable_synthesis();
  ASSERT_OK_AND_ASSIGN(const DatasetIndex own,
                       DatasetIndex::Open(root, spec, "train"));
  EXPECT_EQ(own.samples()[0].sentence, "A dam");
  EXPECT_EQ(own.samples()[1].sentence, "The dam");
  spec.set_sentences(DataSpec::CONSTANT);
  ASSERT_OK_AND_ASSIGN(const DatasetIndex constant,
                       DatasetIndex::Open(root, spec, "train"));
  ASSERT_EQ(constant.samples().size(), 3u);
  for (const Sample& sample : constant.samples()) {
    EXPECT_EQ(sample.sentence, kConstantSentence);
  }
}

TEST(DatasetIndexTest, AMissingSplitIsOneClearError) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}, {.id = 3, .split = "val"}});
  for (const std::string& cache : {std::string(), NewDatasetDir()}) {
    EXPECT_THAT(
        DatasetIndex::OpenFound(root, FoundDataset(), "test", cache),
        StatusIs(absl::StatusCode::kNotFound,
                 AllOf(HasSubstr(root),
                       HasSubstr("has no record of split \"test\"; it has 2 "
                                 "of train, 1 of val"))));
  }
  EXPECT_THAT(DatasetIndex::OpenRrsisd(root, "Train"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("must be train, val or test")));
}

TEST(DatasetIndexTest, ADefectWithoutAPolicyNamesFileRecordAndField) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1},
                           {.id = 2, .mask = {0, 0, 0, 0}},
                           {.id = 3, .mask = {0, 0, 0, 0}},
                           {.id = 4, .with_image = false},
                           {.id = 5, .split = "val", .mask_height = 30}});
  EXPECT_THAT(
      DatasetIndex::OpenRrsisd(root, "train"),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          AllOf(
              HasSubstr(absl::StrCat(
                  root,
                  "/rrsisd/refs(unc).p: reference 1 (id 2): "
                  "empty_mask: 0 of 24 x 32; and 1 more in split "
                  "train; data.found.policy.empty_mask may be ERROR, KEEP "
                  "or DROP")),
              HasSubstr("reference 3 (id 4): image_missing: "),
              HasSubstr("00004.jpg"),
              HasSubstr(absl::StrCat("\n`transect data check ", root, "` ")),
              HasSubstr("data.found.policy.image_missing may be ERROR or DROP"),
              Not(HasSubstr("size_mismatch")))))
      << "only what the opened split has";
}

TEST(DatasetIndexTest, ThePolicyDropsKeepsAndRepairs) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root,
                    {{.id = 1},
                     {.id = 2, .mask = {0, 0, 0, 0}},
                     {.id = 3, .image_height = 48, .image_width = 64},
                     {.id = 4, .with_image = false},
                     {.id = 5, .box = {20, 4, 29, 9}},
                     {.id = 6, .image_height = 23, .mask = {0, 0, 0, 0}}});
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex index,
      DatasetIndex::OpenFound(
          root,
          Spec("empty_mask: DROP size_mismatch: REPAIR image_missing: DROP "
               "box_far_from_mask: KEEP"),
          "train", ""));
  EXPECT_THAT(Ids(index), ElementsAre(1, 3, 5));
  const Sample& repaired = index.samples()[1];
  EXPECT_EQ(repaired.mask.height, 48);
  EXPECT_EQ(repaired.mask.width, 64);
  EXPECT_THAT(RleBox(repaired.mask), ElementsAre(6, 8, 18, 18));
  EXPECT_EQ(index.use().Summary("train"),
            "split train: 3 of 6 records; kept: box_far_from_mask 1; dropped: "
            "empty_mask 2, image_missing 1; repaired: size_mismatch 1");
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex kept,
      DatasetIndex::OpenFound(
          root,
          Spec("empty_mask: KEEP size_mismatch: DROP image_missing: DROP "
               "box_far_from_mask: DROP"),
          "train", ""));
  EXPECT_THAT(Ids(kept), ElementsAre(1, 2));
}

TEST(DatasetIndexTest, APolicyThatDropsAllIsAnError) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 2, .mask = {0, 0, 0, 0}}});
  EXPECT_THAT(
      DatasetIndex::OpenFound(root, Spec("empty_mask: DROP"), "train", ""),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("0 of 1 records; dropped: empty_mask 1")));
}

TEST(DatasetIndexTest, DamageBehindTheHeaderIsFoundWhereThePolicyDropsIt) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}});
  const std::string image = SmallImagePath(root, 2);
  std::filesystem::resize_file(image, std::filesystem::file_size(image) - 60);
  const std::string cache = NewDatasetDir();
  ASSERT_OK_AND_ASSIGN(const DatasetIndex whole,
                       DatasetIndex::OpenFound(root, Spec(""), "train", cache));
  EXPECT_THAT(Ids(whole), ElementsAre(1, 2)) << "headers only";
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex index,
      DatasetIndex::OpenFound(root, Spec("image_unreadable: DROP"), "train",
                              cache));
  EXPECT_THAT(Ids(index), ElementsAre(1));
}

TEST(DatasetIndexTest, TheCacheGivesTheSameAndNoticesChanges) {
  const std::string root = NewDatasetDir();
  const std::string cache = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2, .split = "val"}});
  const FoundDataset spec = Spec("sentence_in_two_splits: DROP");
  const auto summary = [&]() -> std::string {
    const absl::StatusOr<DatasetIndex> index =
        DatasetIndex::OpenFound(root, spec, "train", cache);
    return index.ok() ? absl::StrCat(index->samples()[0].sentence,
                                     index->samples()[0].mask.runs.size())
                      : std::string(index.status().message());
  };
  const std::string first = summary();
  EXPECT_THAT(first, HasSubstr("0 of 1 records"));
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> files,
                       ListDirectory(cache));
  EXPECT_EQ(files.size(), 3u) << "one for each split";
  EXPECT_EQ(summary(), first);
  WriteSmallDataset(
      root, {{.id = 1}, {.id = 2, .split = "val", .sentence = "The bridge"}});
  EXPECT_EQ(summary(), "The dam13");
  // A damaged cache is ignored.
  for (const std::string& file : files) {
    ASSERT_THAT(WriteFile(absl::StrCat(cache, "/", file), "TRSCTIDX garbage"),
                IsOk());
  }
  EXPECT_EQ(summary(), "The dam13");
  // A cache that cannot be written is not an error.
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex index,
      DatasetIndex::OpenFound(root, spec, "train", "/proc/no/such"));
  EXPECT_EQ(index.samples().size(), 1u);
}

TEST(DatasetIndexTest, AnImageThatIsWrittenOverInPlaceIsNoticed) {
  const std::string root = NewDatasetDir();
  const std::string cache = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}});
  const auto height = [&]() -> int {
    const absl::StatusOr<DatasetIndex> index = DatasetIndex::OpenFound(
        root, Spec("size_mismatch: KEEP"), "train", cache);
    EXPECT_THAT(index, IsOk());
    return index.ok() ? index->samples()[1].image_height : -1;
  };
  EXPECT_EQ(height(), 24);
  // No name in the directory changes, and so not its time either.
  ASSERT_THAT(WriteFile(SmallImagePath(root, 2), SmallJpeg(48, 64)), IsOk());
  EXPECT_EQ(height(), 48);
  EXPECT_EQ(height(), 48) << "and the cache is made again";
  // By time alone where inode and size stay.
  const std::string image = SmallImagePath(root, 2);
  std::string bytes = *ReadFile(image);
  ASSERT_THAT(WriteFile(image, std::string(bytes.size(), 'x')), IsOk());
  std::filesystem::last_write_time(
      image, std::filesystem::last_write_time(image) + std::chrono::seconds(1));
  EXPECT_THAT(DatasetIndex::OpenFound(root, Spec("size_mismatch: KEEP"),
                                      "train", cache),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("00002.jpg is neither JPEG nor PNG")));
  // Gone without a trace in the directory's time.
  const auto time = std::filesystem::last_write_time(
      std::filesystem::path(image).parent_path());
  std::filesystem::remove(image);
  std::filesystem::last_write_time(std::filesystem::path(image).parent_path(),
                                   time);
  EXPECT_THAT(
      DatasetIndex::OpenFound(root, Spec("size_mismatch: KEEP"), "train",
                              cache),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("image_missing")));
}

TEST(DatasetIndexTest, SoIsAMaskFile) {
  const std::string root = NewDatasetDir();
  const std::string cache = NewDatasetDir();
  PutFile(root, "output_phrase_train.txt", "1 the road\n");
  PutFile(root, "images/1.tif", SmallJpeg(24, 32));
  const std::string mask = root + "/masks/1.tif";
  PutFile(root, "masks/1.tif", SmallMask(24, 32, 16));
  FoundDataset spec;
  spec.set_format(FoundDataset::REFSEGRS);
  spec.mutable_policy()->set_size_mismatch(DefectPolicy::REPAIR);
  const auto area = [&]() -> int64_t {
    const absl::StatusOr<DatasetIndex> index =
        DatasetIndex::OpenFound(root, spec, "train", cache);
    EXPECT_THAT(index, IsOk());
    return index.ok() ? RleArea(index->samples()[0].mask) : -1;
  };
  EXPECT_EQ(area(), 16 * 32);
  ASSERT_THAT(WriteFile(mask, SmallMask(24, 32, 8)), IsOk());
  EXPECT_EQ(area(), 8 * 32);
}

TEST(DatasetIndexTest, MasksInAnAlphaChannelAreUsedWhereThePolicySaysSo) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_train.txt", "1 the road\n");
  PutFile(root, "img_rgb/1.png", SmallJpeg(10, 12));
  PutFile(root, "mask/1.png",
          *ReadFile("tests/data/image/testdata/mask_alpha_only.png"));
  FoundDataset spec;
  spec.set_format(FoundDataset::RISBENCH);
  EXPECT_THAT(
      DatasetIndex::OpenFound(root, spec, "train", ""),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("data.found.policy.mask_in_alpha may be ERROR, DROP "
                         "or REPAIR")));
  spec.mutable_policy()->set_mask_in_alpha(DefectPolicy::REPAIR);
  ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                       DatasetIndex::OpenFound(root, spec, "train", ""));
  EXPECT_THAT(RleBox(index.samples()[0].mask), ElementsAre(3, 2, 8, 6));
  EXPECT_EQ(index.use().Summary("train"),
            "split train: 1 of 1 records; repaired: mask_in_alpha 1");
}

TEST(DatasetIndexTest, TheSentenceIsThatOfTheFieldThatTheSpecNames) {
  const std::string root = NewDatasetDir();
  const std::string cache = NewDatasetDir();
  PutFile(root, "train.jsonl",
          R"({"sent": "The dam", "raw": "dam", "file_name": "a.jpg",)"
          R"( "segmentation": [[1, 1, 9, 1, 9, 9]], "height": 24,)"
          R"( "width": 32})"
          "\n");
  PutFile(root, "a.jpg", SmallJpeg(24, 32));
  FoundDataset spec;
  spec.set_format(FoundDataset::JSONL);
  for (const std::string sentence : {"The dam", "dam", "The dam"}) {
    spec.set_sentence_field(sentence == "dam" ? FoundDataset::RAW
                                              : FoundDataset::SENT);
    ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                         DatasetIndex::OpenFound(root, spec, "train", cache));
    EXPECT_EQ(index.samples()[0].sentence, sentence);
    EXPECT_EQ(index.use().Summary("train"),
              "split train: 1 of 1 records; kept: sentence_mismatch 1");
  }
}

TEST(DatasetIndexTest, SyntheticDataIsOpenedWithTheDefaultPolicy) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}});
  DataSpec spec;
  spec.mutable_synthesis();
  ASSERT_OK_AND_ASSIGN(const DatasetIndex index,
                       DatasetIndex::Open(root, spec, "train"));
  EXPECT_EQ(index.samples().size(), 1u);
}

}  // namespace
}  // namespace transect
