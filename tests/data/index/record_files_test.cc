#include "data/index/record_files.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"

namespace transect {
namespace {

IndexedRecord RecordOf(const std::string& image) {
  IndexedRecord record;
  record.set_image(image);
  return record;
}

TEST(RecordFilesTest, AFileThatIsWrittenOrGoesIsAnother) {
  const std::string root = NewDatasetDir();
  PutFile(root, "a.jpg", "1");
  PutFile(root, "b.jpg", "1");
  google::protobuf::RepeatedPtrField<IndexedRecord> records;
  for (const char* image : {"a.jpg", "b.jpg", "none.jpg"}) {
    *records.Add() = RecordOf(image);
    records.rbegin()->set_files(RecordFiles(root).StateOf(*records.rbegin()));
  }
  EXPECT_NE(records[0].files(), records[1].files());
  EXPECT_EQ(FirstChangedRecord(root, records), -1);
  PutFile(root, "b.jpg", "22");
  EXPECT_EQ(FirstChangedRecord(root, records), 1);
  PutFile(root, "a.jpg", "22");
  EXPECT_EQ(FirstChangedRecord(root, records), 0);
}

TEST(RecordFilesTest, AMaskFileCountsToo) {
  const std::string root = NewDatasetDir();
  PutFile(root, "a.jpg", "1");
  PutFile(root, "m.png", "1");
  IndexedRecord record = RecordOf("a.jpg");
  record.set_mask_file("m.png");
  const uint64_t before = RecordFiles(root).StateOf(record);
  PutFile(root, "m.png", "22");
  EXPECT_NE(RecordFiles(root).StateOf(record), before);
}

TEST(RecordFilesTest, ARootThatIsNoneHasNoFiles) {
  EXPECT_EQ(RecordFiles(NewDatasetDir()).StateOf(RecordOf("a.jpg")), 0u);
}

TEST(ForEachInParallelTest, EveryIndexOnce) {
  for (const int64_t count : {0, 1, 63, 1000}) {
    std::vector<std::atomic<int>> calls(count);
    int64_t told = -1;
    ForEachInParallel(
        count, [&](int64_t i) { ++calls[i]; },
        [&](int64_t done, int64_t total) {
          EXPECT_EQ(total, count);
          EXPECT_GE(done, told);
          told = done;
        });
    EXPECT_EQ(told, count);
    for (const std::atomic<int>& call : calls) {
      EXPECT_EQ(call, 1);
    }
  }
}

}  // namespace
}  // namespace transect
