#include "launch/store/find_run.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kFirst[] = "0123456789abcdef0123456789abcdef";
constexpr char kSecond[] = "0124456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kOther[] = "eedcba9876543210fedcba9876543210";
constexpr char kThird[] = "ddddba9876543210fedcba9876543210";

class FindRunTest : public ::testing::Test {
 protected:
  FindRunTest() : store_(Store::OpenOrCreate(NewDir() + "/store").value()) {}

  // Writes a finished training by hand.
  void PutRun(const std::string& dir, absl::string_view id,
              absl::string_view code) {
    Put(dir + "/weights.safetensors", "abc");
    Put(dir + "/result.textproto",
        absl::StrCat("id: '", id, "' code: '", code,
                     "' attempt: 2 file { path: 'weights.safetensors' bytes: 3 "
                     "}\n"));
    Put(dir + "/attempts/0002/launch.textproto",
        absl::StrCat("id: '", id, "' job_dir: '", dir,
                     "' train { run { seed: 7 } data_root: '/data/rrsisd' "
                     "tokenizer_path: '",
                     store_.root(), "/inputs/x/spiece.model' }\n"));
  }

  Store store_;
};

TEST_F(FindRunTest, AnyStartOfAnIdThatFitsOneRunOnly) {
  PutRun(store_.RunDir(kFirst, kCode), kFirst, kCode);
  PutRun(store_.RunDir(kSecond, kCode), kSecond, kCode);
  ASSERT_OK_AND_ASSIGN(FoundRun run, FindRun(store_, kCode, "0123"));
  EXPECT_EQ(run.id, kFirst);
  EXPECT_EQ(run.dir, store_.RunDir(kFirst, kCode));
  EXPECT_EQ(run.result.code(), kCode);
  EXPECT_EQ(run.launch.train().run().seed(), 7);
  EXPECT_EQ(run.launch.train().data_root(), "/data/rrsisd");
  ASSERT_OK_AND_ASSIGN(run, FindRun(store_, kCode, kSecond));
  EXPECT_EQ(run.id, kSecond);
  EXPECT_THAT(FindRun(store_, kCode, "012"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("2 ids"), HasSubstr(kFirst),
                             HasSubstr(kSecond))));
  for (const char* name : {"", "ff", "0", "00", "01234z"}) {
    EXPECT_THAT(FindRun(store_, kCode, name),
                StatusIs(absl::string_view(name) == "0"
                             ? absl::StatusCode::kInvalidArgument
                             : absl::StatusCode::kNotFound,
                         HasSubstr(absl::StrCat("'", name, "'"))));
  }
}

TEST_F(FindRunTest, ThePresentCodeWinsElseTheChoiceMustBeClear) {
  PutRun(store_.RunDir(kFirst, kOther), kFirst, kOther);
  ASSERT_OK_AND_ASSIGN(FoundRun run, FindRun(store_, kCode, "01"));
  EXPECT_EQ(run.result.code(), kOther);
  PutRun(store_.RunDir(kFirst, kThird), kFirst, kThird);
  EXPECT_THAT(FindRun(store_, kCode, "01"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("0123456789ab/eedcba987654"),
                             HasSubstr("0123456789ab/ddddba987654"))));
  ASSERT_OK_AND_ASSIGN(run, FindRun(store_, kCode, "01/dd"));
  EXPECT_EQ(run.result.code(), kThird);
  ASSERT_OK_AND_ASSIGN(run,
                       FindRun(store_, kCode, absl::StrCat("01/", kOther)));
  EXPECT_EQ(run.result.code(), kOther);
  EXPECT_THAT(FindRun(store_, kCode, "01/aa"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("under a code")));
  PutRun(store_.RunDir(kFirst, kCode), kFirst, kCode);
  ASSERT_OK_AND_ASSIGN(run, FindRun(store_, kCode, "01"));
  EXPECT_EQ(run.result.code(), kCode);
}

TEST_F(FindRunTest, TrainedInitialWeightsAreARunOtherInputsAreNot) {
  PutRun(store_.WeightsDir(kFirst, kCode), kFirst, kCode);
  PutResult(store_.InputDir(kSecond), kSecond, "");
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store_, kCode, "01"));
  EXPECT_EQ(run.dir, store_.WeightsDir(kFirst, kCode));
  EXPECT_THAT(FindRun(store_, kCode, "0124"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'0124'")));
}

TEST_F(FindRunTest, ARunWithoutAResultIsNotDone) {
  Put(store_.RunDir(kFirst, kCode) + "/LEASE", "");
  EXPECT_THAT(
      FindRun(store_, kCode, "01"),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr("not done"),
                     HasSubstr(ResultPath(store_.RunDir(kFirst, kCode))))));
}

TEST_F(FindRunTest, AResultThatDoesNotHoldIsAnErrorUnlessAnotherDoes) {
  PutRun(store_.RunDir(kFirst, kCode), kFirst, kCode);
  Put(store_.RunDir(kFirst, kCode) + "/weights.safetensors", "shorter or not");
  EXPECT_THAT(
      FindRun(store_, kCode, "01"),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("weights.safetensors")));
  PutRun(store_.RunDir(kFirst, kOther), kFirst, kOther);
  EXPECT_THAT(FindRun(store_, kCode, "01"), IsOk());
}

TEST_F(FindRunTest, PlacesFollowAStoreThatWasMoved) {
  PutRun(store_.RunDir(kFirst, kCode), kFirst, kCode);
  const std::string moved = NewDir() + "/moved";
  std::filesystem::rename(store_.root(), moved);
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(moved));
  ASSERT_OK_AND_ASSIGN(const FoundRun run, FindRun(store, kCode, "01"));
  EXPECT_EQ(run.launch.job_dir(), store.RunDir(kFirst, kCode));
  EXPECT_EQ(run.launch.train().tokenizer_path(),
            moved + "/inputs/x/spiece.model");
  EXPECT_EQ(run.launch.train().data_root(), "/data/rrsisd");
}

}  // namespace
}  // namespace transect
