#include "data/annotations/annotations.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/annotations/pickle.h"
#include "data/annotations/rrsisd.h"
#include "data/io/file.h"
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

constexpr char kMini[] = "tests/data/annotations/testdata/rrsisd_mini";

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

TEST(RrsisdTest, ReadsWhatPythonAndPycocotoolsWrote) {
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::RRSISD, kMini));
  ASSERT_EQ(all.split[0].size(), 2u);
  ASSERT_EQ(all.split[1].size(), 1u);
  EXPECT_EQ(all.records(), 3);
  const IndexedRecord& first =
      all.split[0][0].id() == 3 ? all.split[0][0] : all.split[0][1];
  EXPECT_EQ(first.id(), 3);
  EXPECT_EQ(first.sentence(), "A red vehicle on the lower left");
  EXPECT_EQ(first.category_id(), 18);
  EXPECT_EQ(first.image(), "images/rrsisd/JPEGImages/00003.jpg");
  EXPECT_EQ(first.mask_height(), 4);
  EXPECT_EQ(first.mask_width(), 6);
  EXPECT_THAT(first.box(), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(first.given_area(), 102243);
  EXPECT_FALSE(first.objects_known());
  EXPECT_THAT(Defects(first), IsEmpty());
}

TEST(RrsisdTest, MissingDirectoriesAreOneClearError) {
  EXPECT_THAT(ReadAnnotations(FoundDataset::RRSISD, "/no/such/root"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no data set in /no/such/root: the directory "
                                 "does not exist")));
  EXPECT_THAT(
      ReadAnnotations(FoundDataset::RRSISD, "tests/data"),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("no data set in the RRSIS-D layout in tests/data: "
                         "tests/data/rrsisd/refs(unc).p does not exist")));
  EXPECT_THAT(ReadAnnotations(FoundDataset::REFSEGRS, "tests/data"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no output_phrase_train.txt")));
  EXPECT_THAT(
      ReadAnnotations(FoundDataset::JSONL, "tests/data"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("no NAME_train.jsonl")));
}

// One reference; tests break single fields.
struct Reference {
  int64_t image_id = 4;
  int64_t ann_id = 4;
  int64_t ref_id = 4;
  int64_t sent_id = 4;
  int64_t category_id = 2;
  int sentences = 1;
  std::string split = "val";
  std::string file_name = "00004.jpg";
};

std::string RefsOf(const std::vector<Reference>& references) {
  PickleWriter writer;
  const auto integer = [&](absl::string_view key, int64_t value) {
    writer.String(key);
    writer.Int(value);
  };
  writer.BeginList();
  for (const Reference& reference : references) {
    writer.BeginDict();
    integer("image_id", reference.image_id);
    integer("ann_id", reference.ann_id);
    integer("ref_id", reference.ref_id);
    integer("category_id", reference.category_id);
    writer.String("split");
    writer.String(reference.split);
    writer.String("file_name");
    writer.String(reference.file_name);
    writer.String("sentences");
    writer.BeginList();
    for (int i = 0; i < reference.sentences; ++i) {
      writer.BeginDict();
      integer("sent_id", reference.sent_id);
      writer.String("sent");
      writer.String("The airplane");
      writer.EndDict();
    }
    writer.EndList();
    writer.EndDict();
  }
  writer.EndList();
  return std::move(writer).Finish();
}

constexpr char kInstances[] =
    R"({"annotations": [{"id": 4, "image_id": 4, "categories_id": 2,
        "segmentation": [{"size": [3, 4], "counts": "525"}]}]})";
constexpr char kScenes[] =
    R"({"image_id": 4, "target": 1, "objects": [
        {"category_id": 9, "segmentation": {"size": [3, 4], "counts": "<"}},
        {"category_id": 2, "segmentation": {"size": [3, 4], "counts": "525"}},
        {"category_id": 7, "segmentation": {"size": [3, 4], "counts": "0<"}}]})";

