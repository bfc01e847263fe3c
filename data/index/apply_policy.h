/// \file
/// What a policy for defects does with the records of an index. Reads no file,
/// so that a plan knows it as well as a run.
#ifndef TRANSECT_DATA_INDEX_APPLY_POLICY_H_
#define TRANSECT_DATA_INDEX_APPLY_POLICY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/index/index.pb.h"

namespace transect {

/// What a policy did with the records of a split. Counts are by kind of defect;
/// a record with several defects counts for each.
struct SplitUse {
  /// Records of the split in the annotations.
  int64_t records = 0;
  /// Those of them that are not left out.
  int64_t used = 0;
  /// Used as they are, with a defect at which a run without a policy stops, or
  /// which is noted wherever it is (DefectKind.is_noted).
  std::map<std::string, int64_t> kept;
  std::map<std::string, int64_t> dropped;
  std::map<std::string, int64_t> repaired;

  /// Such as "split train: 12181 of 12181 records; kept: empty_mask 2;
  /// repaired: size_mismatch 9"; empty if the policy did nothing.
  std::string Summary(absl::string_view split) const;
};

/// What becomes of one record.
enum class RecordFate { kUse, kRepair, kDrop };

/// Applies `policy` to the records of split `split` of the data set in `root`.
/// `fates`, if given, becomes the fate of each record. kInvalidArgument, a line
/// for each kind of defect whose action is ERROR, with file, record, defect and
/// the field of the policy.
absl::StatusOr<SplitUse> ApplyPolicy(const DefectPolicy& policy,
                                     const std::string& root,
                                     absl::string_view split,
                                     const IndexedSplit& index,
                                     std::vector<RecordFate>* fates = nullptr);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_APPLY_POLICY_H_
