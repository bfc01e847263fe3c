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
  EXPECT_THAT(ReadAnnotations(FoundDataset::RRSISD,
                              absl::StrCat(kMini, "/rrsisd/instances.json")),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("instances.json: it is not a directory")));
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
  std::vector<int64_t> sent_ids = {4};
  int64_t category_id = 2;
  // Of each sentence by sent_ids.
  std::string sent = "The airplane";
  std::string raw = "";
  std::vector<std::string> tokens = {};
  // Nothing is written where it is empty.
  std::vector<int64_t> listed_ids = {};
  std::string split = "val";
  std::string file_name = "00004.jpg";
};

void WriteSentences(const Reference& reference, PickleWriter* writer) {
  writer->BeginList();
  for (const int64_t id : reference.sent_ids) {
    writer->BeginDict();
    writer->String("sent_id");
    writer->Int(id);
    writer->String("sent");
    writer->String(reference.sent);
    if (!reference.raw.empty()) {
      writer->String("raw");
      writer->String(reference.raw);
    }
    if (!reference.tokens.empty()) {
      writer->String("tokens");
      writer->BeginList();
      for (const std::string& token : reference.tokens) writer->String(token);
      writer->EndList();
    }
    writer->EndDict();
  }
  writer->EndList();
}

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
    WriteSentences(reference, &writer);
    if (!reference.listed_ids.empty()) {
      writer.String("sent_ids");
      writer.BeginList();
      for (const int64_t id : reference.listed_ids) writer.Int(id);
      writer.EndList();
    }
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
              HasSubstr("reference 0 has an annotation with image 4, must be "
                        "its image_id 5"));
  EXPECT_THAT(ReferenceError({.sent_ids = {}}), HasSubstr("has 0 sentences"));
  EXPECT_THAT(ReferenceError({.sent_ids = {7, 7}}),
              HasSubstr("sentence 1 has sent_id 7, which occurs twice"));
  EXPECT_THAT(ReferenceError({.sent_ids = {7, -1}}),
              HasSubstr("sentence 1 has no \"sent_id\" of 0 or more"));
  EXPECT_THAT(ReferenceError({.split = "Val"}),
              HasSubstr("split \"Val\", must be train, val or test"));
  EXPECT_THAT(ReferenceError({.file_name = "../4.jpg"}),
              HasSubstr("names the file \"../4.jpg\", must be a file below"));
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
  WriteInstances("categories_id", "category");
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

TEST_F(BrokenRrsisd, FieldsThatSayAThingTwiceAreCompared) {
  Write(kRrsisdRefs, RefsOf({{.raw = "the AIRPLANE.",
                              .tokens = {"the", "air", "plane"},
                              .listed_ids = {4}}}));
  EXPECT_THAT(DefectsOf(), IsEmpty()) << "letters are the same";
  Write(kRrsisdRefs, RefsOf({{.raw = "plane", .tokens = {"a", "plane"}}}));
  EXPECT_THAT(DefectsOf(),
              ElementsAre("sentence_mismatch: read is sent, \"The airplane\", "
                          "raw says \"plane\", tokens says \"a plane\""));
  ASSERT_OK_AND_ASSIGN(
      const Annotations raw,
      ReadAnnotations(FoundDataset::RRSISD, root_, FoundDataset::RAW));
  EXPECT_EQ(raw.split[1].at(0).sentence(), "plane");
  EXPECT_THAT(
      Defects(raw.split[1].at(0)),
      ElementsAre("sentence_mismatch: read is raw, \"plane\", sent says \"The "
                  "airplane\", tokens says \"a plane\""));
  Write(kRrsisdRefs, RefsOf({{}}));
  EXPECT_THAT(ReadAnnotations(FoundDataset::RRSISD, root_, FoundDataset::RAW),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("reference 0 sentence 0 has no \"raw\", which "
                                 "sentence_field: RAW reads")));

  Write(kRrsisdRefs, RefsOf({{.listed_ids = {5, 6}}}));
  EXPECT_THAT(DefectsOf(),
              ElementsAre("sentence_id_mismatch: sent_ids are 5, 6, its "
                          "sentences have 4"));
  Write(kRrsisdRefs, RefsOf({{}}));
  const auto with = [&](const std::string& lists) {
    WriteInstances("{\"annotations\"", "{" + lists + ", \"annotations\"");
    return DefectsOf();
  };
  EXPECT_THAT(with(R"("categories": [{"id": 2, "name": "Air plane"}])"),
              IsEmpty());
  EXPECT_THAT(with(R"("categories": [{"id": 2, "name": "boat"}])"),
              ElementsAre("category_name_mismatch: category 2 is \"airplane\" "
                          "in RRSIS-D, \"boat\" in rrsisd/instances.json"));
  EXPECT_THAT(with(R"("images": [{"id": 4, "file_name": "00004.jpg",
                                  "height": 3, "width": 4}])"),
              IsEmpty());
  EXPECT_THAT(with(R"("images": [{"id": 4, "file_name": "b.jpg",
                                  "height": 30, "width": 4}])"),
              ElementsAre("image_mismatch: the reference has file_name "
                          "\"00004.jpg\", rrsisd/instances.json \"b.jpg\"; "
                          "read is 00004.jpg; rrsisd/instances.json says 30 x "
                          "4 for the image, the mask has 3 x 4"));
  EXPECT_THAT(with(R"("images": [{"id": 9}])"),
              ElementsAre("image_mismatch: rrsisd/instances.json has no image "
                          "4"));
  WriteInstances("\"categories_id\": 2",
                 "\"categories_id\": 2, \"category_id\": 3");
  EXPECT_THAT(DefectsOf(),
              ElementsAre("category_mismatch: the annotation has categories_id "
                          "2 and category_id 3"));
}

