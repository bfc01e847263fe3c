/// \file
/// The image and mask files behind the records of an index: whether they are
/// still those that were indexed. Opens no file and decodes none.
#ifndef TRANSECT_DATA_INDEX_RECORD_FILES_H_
#define TRANSECT_DATA_INDEX_RECORD_FILES_H_

#include <cstdint>
#include <functional>
#include <string>

#include "data/annotations/record.pb.h"
#include "google/protobuf/repeated_field.h"

namespace transect {

/// Version of the contents of records. Raise it with every change of readers or
/// defects; cached indexes are then rebuilt.
inline constexpr int kIndexVersion = 4;

/// The files below the root of a data set.
class RecordFiles {
 public:
  /// Where `root` is no directory, there are no files.
  explicit RecordFiles(const std::string& root);
  RecordFiles(const RecordFiles&) = delete;
  RecordFiles& operator=(const RecordFiles&) = delete;
  ~RecordFiles();

  /// Digest of inode, size and time of modification of the record's image and
  /// mask file, as in `IndexedRecord.files`.
  uint64_t StateOf(const IndexedRecord& record) const;

 private:
  int descriptor_;
};

/// The first of `records` whose image or mask file was replaced or written to
/// since it was indexed, by `IndexedRecord.files`; -1 if there is none.
int64_t FirstChangedRecord(
    const std::string& root,
    const google::protobuf::RepeatedPtrField<IndexedRecord>& records);

/// Calls work(i) for 0 <= i < count on all processors; `work` may be called
/// from several threads at once. `progress` may be empty.
void ForEachInParallel(
    int64_t count, const std::function<void(int64_t)>& work,
    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_RECORD_FILES_H_
