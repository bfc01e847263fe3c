#include "launch/store/store.h"

#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

TEST(StoreTest, OpeningWritesNothing) {
  const std::string root = NewDir() + "/store";
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(root));
  EXPECT_EQ(store.root(), root);
  EXPECT_FALSE(FileExists(root));
}

TEST(StoreTest, CreatingWritesAVersionThatOpensAgain) {
  const std::string root = NewDir() + "/a/store/";
  ASSERT_THAT(Store::OpenOrCreate(root), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string version, ReadFile(root + "VERSION"));
  EXPECT_EQ(version, "transect store 2\n");
  EXPECT_THAT(Store::Open(root), IsOk());
  EXPECT_THAT(Store::OpenOrCreate(root), IsOk());
}

TEST(StoreTest, RefusesANewerLayout) {
  const std::string root = NewDir();
  Put(root + "/VERSION", "transect store 3\n");
  EXPECT_THAT(Store::Open(root),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("VERSION"), HasSubstr("version 3"))));
}

TEST(StoreTest, RefusesAVersionThatIsGarbage) {
  const std::string root = NewDir();
  Put(root + "/VERSION", "transect store one\n");
  EXPECT_THAT(Store::Open(root), StatusIs(absl::StatusCode::kFailedPrecondition,
                                          HasSubstr("transect store one")));
}

TEST(StoreTest, RefusesADirectoryWithOtherThingsInIt) {
  const std::string root = NewDir();
  Put(root + "/thesis.tex", "");
  EXPECT_THAT(
      Store::OpenOrCreate(root),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("thesis.tex")));
  EXPECT_FALSE(FileExists(root + "/VERSION"));
}

TEST(StoreTest, RefusesAFile) {
  const std::string root = NewDir() + "/file";
  Put(root, "");
  EXPECT_THAT(Store::Open(root).status().message(), HasSubstr(root));
  EXPECT_THAT(Store::Open(root), Not(IsOk()));
}

TEST(StoreTest, AVersionThatIsBeingWrittenIsNoOtherThing) {
  const std::string root = NewDir();
  Put(root + "/VERSION.tmp.17.0", "trans");
  EXPECT_THAT(Store::OpenOrCreate(root), IsOk());
}

TEST(StoreTest, DirectoriesAreFunctionsOfIdsAlone) {
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open("/s"));
  EXPECT_EQ(store.RunDir(kId, kCode),
            "/s/runs/h2/01/0123456789abcdef0123456789abcdef/fedcba987654");
  EXPECT_EQ(store.InputDir(kId),
            "/s/inputs/h2/01/0123456789abcdef0123456789abcdef");
  EXPECT_EQ(store.WeightsDir(kId, kCode),
            "/s/inputs/h2/01/0123456789abcdef0123456789abcdef/fedcba987654");
}

// Another name would orphan what existing stores hold: raise kStoreVersion.
TEST(StoreTest, NamesOfVersion2) {
  ASSERT_EQ(kStoreVersion, 2);
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open("/s"));
  EXPECT_EQ(store.BundleDir(kCode), "/s/bundles/fedcba987654");
  EXPECT_EQ(CodePartsPath("/b"), "/b/code.textproto");
  EXPECT_EQ(store.ContentPath("abcdef"), "/s/cas/copies/ab/abcdef");
  EXPECT_EQ(store.DigestCacheDir(), "/s/cache/digests");
  EXPECT_EQ(store.ThroughputPath("k"), "/s/rates/k.textproto");
  EXPECT_EQ(store.ReportPath("tiny"), "/s/reports/tiny.md");
  EXPECT_EQ(LeasePath("/j"), "/j/LEASE");
  EXPECT_EQ(SpecPath("/j"), "/j/spec.textproto");
  EXPECT_EQ(InputsPath("/j/attempts/0001"),
            "/j/attempts/0001/inputs.textproto");
  EXPECT_EQ(ResultPath("/j"), "/j/result.textproto");
  EXPECT_EQ(AttemptDir("/j", 12), "/j/attempts/0012");
  EXPECT_EQ(LaunchPath("/a"), "/a/launch.textproto");
  EXPECT_EQ(ProvenancePath("/a"), "/a/provenance.textproto");
  EXPECT_EQ(OutcomePath("/a"), "/a/outcome.textproto");
  EXPECT_EQ(RendezvousPath("/a"), "/a/rendezvous");
  EXPECT_EQ(RankLogPath("/a", 3), "/a/rank00003.log");
  EXPECT_EQ(RankMetricsPath("/a", 3), "/a/rank00003.metrics");
  EXPECT_EQ(RankMasksPath("/a", 3), "/a/rank00003.masks");
  EXPECT_EQ(EvaluationDir("/j", "val", kId), "/j/evaluations/val-0123456789ab");
}

