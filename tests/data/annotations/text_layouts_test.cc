// The layouts that are lines of text: REFSEGRS, RISBENCH and JSONL.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Defects(const IndexedRecord& record) {
  std::vector<std::string> defects;
  for (const Defect& defect : record.defect()) {
    defects.push_back(absl::StrCat(defect.kind(), ": ", defect.detail()));
  }
  return defects;
}

std::string ErrorOf(FoundDataset::Format format, const std::string& root) {
  const absl::StatusOr<Annotations> all = ReadAnnotations(format, root);
  EXPECT_THAT(all, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(all.status().message());
}

TEST(PhrasesTest, ReadsLinesOfIdAndPhrase) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_train.txt",
          "12 road\r\n7 light-duty vehicle, on the  left\n\n");
  PutFile(root, "output_phrase_test.txt", "9 \xC3\xA9");
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::REFSEGRS, root));
  ASSERT_EQ(all.split[0].size(), 2u);
  const IndexedRecord& second = all.split[0][1];
  EXPECT_EQ(second.id(), 7);
  EXPECT_EQ(second.image(), "images/7.tif");
  EXPECT_EQ(second.mask_file(), "masks/7.tif");
  EXPECT_EQ(second.sentence(), "light-duty vehicle, on the  left");
  EXPECT_EQ(second.category_id(), -1);
  EXPECT_EQ(second.place(), "output_phrase_train.txt:2:1");
  EXPECT_EQ(all.split[0][0].sentence(), "road");
  ASSERT_EQ(all.split[2].size(), 1u);
  ASSERT_OK_AND_ASSIGN(const Annotations ris,
                       ReadAnnotations(FoundDataset::RISBENCH, root));
  EXPECT_EQ(ris.split[2][0].image(), "img_rgb/9.png");
  EXPECT_EQ(ris.split[2][0].mask_file(), "mask/9.png");
}

TEST(PhrasesTest, IdsThatAreNoDifferentNumbersGiveWayToRowNumbers) {
  for (const char* line : {"12 again", "a1 dam", "-3 dam"}) {
    const std::string root = NewDatasetDir();
    PutFile(root, "output_phrase_train.txt", "12 road\n");
    PutFile(root, "output_phrase_val.txt", line);
    ASSERT_OK_AND_ASSIGN(const Annotations all,
                         ReadAnnotations(FoundDataset::REFSEGRS, root));
    EXPECT_EQ(all.split[0][0].id(), 0);
    EXPECT_EQ(all.split[1][0].id(), 1);
  }
}

TEST(PhrasesTest, AnyWhiteSpaceStandsAroundIdAndPhrase) {
  const std::string root = NewDatasetDir();
  // A byte-order mark, a tab, spaces on all sides, a no-break space, a line of
  // white space alone.
  PutFile(root, "output_phrase_train.txt",
          "\xEF\xBB\xBF"
          "1\troad\n 2   the  road \n3\xC2\xA0road\n \t\r\n4 road\n");
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::REFSEGRS, root));
  ASSERT_EQ(all.split[0].size(), 4u);
  for (int i = 0; i < 4; ++i) {
    const IndexedRecord& record = all.split[0][i];
    EXPECT_EQ(record.image(), absl::StrCat("images/", i + 1, ".tif"));
    EXPECT_EQ(record.sentence(), i == 1 ? "the  road" : "road");
  }
  EXPECT_EQ(all.split[0][3].place(), "output_phrase_train.txt:5:1");
}

TEST(PhrasesTest, BadLinesAreNamed) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_val.txt", "1 a\n2 \xFF\n");
  EXPECT_THAT(
      ErrorOf(FoundDataset::REFSEGRS, root),
      HasSubstr("output_phrase_val.txt:2:1: byte 2 is 0xFF, which is not "
                "valid UTF-8 there: \"2 \\xff\""));
  PutFile(root, "output_phrase_val.txt", "lonely\n");
  EXPECT_THAT(ErrorOf(FoundDataset::REFSEGRS, root),
              HasSubstr(":1:1: must be an id, white space and a phrase"));
  PutFile(root, "output_phrase_val.txt", "../1 dam\n");
  EXPECT_THAT(ErrorOf(FoundDataset::REFSEGRS, root),
              HasSubstr("names the file \"../1\""));
}

constexpr char kRow[] =
    R"({"split": "val", "image_id": 4, "sent": "The dam", "file_name": "a.jpg",
        "category_id": 8, "category_name": "dam", "ann_id": 40,
        "bbox": [1, 0, 3, 2], "more": {"x": [1]}, "area": 9,
        "segmentation": [{"size": [3, 4], "counts": "525"}]})";

std::string Row(absl::string_view from = "", absl::string_view to = "") {
  std::string row = absl::StrReplaceAll(kRow, {{"\n", " "}});
  if (!from.empty()) {
    const std::string changed = absl::StrReplaceAll(row, {{from, to}});
    EXPECT_NE(changed, row) << from;
    row = changed;
  }
  return row + "\n";
}

TEST(JsonlTest, BothFormsOfSegmentationAndUnknownFields) {
  const std::string root = NewDatasetDir();
  PutFile(root, "datainfo/rrsisd_val.jsonl",
          Row() + Row("[{\"size\": [3, 4], \"counts\": \"525\"}]",
                      "{\"size\": [3, 4], \"counts\": [5, 2, 5]}"));
  PutFile(root, "images/a.jpg", "");
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::JSONL, root));
  ASSERT_EQ(all.split[1].size(), 2u);
  for (const IndexedRecord& record : all.split[1]) {
    EXPECT_EQ(record.image(), "images/a.jpg");
    EXPECT_EQ(record.sentence(), "The dam");
    EXPECT_EQ(record.category_id(), 8);
    EXPECT_THAT(record.box(), ElementsAre(1, 0, 3, 2));
    EXPECT_EQ(record.given_area(), 9);
    EXPECT_THAT(record.runs(), ElementsAre(5, 2, 5));
    EXPECT_THAT(Defects(record), IsEmpty());
  }
  EXPECT_EQ(all.split[1][0].id(), 0) << "the same ann_id twice";
}

