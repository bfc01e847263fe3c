#include "data/index/check.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
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
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// A data set in that layout, read by default.
FoundDataset Layout(FoundDataset::Format format) {
  FoundDataset reading;
  reading.set_format(format);
  return reading;
}

std::map<std::string, int64_t> Counts(const DataCheckReport& report) {
  std::map<std::string, int64_t> counts;
  for (const CheckedDefect& defect : report.defect()) {
    counts[defect.kind()] = defect.records();
  }
  return counts;
}

DataCheckReport Check(const std::string& root,
                      const CheckOptions& options = {}) {
  const absl::StatusOr<DataCheckReport> report =
      CheckDataset(Layout(FoundDataset::RRSISD), root, options);
  EXPECT_THAT(report, IsOk());
  return report.value_or(DataCheckReport());
}

TEST(CheckTest, ACleanDataSet) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(
      root,
      {{.id = 1}, {.id = 2}, {.id = 3, .split = "val", .sentence = "A ship"}});
  const DataCheckReport report = Check(root);
  EXPECT_FALSE(StopsRun(report));
  EXPECT_EQ(report.defect_size(), 0);
  ASSERT_EQ(report.split_size(), 3);
  EXPECT_EQ(report.split(0).records(), 2);
  EXPECT_EQ(report.split(0).images(), 2);
  EXPECT_EQ(report.split(0).sentences(), 1);
  EXPECT_EQ(report.split(0).published_records(), 12181);
  const std::string text = RenderDataCheck(report);
  // Three records never claimed to be the published data set.
  EXPECT_THAT(text,
              AllOf(HasSubstr("split      records    images   sentences\n"),
                    Not(HasSubstr("12181")), HasSubstr("no defects")));
}

TEST(CheckTest, EveryKindIsFoundAndCounted) {
  const std::string root = NewDatasetDir();
  std::string words = "The";
  for (int i = 0; i < 70; ++i) {
    words += " dam";
  }
  WriteSmallDataset(
      root,
      {{.id = 1, .mask = {0, 0, 0, 0}},
       {.id = 2, .mask = {0, 0, 0, 0}, .area = 7},
       {.id = 3, .image_height = 23},
       {.id = 4, .box = {20, 10, 30, 20}},
       {.id = 5, .box = {9, 9, 3, 4}},
       {.id = 6, .sentence = words},
       {.id = 7, .with_image = false},
       {.id = 8},
       {.id = 9, .with_annotation = false},
       {.id = 10, .counts = "1"},
       {.id = 11, .category_id = 33},
       {.id = 12, .box = {8, 8, 16, 16}, .area = 32, .counts = RingingCounts()},
       {.id = 13, .split = "test", .image_height = 40},
       {.id = 14, .split = "val", .sentence = "\xC3\xA9"},
       {.id = 15},
       {.id = 16}});
  // Truncated behind the header; another image's bytes; no XML, other boxes,
  // two descriptions.
  const std::string damaged = SmallImagePath(root, 8);
  std::filesystem::resize_file(damaged,
                               std::filesystem::file_size(damaged) - 40);
  const auto xml = [&](int id) {
    return absl::StrCat("images/rrsisd/ann_split/000", id < 10 ? "0" : "", id,
                        ".xml");
  };
  std::filesystem::remove(absl::StrCat(root, "/", xml(15)));
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile(absl::StrCat(root, "/", xml(16))));
  const size_t begin = text.find("<object>");
  const std::string object = absl::StrReplaceAll(
      text.substr(begin, text.find("</annotation>") - begin),
      {{"<xmin>3<", "<xmin>13<"}});
  PutFile(root, xml(16),
          absl::StrCat(text.substr(0, begin), object, object, "</annotation>"));
  ASSERT_THAT(WriteFile(SmallImagePath(root, 16), SmallJpeg(24, 32, 14)),
              IsOk());
  const DataCheckReport report = Check(root);
  EXPECT_TRUE(StopsRun(report));
  EXPECT_THAT(Counts(report),
              UnorderedElementsAre(
                  Pair("empty_mask", 2), Pair("wrong_area", 1),
                  Pair("size_mismatch", 2), Pair("box_far_from_mask", 1),
                  Pair("box_invalid", 1), Pair("sentence_too_long", 1),
                  Pair("sentence_long_for_bert", 1), Pair("image_missing", 1),
                  Pair("image_unreadable", 1), Pair("mask_missing", 1),
                  Pair("mask_unreadable", 1), Pair("unknown_category", 1),
                  Pair("category_mismatch", 1), Pair("ringing_mask", 1),
                  Pair("non_ascii_sentence", 1),
                  Pair("sentence_in_two_splits", 14), Pair("xml_unreadable", 1),
                  Pair("xml_without_box", 1), Pair("xml_several_sentences", 1),
                  Pair("same_image_in_two_splits", 2)));
  const CheckedDefect& first = report.defect(0);
  EXPECT_EQ(first.kind(), "image_missing");
  EXPECT_TRUE(first.stops_run());
  EXPECT_EQ(first.actions(), "ERROR or DROP");
  ASSERT_EQ(first.example_size(), 1);
  EXPECT_EQ(first.example(0).id(), 7);
  EXPECT_EQ(first.example(0).place(), "rrsisd/refs(unc).p: reference 6");
  for (const CheckedDefect& defect : report.defect()) {
    if (defect.kind() == "size_mismatch") {
      EXPECT_THAT(defect.records_by_split(), ElementsAre(1, 0, 1));
    }
  }
  const std::string table = RenderDataCheck(report);
  EXPECT_THAT(table, AllOf(HasSubstr("empty_mask"), HasSubstr("and 11 more"),
                           HasSubstr("may be ERROR, KEEP or DROP"),
                           HasSubstr("  policy { image_missing: DROP "
                                     "image_unreadable: DROP"),
                           HasSubstr(" empty_mask: KEEP size_mismatch: REPAIR "
                                     "box_invalid: KEEP")));
}