class BrokenRrsisd : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = absl::StrCat(
        ::testing::TempDir(), "/",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_THAT(MakeDirs(root_ + "/rrsisd"), IsOk());
    Write(kRrsisdRefs, RefsOf({{}}));
    Write(kRrsisdInstances, kInstances);
  }

  void Write(const char* path, const std::string& contents) {
    ASSERT_THAT(WriteFile(absl::StrCat(root_, "/", path), contents), IsOk());
  }
  void WriteInstances(absl::string_view from, absl::string_view to) {
    const std::string text = absl::StrReplaceAll(kInstances, {{from, to}});
    ASSERT_NE(text, kInstances);
    Write(kRrsisdInstances, text);
  }
  void WriteScenes(absl::string_view from, absl::string_view to) {
    Write(kRrsisdScenes,
          absl::StrReplaceAll(kScenes, {{"\n", " "}, {from, to}}));
  }
  absl::StatusOr<Annotations> Open() {
    return ReadAnnotations(FoundDataset::RRSISD, root_);
  }
  std::string Error() { return ErrorOf(FoundDataset::RRSISD, root_); }
  // The defects of the only record.
  std::vector<std::string> DefectsOf() {
    const absl::StatusOr<Annotations> all = Open();
    EXPECT_THAT(all, IsOk());
    return all.ok() ? Defects(all->split[1].at(0)) : std::vector<std::string>();
  }
  std::string ReferenceError(const Reference& reference) {
    Write(kRrsisdRefs, RefsOf({reference}));
    return Error();
  }

  std::string root_;
};

TEST_F(BrokenRrsisd, TheOtherObjectsOfAScene) {
  WriteScenes("x", "x");
  ASSERT_OK_AND_ASSIGN(const Annotations all, Open());
  const IndexedRecord& record = all.split[1].at(0);
  ASSERT_TRUE(record.objects_known());
  ASSERT_EQ(record.other_size(), 2);
  EXPECT_EQ(record.other(0).category_id(), 9);
  EXPECT_EQ(record.other(1).category_id(), 7);
  EXPECT_THAT(record.other(1).runs(), ElementsAre(0, 12));
}

TEST_F(BrokenRrsisd, ReferencesThatDisagreeWithThemselves) {
  EXPECT_THAT(ReferenceError({.image_id = 5}),
              HasSubstr("reference 0 has image_id 5, must be its ref_id 4"));
  EXPECT_THAT(ReferenceError({.ann_id = 5}), HasSubstr("ann_id 5"));
  EXPECT_THAT(ReferenceError({.sent_id = 5}), HasSubstr("sent_id 5"));
  EXPECT_THAT(ReferenceError({.sentences = 0}), HasSubstr("has 0 sentences"));
  EXPECT_THAT(ReferenceError({.sentences = 2}), HasSubstr("has 2 sentences"));
  EXPECT_THAT(ReferenceError({.split = "Val"}),
              HasSubstr("split \"Val\", must be train, val or test"));
  EXPECT_THAT(ReferenceError({.file_name = "../4.jpg"}),
              HasSubstr("file_name \"../4.jpg\", must be 00004.jpg"));
  Write(kRrsisdRefs, RefsOf({{}, {}}));
  EXPECT_THAT(Error(), HasSubstr("reference 1 has ref_id 4, which occurs"));
  Write(kRrsisdRefs,
        "\x80\x04"
        "cos\nsystem\n.");
  EXPECT_THAT(Error(), AllOf(HasSubstr("refs(unc).p: "), HasSubstr("GLOBAL")));
  Write(kRrsisdRefs, "\x80\x04}.");
  EXPECT_THAT(Error(), HasSubstr("the root is a dict, must be a list"));
  Write(kRrsisdRefs, "\x80\x04](}e.");
  EXPECT_THAT(Open().status().message(),
              HasSubstr("reference 0 has no key \"ref_id\""));
}

TEST_F(BrokenRrsisd, AnnotationsThatDoNotFit) {
  WriteInstances("\"image_id\": 4", "\"image_id\": 6");
  EXPECT_THAT(Error(), HasSubstr("reference 0 has an annotation with image 6"));
  WriteInstances("categories_id", "category_id");
  EXPECT_THAT(Error(),
              HasSubstr("annotations[0] (id 4) has no \"categories_id\""));
  WriteInstances("\"annotations\"", "\"annotation\"");
  EXPECT_THAT(Error(), HasSubstr("instances.json: has no \"annotations\""));
  Write(kRrsisdInstances, "{\n\"a\": }");
  EXPECT_THAT(Error(), HasSubstr("instances.json:2:6: "));
  Write(kRrsisdInstances, "");
  EXPECT_THAT(Error(), HasSubstr("instances.json:1:1: "));
}

