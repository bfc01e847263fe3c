#include "data/defects.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/problems.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::ElementsAre;

TEST(DefectsTest, EveryFieldOfThePolicyIsAKindAndItsDefaultIsAllowed) {
  std::set<std::string> names;
  for (const DefectKind& kind : DefectKinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(DefectPolicy::descriptor()->FindFieldByName(kind.name) != nullptr,
              kind.has_policy)
        << kind.name;
  }
  for (int i = 0; i < DefectPolicy::descriptor()->field_count(); ++i) {
    EXPECT_EQ(names.count(DefectPolicy::descriptor()->field(i)->name()), 1u);
  }
  Problems problems;
  ValidateDefectPolicy(DefectPolicy(), "p", &problems);
  EXPECT_TRUE(problems.empty());
}

TEST(DefectsTest, TheMildestPolicyStopsNowhere) {
  const DefectPolicy policy = MildestPolicy();
  Problems problems;
  ValidateDefectPolicy(policy, "p", &problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(policy.empty_mask(), DefectPolicy::KEEP);
  EXPECT_EQ(policy.size_mismatch(), DefectPolicy::REPAIR);
  EXPECT_EQ(policy.image_missing(), DefectPolicy::DROP);
}

TEST(DefectsTest, ActionsThatAKindDoesNotAllowAreProblems) {
  DefectPolicy policy;
  policy.set_image_missing(DefectPolicy::KEEP);
  policy.set_empty_mask(DefectPolicy::REPAIR);
  policy.set_size_mismatch(DefectPolicy::UNSPECIFIED);
  policy.set_wrong_area(DefectPolicy::DROP);
  Problems problems;
  ValidateDefectPolicy(policy, "data.found.policy", &problems);
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, " ", problem.message));
  }
  EXPECT_THAT(
      lines,
      ElementsAre(
          "data.found.policy.image_missing is KEEP, must be ERROR or DROP",
          "data.found.policy.empty_mask is REPAIR, must be ERROR, KEEP or DROP",
          "data.found.policy.size_mismatch is UNSPECIFIED, must be ERROR, DROP "
          "or REPAIR"));
}

TEST(DefectsTest, SaysWhatAPolicyDoes) {
  DefectPolicy policy;
  policy.set_empty_mask(DefectPolicy::DROP);
  EXPECT_EQ(ActionFor(policy, FindDefectKind(kEmptyMask)), DefectPolicy::DROP);
  EXPECT_EQ(ActionFor(policy, FindDefectKind(kWrongArea)), DefectPolicy::KEEP);
  EXPECT_EQ(ActionFor(policy, FindDefectKind(kImageMissing)),
            DefectPolicy::ERROR);
  EXPECT_EQ(ActionFor(policy, FindDefectKind(kSentenceTooLong)),
            DefectPolicy::ERROR);
  EXPECT_EQ(ActionFor(policy, FindDefectKind(kXmlWithoutBox)),
            DefectPolicy::KEEP);
  policy.set_size_mismatch(DefectPolicy::REPAIR);
  policy.set_box_invalid(DefectPolicy::KEEP);
  policy.set_box_far_from_mask(DefectPolicy::KEEP);
  policy.set_wrong_area(DefectPolicy::ERROR);
  // The default, said again.
  policy.set_ringing_mask(DefectPolicy::KEEP);
  EXPECT_EQ(PolicyText(policy),
            "keeps box_invalid, box_far_from_mask; drops empty_mask; repairs "
            "size_mismatch; stops at wrong_area");
  EXPECT_EQ(PolicyText(DefectPolicy()), "");
}

}  // namespace
}  // namespace transect
