#include "data/index/apply_policy.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// A split with a record for each list of defects.
IndexedSplit SplitWith(const std::vector<std::vector<std::string>>& records) {
  IndexedSplit split;
  for (const std::vector<std::string>& defects : records) {
    IndexedRecord* const record = split.add_record();
    record->set_id(split.record_size());
    record->set_place("refs");
    for (const std::string& kind : defects)
      record->add_defect()->set_kind(kind);
  }
  return split;
}

// The known defects of RRSIS-D's train split, and the policy of
// experiments/bases/rsrefseg_b.textproto.
TEST(ApplyPolicyTest, KeepsAndRepairsEveryRecordOfRrsisd) {
  DefectPolicy policy;
  policy.set_empty_mask(DefectPolicy::KEEP);
  policy.set_size_mismatch(DefectPolicy::REPAIR);
  policy.set_box_far_from_mask(DefectPolicy::KEEP);
  std::vector<std::vector<std::string>> records(12181);
  records[0] = records[1] = {"empty_mask", "wrong_area"};
  for (int i = 2; i < 11; ++i) records[i] = {"size_mismatch"};
  std::vector<RecordFate> fates;
  ASSERT_OK_AND_ASSIGN(
      const SplitUse use,
      ApplyPolicy(policy, "/r", "train", SplitWith(records), &fates));
  EXPECT_EQ(use.records, 12181);
  EXPECT_EQ(use.used, 12181);
  // Nothing is said of what every run keeps.
  EXPECT_THAT(use.kept, ElementsAre(Pair("empty_mask", 2)));
  EXPECT_THAT(use.repaired, ElementsAre(Pair("size_mismatch", 9)));
  EXPECT_THAT(use.dropped, IsEmpty());
  EXPECT_EQ(fates.size(), 12181u);
  EXPECT_EQ(fates[0], RecordFate::kUse);
  EXPECT_EQ(fates[2], RecordFate::kRepair);
  EXPECT_EQ(use.Summary("train"),
            "split train: 12181 of 12181 records; kept: empty_mask 2; "
            "repaired: size_mismatch 9");
}

TEST(ApplyPolicyTest, ARecordThatIsDroppedIsNeitherKeptNorRepaired) {
  DefectPolicy policy;
  policy.set_empty_mask(DefectPolicy::DROP);
  policy.set_size_mismatch(DefectPolicy::REPAIR);
  policy.set_box_far_from_mask(DefectPolicy::KEEP);
  ASSERT_OK_AND_ASSIGN(
      const SplitUse use,
      ApplyPolicy(
          policy, "/r", "val",
          SplitWith(
              {{"empty_mask", "size_mismatch", "box_far_from_mask"}, {}})));
  EXPECT_EQ(use.Summary("val"),
            "split val: 1 of 2 records; dropped: empty_mask 1");
  EXPECT_EQ(SplitUse().Summary("val"), "");
}

TEST(ApplyPolicyTest, WhatMayBeAMistakeOfTheDataSetIsNotedThoughItIsKept) {
  const IndexedSplit split = SplitWith({{"sentence_mismatch", "wrong_area"},
                                        {"mask_of_whole_image"},
                                        {"sentence_mismatch"}});
  ASSERT_OK_AND_ASSIGN(const SplitUse use,
                       ApplyPolicy(DefectPolicy(), "/r", "val", split));
  EXPECT_EQ(use.Summary("val"),
            "split val: 3 of 3 records; kept: mask_of_whole_image 1, "
            "sentence_mismatch 2");
  DefectPolicy policy;
  policy.set_sentence_mismatch(DefectPolicy::ERROR);
  EXPECT_THAT(ApplyPolicy(policy, "/r", "val", split),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("sentence_mismatch may be ERROR, KEEP or "
                                 "DROP")));
}

TEST(ApplyPolicyTest, StopsAtEveryKindThatThePolicyDoesNotName) {
  EXPECT_THAT(
      ApplyPolicy(DefectPolicy(), "/r", "val",
                  SplitWith({{"size_mismatch"},
                             {"empty_mask"},
                             {"empty_mask"},
                             {"wrong_area"}})),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          AllOf(HasSubstr("/r/refs (id 2): empty_mask: ; and 1 more in split "
                          "val; data.found.policy.empty_mask may be ERROR, "
                          "KEEP or DROP\n"),
                HasSubstr("/r/refs (id 1): size_mismatch: ; "
                          "data.found.policy.size_mismatch may be ERROR, DROP "
                          "or REPAIR"))));
}

}  // namespace
}  // namespace transect