TEST(CheckTest, SentencesAreCountedInTokensWhereThereIsATokenizer) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1, .sentence = "The red vehicle"}});
  CheckOptions options;
  options.tokenizer = "tests/data/text/testdata/spiece.model";
  options.max_tokens = 3;
  EXPECT_EQ(Counts(Check(root, options)).count("sentence_too_long"), 1u);
  options.max_tokens = 64;
  EXPECT_EQ(Counts(Check(root, options)).count("sentence_too_long"), 0u);
  options.tokenizer = "/no/such/spiece.model";
  EXPECT_THAT(CheckDataset(Layout(FoundDataset::RRSISD), root, options),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(CheckTest, DataAboutAsLargeAsThePublishedAreHeldAgainstThem) {
  DataCheckReport report;
  report.set_format("RRSISD");
  const auto add = [&](const char* name, int records, int published) {
    CheckedSplit* const split = report.add_split();
    split->set_name(name);
    split->set_records(records);
    split->set_published_records(published);
  };
  add("train", 12181, 12181);
  add("val", 1739, 1740);
  EXPECT_THAT(RenderDataCheck(report),
              AllOf(HasSubstr("sentences  records of RRSIS-D\n"),
                    HasSubstr("  12181, the same\n"), HasSubstr("  1740\n")));
}

// The sentence and the pixels that a spec reads otherwise are checked so.
TEST(CheckTest, ReadsAsItIsTold) {
  const std::string root = NewDatasetDir();
  PutFile(root, "train.jsonl",
          R"({"sent": "The ship", "raw": "the big ship on the left", )"
          R"("file_name": "a.jpg", "mask_file": "a.png"})"
          "\n");
  PutFile(root, "a.jpg", SmallJpeg(24, 32));
  PutFile(root, "masks/a.png", SmallMask(24, 32, 8));
  FoundDataset reading = Layout(FoundDataset::JSONL);
  CheckOptions options;
  options.max_tokens = 4;
  ASSERT_OK_AND_ASSIGN(DataCheckReport report,
                       CheckDataset(reading, root, options));
  EXPECT_EQ(Counts(report).count("sentence_too_long"), 0u);
  EXPECT_EQ(Counts(report).count("empty_mask"), 0u);
  reading.set_sentence_field(FoundDataset::RAW);
  reading.set_ignored_label(255);
  ASSERT_OK_AND_ASSIGN(report, CheckDataset(reading, root, options));
  EXPECT_EQ(Counts(report).count("sentence_too_long"), 1u);
  EXPECT_EQ(Counts(report).count("empty_mask"), 1u) << RenderDataCheck(report);
}

// As in a public copy of RRSIS-D, whose `raw` and `tokens` are category names.
TEST(CheckTest, FieldsThatDisagreeAreCountedAndStopNothing) {
  const std::string root = NewDatasetDir();
  std::string rows;
  for (int i = 0; i < 5; ++i) {
    absl::StrAppend(&rows, R"({"sent": "The ship on the left", "raw": ")",
                    i < 3 ? "ship" : "the ship on the left",
                    R"(", "file_name": "a.jpg", "segmentation":)",
                    R"( [[1, 1, 9, 1, 9, 9]], "height": 24, "width": 32})",
                    "\n");
  }
  PutFile(root, "train.jsonl", rows);
  PutFile(root, "a.jpg", SmallJpeg(24, 32));
  const absl::StatusOr<DataCheckReport> report =
      CheckDataset(Layout(FoundDataset::JSONL), root, {});
  ASSERT_THAT(report, IsOk());
  EXPECT_FALSE(StopsRun(*report));
  EXPECT_THAT(Counts(*report),
              UnorderedElementsAre(Pair("sentence_mismatch", 3)));
  EXPECT_THAT(
      RenderDataCheck(*report),
      AllOf(HasSubstr("kept; may be ERROR, KEEP or DROP"),
            HasSubstr("train 0: read is sent, \"The ship on the left\", "
                      "raw says \"ship\"")));
}