TEST(JsonlTest, AByteOrderMarkPolygonsAndTheFieldOfTheSentence) {
  const std::string root = NewDatasetDir();
  PutFile(root, "datainfo/x_val.jsonl",
          absl::StrCat("\xEF\xBB\xBF",
                       Row("\"more\": {\"x\": [1]}",
                           R"("raw": "dam", "tokens": ["the", "dam"])"),
                       Row("[{\"size\": [3, 4], \"counts\": \"525\"}]",
                           "[[2, 3, 9, 3, 9, 8, 2, 8]], \"height\": 12, "
                           "\"width\": 16, \"raw\": null, \"tokens\": null"),
                       Row("[{\"size\": [3, 4], \"counts\": \"525\"}]",
                           "[[2, 3, 9, 3, 9, 8, 2, 8]]"),
                       Row("\"525\"", "\"b'525'\"")));
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::JSONL, root));
  const std::vector<IndexedRecord>& rows = all.split[1];
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].sentence(), "The dam");
  EXPECT_THAT(Defects(rows[0]),
              ElementsAre("sentence_mismatch: read is sent, \"The dam\", raw "
                          "says \"dam\""));
  EXPECT_EQ(rows[1].mask_height(), 12);
  EXPECT_THAT(Defects(rows[1]), IsEmpty());
  EXPECT_THAT(Defects(rows[2]), ElementsAre(HasSubstr("is a polygon, which")));
  EXPECT_THAT(Defects(rows[3]),
              ElementsAre(HasSubstr("printed form of Python bytes")));
  EXPECT_THAT(ReadAnnotations(FoundDataset::JSONL, root, FoundDataset::RAW),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("x_val.jsonl:2:1: has no \"raw\"")));
}

TEST(JsonlTest, AMaskMayBeAFile) {
  const std::string root = NewDatasetDir();
  constexpr absl::string_view kSegmentation =
      "\"segmentation\": [{\"size\": [3, 4], \"counts\": \"525\"}]";
  PutFile(root, "datainfo/x_val.jsonl",
          Row(kSegmentation, R"("mask_file": "b/1.png")"));
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::JSONL, root));
  EXPECT_EQ(all.split[1].at(0).mask_file(), "masks/b/1.png");
  EXPECT_EQ(all.split[1].at(0).mask_height(), 0);
  EXPECT_THAT(Defects(all.split[1][0]), IsEmpty());
  EXPECT_THAT(AnnotationPaths(FoundDataset::JSONL, root),
              ::testing::Contains("masks"));
  PutFile(root, "datainfo/x_val.jsonl",
          Row(kSegmentation, R"("mask_file": "../1.png")"));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("names the file \"../1.png\""));
  PutFile(root, "datainfo/x_val.jsonl",
          Row("\"more\": {\"x\": [1]}", R"("mask_file": "1.png")"));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("has \"mask_file\" and \"segmentation\""));
}

TEST(JsonlTest, PlacesAreFileLineAndColumn) {
  const std::string root = NewDatasetDir();
  PutFile(root, "datainfo/x_val.jsonl", Row() + "\n{\"sent\": }\n");
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("datainfo/x_val.jsonl:3:10: "));
  PutFile(root, "datainfo/x_val.jsonl", Row() + "[]\n");
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("x_val.jsonl:2:1: is of type array, must be object"));
}

TEST(JsonlTest, StringsAndOtherDirectoriesAndSplits) {
  const std::string root = NewDatasetDir();
  PutFile(root, "train.jsonl",
          Row("\"split\": \"val\", \"image_id\": 4", "\"image_id\": \"0081\""));
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::JSONL, root));
  ASSERT_EQ(all.split[0].size(), 1u);
  EXPECT_EQ(all.split[0][0].image(), "a.jpg");
  EXPECT_EQ(all.split[0][0].id(), 40);
  EXPECT_EQ(all.split[0][0].place(), "train.jsonl:1:1");
}

TEST(JsonlTest, BadRowsAreNamedAndBadMasksAreDefects) {
  const std::string root = NewDatasetDir();
  const auto put = [&](const std::string& row) {
    PutFile(root, "datainfo/x_val.jsonl", Row() + row);
  };
  put(Row("\"split\": \"val\"", "\"split\": \"test\""));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("x_val.jsonl:2:1: has split \"test\" in the file of "
                        "split val"));
  put(Row("a.jpg", "../a.jpg"));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root), HasSubstr("../a.jpg"));
  put(Row("The dam", "The d\xFFm"));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              AllOf(HasSubstr("x_val.jsonl:2:"), HasSubstr("UTF-8")));
  put(Row("\"sent\"", "\"sentence\""));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("x_val.jsonl:2:1: has no \"sent\""));
  put(Row("525", "524"));
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::JSONL, root));
  EXPECT_THAT(Defects(all.split[1][1]),
              ElementsAre(HasSubstr("mask_unreadable: runs add up to 11")));
  PutFile(root, "datainfo/y_val.jsonl", Row());
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("split val has 2 files: datainfo/x_val.jsonl, "
                        "datainfo/y_val.jsonl"));
}

}  // namespace
}  // namespace transect
