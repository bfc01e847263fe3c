#include "data/dataset_index.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/io/file.h"
#include "data/pickle.h"
#include "data/rrsisd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMini[] = "tests/data/testdata/rrsisd_mini";

TEST(DatasetIndexTest, ReadsWhatPythonAndPycocotoolsWrote) {
  ASSERT_OK_AND_ASSIGN(const DatasetIndex train,
                       DatasetIndex::OpenRrsisd(kMini, "train"));
  ASSERT_EQ(train.samples().size(), 2u);
  const Sample& first = train.samples()[0];
  EXPECT_EQ(first.id, 3);
  EXPECT_EQ(first.sentence, "A red vehicle on the lower left");
  EXPECT_EQ(first.category_id, 18);
  EXPECT_EQ(first.split, "train");
  EXPECT_EQ(first.image_path,
            absl::StrCat(kMini, "/images/rrsisd/JPEGImages/00003.jpg"));
  EXPECT_EQ(first.mask.height, 4);
  EXPECT_EQ(first.mask.width, 6);
  EXPECT_THAT(RleBox(first.mask), ElementsAre(1, 2, 3, 4));
  EXPECT_FALSE(first.objects_known);
  EXPECT_EQ(train.samples()[1].id, 5);
  EXPECT_EQ(RleArea(train.samples()[1].mask), 0) << "empty masks are legal";
  ASSERT_OK_AND_ASSIGN(const DatasetIndex val,
                       DatasetIndex::OpenRrsisd(kMini, "val"));
  ASSERT_EQ(val.samples().size(), 1u);
  EXPECT_EQ(RleArea(val.samples()[0].mask), 24);
}

TEST(DatasetIndexTest, MissingFoldersAndSplitsAreOneClearError) {
  EXPECT_THAT(
      DatasetIndex::OpenRrsisd("/no/such/root", "train"),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("no data set in the RRSIS-D layout in /no/such/root: "
                         "/no/such/root/rrsisd/refs(unc).p does not exist")));
  EXPECT_THAT(DatasetIndex::OpenRrsisd(kMini, "test"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no reference of split \"test\" among 3")));
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

class BrokenDataset : public ::testing::Test {
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
  absl::StatusOr<DatasetIndex> Open() {
    return DatasetIndex::OpenRrsisd(root_, "val");
  }
  std::string Error() {
    const absl::StatusOr<DatasetIndex> index = Open();
    EXPECT_THAT(index, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(index.status().message());
  }
  std::string ReferenceError(const Reference& reference) {
    Write(kRrsisdRefs, RefsOf({reference}));
    return Error();
  }

  std::string root_;
};

TEST_F(BrokenDataset, TheOtherObjectsOfAScene) {
  WriteScenes("x", "x");
  ASSERT_OK_AND_ASSIGN(const DatasetIndex index, Open());
  const Sample& sample = index.samples()[0];
  ASSERT_TRUE(sample.objects_known);
  ASSERT_EQ(sample.others.size(), 2u);
  EXPECT_EQ(sample.others[0].category_id, 9);
  EXPECT_EQ(sample.others[1].category_id, 7);
  EXPECT_EQ(RleArea(sample.others[1].mask), 12);
}

TEST_F(BrokenDataset, ReferencesThatDisagreeWithThemselves) {
  EXPECT_THAT(ReferenceError({.image_id = 5}),
              HasSubstr("reference 0 has image_id 5, must be its ref_id 4"));
  EXPECT_THAT(ReferenceError({.ann_id = 5}), HasSubstr("ann_id 5"));
  EXPECT_THAT(ReferenceError({.sent_id = 5}), HasSubstr("sent_id 5"));
  EXPECT_THAT(ReferenceError({.category_id = 20}),
              HasSubstr("category 20, must be 0 to 19"));
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

TEST_F(BrokenDataset, AnnotationsThatDoNotFit) {
  WriteInstances("\"image_id\": 4", "\"image_id\": 6");
  EXPECT_THAT(Error(), HasSubstr("an annotation with image 6"));
  WriteInstances("\"categories_id\": 2", "\"categories_id\": 3");
  EXPECT_THAT(Error(), HasSubstr("and category 3"));
  WriteInstances("\"id\": 4", "\"id\": 6");
  EXPECT_THAT(Error(), HasSubstr("no annotation in instances.json"));
  WriteInstances("categories_id", "category_id");
  EXPECT_THAT(Error(),
              HasSubstr("annotations[0] (id 4) has no \"categories_id\""));
  WriteInstances("525", "52");
  EXPECT_THAT(Error(), HasSubstr("(id 4) runs add up to 7"));
  WriteInstances("[3, 4]", "[3]");
  EXPECT_THAT(Error(), HasSubstr("must be [height, width]"));
  WriteInstances("}]}]}", "}, {}]}]}");
  EXPECT_THAT(Error(), HasSubstr("2 elements in \"segmentation\""));
  WriteInstances("\"annotations\"", "\"annotation\"");
  EXPECT_THAT(Error(), HasSubstr("instances.json: has no \"annotations\""));
  Write(kRrsisdInstances, "{\n\"a\": }");
  EXPECT_THAT(Error(), HasSubstr("instances.json:2:6: "));
  Write(kRrsisdInstances, "");
  EXPECT_THAT(Error(), HasSubstr("instances.json:1:1: "));
}

TEST_F(BrokenDataset, ASegmentationThatIsNoListIsAccepted) {
  WriteInstances("[{\"size\": [3, 4], \"counts\": \"525\"}]",
                 "{\"size\": [3, 4], \"counts\": \"525\"}");
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(BrokenDataset, ScenesThatDoNotFit) {
  WriteScenes("\"image_id\": 4", "\"image_id\": 5");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl: image 4 is missing"));
  WriteScenes("\"target\": 1", "\"target\": 3");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl:1: has target 3 of 3 objects"));
  WriteScenes("\"category_id\": 7", "\"category_id\": -7");
  EXPECT_THAT(Error(), HasSubstr("has category -7"));
  Write(kRrsisdScenes, "{\"image_id\": 1");
  EXPECT_THAT(Error(), HasSubstr("scenes.jsonl:1:1:"));
}

}  // namespace
}  // namespace transect