TEST(CheckTest, RunsFindWhatTheCheckHasDecoded) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}});
  const std::string image = SmallImagePath(root, 2);
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(image));
  const auto time = std::filesystem::last_write_time(image);
  std::string damaged = whole;
  damaged.replace(damaged.size() / 2, std::string::npos,
                  damaged.size() - damaged.size() / 2, '\0');
  ASSERT_THAT(WriteFile(image, damaged), IsOk());
  std::filesystem::last_write_time(image, time);
  CheckOptions options;
  options.cache_dir = NewDatasetDir();
  Check(root, options);
  // The file is whole again, with its old time: only the cache knows.
  ASSERT_THAT(WriteFile(image, whole), IsOk());
  std::filesystem::last_write_time(image, time);
  FoundDataset spec;
  spec.mutable_policy()->set_image_unreadable(DefectPolicy::DROP);
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex index,
      DatasetIndex::OpenFound(root, spec, "train", options.cache_dir));
  EXPECT_EQ(index.samples().size(), 1u);
  // A check looks at every image, whatever the cache says.
  Check(root, options);
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex again,
      DatasetIndex::OpenFound(root, spec, "train", options.cache_dir));
  EXPECT_EQ(again.samples().size(), 2u);
}

// Cuts the file of a record's image, whose header stays.
void CutImage(const std::string& root, int id) {
  const std::string path = SmallImagePath(root, id);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
}

TEST(CheckUsedSplitsTest, FindsWhatStopsRunsInTheSplitsThatTheyRead) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1},
                           {.id = 2, .mask_height = 30},
                           {.id = 3, .split = "val"},
                           {.id = 4, .split = "test", .mask = {0, 0, 0, 0}}});
  CutImage(root, 3);
  CheckOptions options;
  options.cache_dir = NewDatasetDir();
  FoundDataset spec;
  const std::vector<std::string> splits = {"train", "val"};
  ASSERT_OK_AND_ASSIGN(const DataCheckReport report,
                       CheckUsedSplits(spec, root, splits, options));
  EXPECT_TRUE(StopsRun(report));
  EXPECT_THAT(Counts(report), UnorderedElementsAre(Pair("image_unreadable", 1),
                                                   Pair("size_mismatch", 1)))
      << "nobody reads the test split, and kinds that are kept stop nothing";
  ASSERT_EQ(report.split_size(), 2);
  EXPECT_EQ(report.split(1).name(), "val");
  EXPECT_THAT(RenderDataCheck(report),
              HasSubstr("policy { image_unreadable: DROP size_mismatch: "));
  // A run knows it now as well.
  EXPECT_THAT(DatasetIndex::OpenFound(root, spec, "val", options.cache_dir),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("image_unreadable")));
}

TEST(CheckUsedSplitsTest, ThePolicyDecides) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2}, {.id = 3, .split = "val"}});
  CutImage(root, 2);
  CutImage(root, 3);
  CheckOptions options;
  options.cache_dir = NewDatasetDir();
  FoundDataset spec;
  spec.mutable_policy()->set_image_unreadable(DefectPolicy::DROP);
  const std::vector<std::string> train = {"train"};
  ASSERT_OK_AND_ASSIGN(const DataCheckReport report,
                       CheckUsedSplits(spec, root, train, options));
  EXPECT_FALSE(StopsRun(report));
  const std::vector<std::string> val = {"val"};
  EXPECT_THAT(CheckUsedSplits(spec, root, val, options),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("dropped: image_unreadable 1")));
  const std::vector<std::string> test = {"test"};
  EXPECT_THAT(CheckUsedSplits(spec, root, test, options),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no record of split \"test\"")));
}

}  // namespace
}  // namespace transect