TEST_F(BrokenRrsisd, TheGeneralFormOfReferIsARecordForEachSentence) {
  Write(kRrsisdRefs, RefsOf({{.image_id = 581,
                              .ann_id = 1719,
                              .ref_id = 0,
                              .sent_ids = {0, 2},
                              .listed_ids = {0, 2},
                              .split = "train",
                              .file_name = "place_000581_16.jpg"},
                             {.image_id = 7,
                              .ann_id = 8,
                              .ref_id = 1,
                              .sent_ids = {1},
                              .file_name = "other.png"}}));
  Write(kRrsisdInstances, R"({
      "images": [{"id": 581, "file_name": "place_000581.jpg", "height": 12,
                  "width": 16}],
      "annotations": [
        {"id": 1719, "image_id": 581, "category_id": 2, "area": 35.5,
         "bbox": [2.2, 3, 7.1, 5],
         "segmentation": [[2, 3, 9, 3, 9, 8, 2, 8]]},
        {"id": 8, "image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4],
         "segmentation": [[2, 3, 9, 3, 9, 8, 2, 8]]}]})");
  ASSERT_OK_AND_ASSIGN(const Annotations all, Open());
  ASSERT_EQ(all.split[0].size(), 2u);
  EXPECT_EQ(all.split[0][0].id(), 0);
  EXPECT_EQ(all.split[0][1].id(), 2);
  EXPECT_EQ(all.split[0][1].place(),
            "rrsisd/refs(unc).p: reference 0, sentence 1");
  for (const IndexedRecord& record : all.split[0]) {
    EXPECT_EQ(record.image(), "images/rrsisd/JPEGImages/place_000581.jpg");
    EXPECT_THAT(record.box(), ElementsAre(2, 3, 9, 8)) << "COCO's box";
    EXPECT_EQ(record.mask_height(), 12);
    EXPECT_EQ(record.given_area(), -1);
    EXPECT_THAT(Defects(record), IsEmpty());
  }
  ASSERT_EQ(all.split[1].size(), 1u);
  EXPECT_EQ(all.split[1][0].id(), 1);
  EXPECT_EQ(all.split[1][0].image(), "images/rrsisd/JPEGImages/other.png");
  EXPECT_THAT(Defects(all.split[1][0]),
              ElementsAre(HasSubstr("mask_unreadable: \"segmentation\" is a "
                                    "polygon, which needs the height"),
                          "image_mismatch: rrsisd/instances.json has no image "
                          "7"));
}

TEST_F(BrokenRrsisd, AByteOrderMarkIsNoPartOfJson) {
  Write(kRrsisdInstances, absl::StrCat("\xEF\xBB\xBF", kInstances));
  EXPECT_THAT(Open(), IsOk());
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
  EXPECT_THAT(Error(),
              HasSubstr("scenes.jsonl:1:1: has target 3 of 3 objects"));
  WriteScenes("\"category_id\": 7", "\"category_id\": -7");
  EXPECT_THAT(Error(), HasSubstr("has category -7"));
  Write(kRrsisdScenes, "{\"image_id\": 1");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl:1:15: "));
}

}  // namespace
}  // namespace transect