TEST_F(BrokenRrsisd, WhatARunCanDoWithoutIsADefect) {
  EXPECT_THAT(DefectsOf(), IsEmpty());
  WriteInstances("\"categories_id\": 2", "\"categories_id\": 3");
  EXPECT_THAT(DefectsOf(),
              ElementsAre("category_mismatch: the reference has category 2, "
                          "the annotation 3"));
  WriteInstances("\"id\": 4", "\"id\": 6");
  EXPECT_THAT(DefectsOf(), ElementsAre("mask_missing: no annotation in "
                                       "rrsisd/instances.json"));
  WriteInstances("segmentation", "segmentations");
  EXPECT_THAT(DefectsOf(),
              ElementsAre("mask_missing: has no \"segmentation\""));
  WriteInstances("525", "52");
  EXPECT_THAT(DefectsOf(),
              ElementsAre(HasSubstr("mask_unreadable: runs add up to 7")));
  WriteInstances("[3, 4]", "[3]");
  EXPECT_THAT(DefectsOf(), ElementsAre("mask_unreadable: \"size\" must be "
                                       "[height, width]"));
  WriteInstances("}]}]}", "}, {}]}]}");
  EXPECT_THAT(DefectsOf(), ElementsAre(HasSubstr("2 elements")));
  WriteInstances("\"segmentation\"", "\"bbox\": [1, 2], \"segmentation\"");
  EXPECT_THAT(DefectsOf(),
              ElementsAre("box_invalid: \"bbox\" must be [x1, y1, x2, y2]"));
  Write(kRrsisdInstances, kInstances);
  Write(kRrsisdRefs, RefsOf({{.category_id = 20}}));
  EXPECT_THAT(DefectsOf(),
              ElementsAre("unknown_category: category 20, must be 0 to 19",
                          HasSubstr("category_mismatch")));
}

TEST_F(BrokenRrsisd, ASegmentationThatIsNoListIsAccepted) {
  WriteInstances("[{\"size\": [3, 4], \"counts\": \"525\"}]",
                 "{\"size\": [3, 4], \"counts\": \"525\"}");
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(BrokenRrsisd, ScenesThatDoNotFit) {
  WriteScenes("\"image_id\": 4", "\"image_id\": 5");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl: image 4 is missing"));
  WriteScenes("\"target\": 1", "\"target\": 3");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl:1: has target 3 of 3 objects"));
  WriteScenes("\"category_id\": 7", "\"category_id\": -7");
  EXPECT_THAT(Error(), HasSubstr("has category -7"));
  Write(kRrsisdScenes, "{\"image_id\": 1");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl:1:1:"));
}

// ---- The other layouts.

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
  EXPECT_EQ(second.place(), "output_phrase_train.txt:2");
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

TEST(PhrasesTest, BadLinesAreNamed) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_val.txt", "1 a\n2 \xFF\n");
  EXPECT_THAT(ErrorOf(FoundDataset::REFSEGRS, root),
              HasSubstr("output_phrase_val.txt:2: byte 2 is 0xFF, which is not "
                        "valid UTF-8 there: \"2 \\xff\""));
  PutFile(root, "output_phrase_val.txt", "lonely\n");
  EXPECT_THAT(ErrorOf(FoundDataset::REFSEGRS, root),
              HasSubstr(":1: must be an id, one space and a phrase"));
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

TEST(JsonlTest, StringsAndOtherDirectoriesAndSplits) {
  const std::string root = NewDatasetDir();
  PutFile(root, "train.jsonl",
          Row("\"split\": \"val\", \"image_id\": 4", "\"image_id\": \"0081\""));
  ASSERT_OK_AND_ASSIGN(const Annotations all,
                       ReadAnnotations(FoundDataset::JSONL, root));
  ASSERT_EQ(all.split[0].size(), 1u);
  EXPECT_EQ(all.split[0][0].image(), "a.jpg");
  EXPECT_EQ(all.split[0][0].id(), 40);
  EXPECT_EQ(all.split[0][0].place(), "train.jsonl:1");
}

TEST(JsonlTest, BadRowsAreNamedAndBadMasksAreDefects) {
  const std::string root = NewDatasetDir();
  const auto put = [&](const std::string& row) {
    PutFile(root, "datainfo/x_val.jsonl", Row() + row);
  };
  put(Row("\"split\": \"val\"", "\"split\": \"test\""));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("x_val.jsonl:2: has split \"test\" in the file of "
                        "split val"));
  put(Row("a.jpg", "../a.jpg"));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root), HasSubstr("../a.jpg"));
  put(Row("The dam", "The d\xFFm"));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              AllOf(HasSubstr("x_val.jsonl:2"), HasSubstr("UTF-8")));
  put(Row("\"sent\"", "\"sentence\""));
  EXPECT_THAT(ErrorOf(FoundDataset::JSONL, root),
              HasSubstr("x_val.jsonl:2: has no \"sent\""));
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
