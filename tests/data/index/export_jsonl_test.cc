#include "data/index/export_jsonl.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/annotations.h"
#include "data/data.pb.h"
#include "data/index/index_build.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// Records that differ in where they stand only are the same.
void ExpectSameRecords(const Annotations& a, const Annotations& b) {
  for (size_t s = 0; s < kSplitNames.size(); ++s) {
    ASSERT_EQ(a.split[s].size(), b.split[s].size());
    for (size_t i = 0; i < a.split[s].size(); ++i) {
      IndexedRecord first = a.split[s][i];
      IndexedRecord second = b.split[s][i];
      for (IndexedRecord* record : {&first, &second}) {
        record->clear_place();
        record->clear_mask_file();
        record->clear_files();
        record->clear_defect();
        record->set_image(record->image().substr(record->image().rfind('/')));
      }
      EXPECT_THAT(second, EqualsProto(first));
    }
  }
}

// A data set in that layout, read by default.
FoundDataset Layout(FoundDataset::Format format) {
  FoundDataset reading;
  reading.set_format(format);
  return reading;
}

int64_t RowsOf(const absl::StatusOr<ExportedRows>& exported) {
  EXPECT_THAT(exported, IsOk());
  return exported.ok() ? exported->rows : -1;
}

TEST(ExportJsonlTest, OurReaderReadsRrsisdBack) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 12, .area = 102243},
                           {.id = 3, .sentence = "\xC3\xA9 \\ \"dam\""},
                           {.id = 5, .split = "test", .mask = {0, 0, 0, 0}}});
  const std::string out = NewDatasetDir();
  EXPECT_EQ(RowsOf(ExportJsonl(Layout(FoundDataset::RRSISD), root, out)), 3);
  EXPECT_FALSE(FileExists(out + "/datainfo/rrsisd_val.jsonl"));
  ASSERT_OK_AND_ASSIGN(const Annotations first,
                       BuildIndex(FoundDataset::RRSISD, root, {}));
  ASSERT_OK_AND_ASSIGN(const Annotations second,
                       BuildIndex(FoundDataset::JSONL, out, {}));
  ExpectSameRecords(first, second);
  EXPECT_EQ(second.split[0][0].image_width(), 32) << "the link to the images";
  // And once more.
  const std::string again = NewDatasetDir();
  EXPECT_EQ(RowsOf(ExportJsonl(Layout(FoundDataset::JSONL), out, again)), 3);
  ASSERT_OK_AND_ASSIGN(const Annotations third,
                       BuildIndex(FoundDataset::JSONL, again, {}));
  ExpectSameRecords(second, third);
}

TEST(ExportJsonlTest, RowsAreThoseOfTheReleasedForm) {
  IndexedRecord record;
  record.set_id(7);
  record.set_image("directory/00007.jpg");
  record.set_sentence("The dam");
  record.set_category_id(8);
  record.set_mask_height(3);
  record.set_mask_width(4);
  for (const int run : {5, 2, 5}) {
    record.add_runs(run);
  }
  record.set_given_area(9);
  for (const int corner : {1, 0, 3, 2}) {
    record.add_box(corner);
  }
  EXPECT_EQ(JsonlRow(record, "val", "directory"),
            R"({"split":"val","image_id":7,"sent":"The dam",)"
            R"("file_name":"00007.jpg","category_id":8,"category_name":"dam",)"
            R"("ann_id":7,"bbox":[1,0,3,2],"segmentation":[{"size":[3,4],)"
            R"("counts":"525"}],"area":9})");
  // An image that several records have is named, not numbered.
  record.set_id(9);
  EXPECT_THAT(JsonlRow(record, "val", "directory"),
              HasSubstr(R"("image_id":"00007",)"));
  record.set_category_id(-1);
  EXPECT_EQ(JsonlRow(record, "val", "directory"),
            R"({"split":"val","image_id":"00007","sent":"The dam",)"
            R"("file_name":"00007.jpg","segmentation":{"size":[3,4],)"
            R"("counts":"525"}})");
}

TEST(ExportJsonlTest, LayoutsWithMaskFiles) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_val.txt", "81 dam\n");
  PutFile(root, "images/81.tif", SmallJpeg(16, 24));
  PutFile(root, "masks/81.tif", SmallMask(16, 24, 8));
  const std::string out = NewDatasetDir();
  EXPECT_EQ(RowsOf(ExportJsonl(Layout(FoundDataset::REFSEGRS), root, out)), 1);
  ASSERT_OK_AND_ASSIGN(const Annotations first,
                       BuildIndex(FoundDataset::REFSEGRS, root, {}));
  ASSERT_OK_AND_ASSIGN(const Annotations second,
                       BuildIndex(FoundDataset::JSONL, out, {}));
  ExpectSameRecords(first, second);
  EXPECT_EQ(second.split[1][0].id(), 81);
}

// Rows cannot say which pixels do not count, so that is told.
TEST(ExportJsonlTest, IgnoredPixelsAndTheOtherSentence) {
  const std::string root = NewDatasetDir();
  PutFile(root, "train.jsonl",
          R"({"sent": "The ship", "raw": "the big ship", )"
          R"("file_name": "a.jpg", "mask_file": "a.png"})"
          "\n");
  PutFile(root, "a.jpg", SmallJpeg(16, 24));
  PutFile(root, "masks/a.png", SmallMask(16, 24, 8));
  FoundDataset reading = Layout(FoundDataset::JSONL);
  reading.set_sentence_field(FoundDataset::RAW);
  reading.set_ignored_label(255);
  const std::string out = NewDatasetDir();
  ASSERT_OK_AND_ASSIGN(const ExportedRows exported,
                       ExportJsonl(reading, root, out));
  EXPECT_EQ(exported.rows, 1);
  EXPECT_EQ(exported.with_ignored, 1);
  EXPECT_THAT(ReadFile(out + "/datainfo/data_train.jsonl"),
              IsOkAndHolds(HasSubstr("\"sent\":\"the big ship\"")));
}

TEST(ExportJsonlTest, AMaskFileOfManyValuesIsNotMadeToLookWell) {
  const std::string root = NewDatasetDir();
  PutFile(root, "output_phrase_val.txt", "81 dam\n");
  PutFile(root, "images/81.tif", SmallJpeg(16, 24));
  PutFile(root, "masks/81.tif", SmallJpeg(16, 24));
  EXPECT_THAT(
      ExportJsonl(Layout(FoundDataset::REFSEGRS), root, NewDatasetDir()),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::AllOf(HasSubstr("output_phrase_val.txt:1:1 (id 81): "
                                        "mask_of_many_values: more than 256 "
                                        "colors"),
                              HasSubstr("write a mask file of two values"))));
}

TEST(ExportJsonlTest, NothingHalfWrittenStays) {
  const std::string root = NewDatasetDir();
  WriteSmallDataset(root, {{.id = 1}, {.id = 2, .with_annotation = false}});
  const std::string out = NewDatasetDir();
  EXPECT_THAT(ExportJsonl(Layout(FoundDataset::RRSISD), root, out),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("reference 1 (id 2) has no readable mask")));
  EXPECT_THAT(ListDirectory(out.substr(0, out.rfind('/'))),
              IsOkAndHolds(testing::IsEmpty()));
  ASSERT_THAT(MakeDirs(out), IsOk());
  EXPECT_THAT(ExportJsonl(Layout(FoundDataset::RRSISD), root, out),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

}  // namespace
}  // namespace transect