TEST(StoreTest, AStoreOfAnOlderVersionKeepsItsRunsApart) {
  const std::string root = NewDir();
  Put(root + "/VERSION", "transect store 1\n");
  Put(absl::StrCat(root, "/runs/01/", kId, "/aaaaaaaaaaaa/LEASE"), "");
  ASSERT_OK_AND_ASSIGN(const Store old, Store::Open(root));
  EXPECT_THAT(ReadFile(root + "/VERSION"), IsOkAndHolds("transect store 1\n"));
  ASSERT_OK_AND_ASSIGN(const Store store, Store::OpenOrCreate(root));
  EXPECT_THAT(ReadFile(root + "/VERSION"), IsOkAndHolds("transect store 2\n"));
  EXPECT_THAT(store.RunIds(""), IsEmpty());
  EXPECT_THAT(store.CodesOfRun(kId), IsEmpty());
  ASSERT_THAT(store.OlderRuns(), SizeIs(1));
  const OlderRun older = store.OlderRuns()[0];
  EXPECT_EQ(older.scheme, "h1");
  EXPECT_EQ(older.id, kId);
  EXPECT_EQ(older.code, "aaaaaaaaaaaa");
  EXPECT_EQ(older.dir, absl::StrCat(root, "/runs/01/", kId, "/aaaaaaaaaaaa"));
  // Runs of the present scheme are not older.
  ASSERT_THAT(MakeDirs(store.RunDir(kId, kCode)), IsOk());
  EXPECT_THAT(store.OlderRuns(), SizeIs(1));
}

TEST(StoreTest, ListsTheEvaluationsOfARun) {
  const std::string run = NewDir();
  EXPECT_THAT(EvaluationNames(run), IsEmpty());
  for (const char* split : {"val", "test"}) {
    ASSERT_THAT(MakeDirs(EvaluationDir(run, split, kId)), IsOk());
    ASSERT_THAT(MakeDirs(EvaluationDir(run, split, kId) + ".making.1"), IsOk());
  }
  EXPECT_THAT(EvaluationNames(run),
              ElementsAre("test-0123456789ab", "val-0123456789ab"));
}

TEST(StoreTest, AnAttemptHasANumber) {
  EXPECT_EQ(AttemptNumber(AttemptDir("/j", 12)), 12);
  EXPECT_EQ(AttemptNumber("/j"), 0);
}

TEST(StoreTest, OtherNamesAreNoCodes) {
  ASSERT_OK_AND_ASSIGN(const Store store, Store::OpenOrCreate(NewDir()));
  for (const std::string& name :
       {std::string("aaaaaaaaaaaa"), std::string("aaaaaaaaaaaa.making.1"),
        std::string(kDataDir), std::string("attempts")}) {
    ASSERT_THAT(MakeDirs(absl::StrCat(store.root(), "/bundles/", name)),
                IsOk());
    ASSERT_THAT(MakeDirs(absl::StrCat(store.InputDir(kId), "/", name)), IsOk());
  }
  EXPECT_THAT(store.Codes(), ElementsAre("aaaaaaaaaaaa"));
  EXPECT_THAT(store.CodesOfWeights(kId), ElementsAre("aaaaaaaaaaaa"));
}

