#include "launch/inputs/site_help.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/site.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SiteHelpTest, TheWholeFileHasEveryFieldWithItsComment) {
  const absl::StatusOr<std::string> text = SiteHelp("");
  ASSERT_THAT(text, IsOk());
  const google::protobuf::Descriptor& site = *Site::descriptor();
  for (int i = 0; i < site.field_count(); ++i) {
    EXPECT_THAT(*text, HasSubstr("\n  " + site.field(i)->name() + ": "));
  }
  EXPECT_THAT(*text, HasSubstr("Directory of the store"));
}

TEST(SiteHelpTest, AFieldHasItsOwn) {
  EXPECT_THAT(SiteHelp("data"),
              IsOkAndHolds(AllOf(StartsWith("site.data: list of Place\n"),
                                 HasSubstr("\n  role: string\n"))));
  EXPECT_THAT(SiteHelp("data.role"),
              IsOkAndHolds(StartsWith("site.data.role: string\nName that")));
}

TEST(SiteHelpTest, AFieldThatDoesNotExistComesWithTheNearest) {
  EXPECT_THAT(SiteHelp("roles"), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("\"site.data.role\"")));
  EXPECT_THAT(SiteHelp("stor"), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("\"store\"")));
}

}  // namespace
}  // namespace transect
