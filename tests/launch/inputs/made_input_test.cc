#include "launch/inputs/made_input.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class MadeInputTest : public testing::Test {
 protected:
  MadeInputTest() : dir_(NewDir()) {
    Put(dir_ + "/data/images/1.jpg", "one");
    Put(dir_ + "/data/refs.p", "refs");
    list_ = absl::StrCat(Sha256("one"), "  data/images/1.jpg\n", Sha256("refs"),
                         "  data/refs.p\n");
    Put(dir_ + "/data.sha256", list_);
    PutResultOf("data.sha256", list_);
  }

  void PutResultOf(const std::string& file, const std::string& contents) {
    Put(dir_ + "/result.textproto",
        absl::StrCat("id: 'a' file { path: 'out' sha256: 'x' } file { path: '",
                     file, "' sha256: '", Sha256(contents), "' }\n"));
  }
  absl::StatusOr<std::string> Check() {
    return CheckMadeInput(InputKind::kData, dir_ + "/data");
  }
  auto Refused(const std::string& why) {
    return StatusIs(
        absl::StatusCode::kDataLoss,
        AllOf(HasSubstr("the data made at " + dir_ + "/data "), HasSubstr(why),
              HasSubstr("remove the directory " + dir_ + ", ")));
  }

  std::string dir_;
  std::string list_;
};

TEST_F(MadeInputTest, ADataSetIsTheDigestOfItsList) {
  EXPECT_THAT(Check(), IsOkAndHolds(Sha256(list_)));
  // Nothing reads it.
  Put(dir_ + "/data/notes.txt", "");
  EXPECT_THAT(Check(), IsOkAndHolds(Sha256(list_)));
}

TEST_F(MadeInputTest, AChangedFileIsNamed) {
  Put(dir_ + "/data/images/1.jpg", "two");
  EXPECT_THAT(Check(), Refused(dir_ + "/data/images/1.jpg: its SHA-256 is"));
  std::filesystem::remove(dir_ + "/data/images/1.jpg");
  EXPECT_THAT(Check(), Refused(dir_ + "/data/images/1.jpg"));
}

TEST_F(MadeInputTest, AChangedListIsNoExcuse) {
  Put(dir_ + "/data/images/1.jpg", "two");
  Put(dir_ + "/data.sha256",
      absl::StrCat(Sha256("two"), "  data/images/1.jpg\n", Sha256("refs"),
                   "  data/refs.p\n"));
  EXPECT_THAT(Check(), Refused(dir_ + "/data.sha256: its SHA-256 is"));
}

TEST_F(MadeInputTest, AResultMustVouchForIt) {
  PutResultOf("spiece.model", "pieces");
  EXPECT_THAT(Check(), Refused("result.textproto has no digest of a file "
                               "data.sha256"));
  PutResultOf("data.sha256", "no list");
  Put(dir_ + "/data.sha256", "no list");
  EXPECT_THAT(Check(), Refused("data.sha256: file 1 of the list"));
  std::filesystem::remove(dir_ + "/result.textproto");
  EXPECT_THAT(Check(), Refused(dir_ + "/result.textproto"));
}

TEST_F(MadeInputTest, ATokenizerAndWeightsAreFiles) {
  for (const InputKind kind : {InputKind::kTokenizer, InputKind::kWeights}) {
    const std::string file = absl::StrCat(dir_, "/", KindName(kind));
    Put(file, "bytes");
    PutResultOf(std::string(KindName(kind)), "bytes");
    EXPECT_THAT(CheckMadeInput(kind, file), IsOkAndHolds(Sha256("bytes")));
    Put(file, "bites");
    EXPECT_THAT(CheckMadeInput(kind, file),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(HasSubstr(file + ": its SHA-256 is"),
                               HasSubstr("remove the directory " + dir_))));
  }
}

}  // namespace
}  // namespace transect