TEST(StoreTest, ListsTheCodesOfARun) {
  ASSERT_OK_AND_ASSIGN(const Store store, Store::OpenOrCreate(NewDir()));
  EXPECT_THAT(store.CodesOfRun(kId), IsEmpty());
  ASSERT_THAT(MakeDirs(store.RunDir(kId, "bbbbbbbbbbbbbbbb")), IsOk());
  ASSERT_THAT(MakeDirs(store.RunDir(kId, "aaaaaaaaaaaaaaaa")), IsOk());
  EXPECT_THAT(store.CodesOfRun(kId),
              ElementsAre("aaaaaaaaaaaa", "bbbbbbbbbbbb"));
}

TEST(StoreTest, AttemptsAreNumberedFromOneAndNeverReused) {
  const std::string job = NewDir();
  EXPECT_THAT(Attempts(job), IsEmpty());
  EXPECT_THAT(MakeNextAttempt(job), IsOkAndHolds(1));
  EXPECT_THAT(MakeNextAttempt(job), IsOkAndHolds(2));
  EXPECT_THAT(Attempts(job), ElementsAre(1, 2));
  EXPECT_TRUE(FileExists(job + "/attempts/0002"));
}

TEST(CheckResultTest, NoFileIsAbsent) {
  EXPECT_EQ(CheckResult(NewDir(), kId, kCode).state, ResultCheck::kAbsent);
}

TEST(CheckResultTest, AcceptsTheResultOfTheJob) {
  const std::string job = NewDir();
  PutResult(job, kId, kCode);
  EXPECT_EQ(CheckResult(job, kId, kCode).state, ResultCheck::kValid);
  EXPECT_EQ(CheckResult(job, kId, "").state, ResultCheck::kValid);
  EXPECT_EQ(CheckResult(job, kId, kCode).result.file(0).path(), "out");
}

// Each of these would be a wrong number in a table if it counted as done, and a
// lost one if it counted as not done.
TEST(CheckResultTest, EverythingElseIsCorruptAndNamesTheFile) {
  const std::string job = NewDir();
  const auto expect_corrupt = [&](const std::string& what) {
    const ResultCheck check = CheckResult(job, kId, kCode);
    EXPECT_EQ(check.state, ResultCheck::kCorrupt) << what;
    EXPECT_THAT(check.problem, HasSubstr(job + "/result.textproto"));
    EXPECT_THAT(check.problem, HasSubstr(what));
  };
  PutResult(job, "another", kCode);
  expect_corrupt("'another'");
  PutResult(job, kId, "another");
  expect_corrupt("code 'another'");
  PutResult(job, kId, kCode);
  Put(job + "/out", "abcd");
  expect_corrupt("4 bytes instead of 3");
  ASSERT_EQ(unlink((job + "/out").c_str()), 0);
  expect_corrupt("No such file");
  Put(job + "/result.textproto", "");
  expect_corrupt("''");
  Put(job + "/result.textproto", std::string("\x00\xff garbage", 10));
  expect_corrupt("result.textproto:1:");
}

// As a network file system shows it to another machine for a moment.
TEST(CheckResultTest, AResultThatIsThereBeforeItsFileIsReadAgain) {
  const std::string dir = NewDir();
  PutResult(dir, kId, kCode);
  const std::string file = dir + "/out";
  ASSERT_OK_AND_ASSIGN(const std::string contents, ReadFile(file));
  ASSERT_EQ(unlink(file.c_str()), 0);
  std::thread server([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    Put(file, contents);
  });
  EXPECT_EQ(CheckResult(dir, kId, kCode).state, ResultCheck::kValid);
  server.join();
}

}  // namespace
}  // namespace transect
