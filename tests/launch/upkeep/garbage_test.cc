#include "launch/upkeep/garbage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr int64_t kDay = 24 * 60 * 60;

class GarbageTest : public testing::Test {
 protected:
  GarbageTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    job_ = store_.RunDir(kId, kCode);
    options_.now = time(nullptr);
  }

  std::string Attempt(int attempt) { return AttemptDir(job_, attempt); }

  // An attempt that failed for `cause`.
  void Fail(int attempt, const std::string& cause) {
    Put(OutcomePath(Attempt(attempt)),
        absl::StrCat("exit_code: 70 cause: '", cause, "'\n"));
  }

  // A log of the steps after `begin` up to `end`; `from` is the attempt that it
  // goes on from, 0 for none.
  void Train(int attempt, int begin, int end, int from = 0) {
    MetricRecord record;
    record.mutable_header()->set_id(kId);
    record.mutable_header()->set_attempt(attempt);
    record.mutable_header()->set_ranks(1);
    ASSERT_THAT(MakeDirs(Attempt(attempt)), IsOk());
    const auto log =
        *MetricLogWriter::Create(RankMetricsPath(Attempt(attempt), 0));
    ASSERT_THAT(log->Append(record), IsOk());
    if (from > 0) {
      record.mutable_resumed()->set_step(begin);
      record.mutable_resumed()->set_attempt(from);
      ASSERT_THAT(log->Append(record), IsOk());
    }
    for (int step = begin + 1; step <= end; ++step) {
      record.mutable_train_step()->set_step(step);
      record.mutable_train_step()->set_mean_of_steps(1);
      ASSERT_THAT(log->Append(record), IsOk());
    }
    ASSERT_THAT(log->Close(), IsOk());
  }

  void Finish(int attempt) {
    Put(job_ + "/out", "abc");
    Put(ResultPath(job_),
        absl::StrCat("id: '", kId, "' code: '", kCode, "' attempt: ", attempt,
                     " file { path: 'out' bytes: 3 }\n"));
  }

  // Kind and path in the store.
  std::vector<std::pair<GarbageKind::Value, std::string>> Find() {
    std::vector<std::pair<GarbageKind::Value, std::string>> found;
    const GarbageList list = FindGarbage(store_, options_);
    for (const Garbage& garbage : list.garbage()) {
      EXPECT_NE(garbage.why(), "");
      found.emplace_back(garbage.kind(), garbage.path());
    }
    return found;
  }

  Store store_;
  std::string job_;
  GarbageOptions options_;
};

TEST_F(GarbageTest, OfAFinishedRunOnlyWhatGaveNothingToIt) {
  // 1 trained to 4 and died; 2 failed; 3 went on from 1 and died; 4 failed; 5
  // went on from 3 and finished; 6 found it trained and evaluated.
  Train(1, 0, 4);
  Fail(2, "no data");
  Train(3, 2, 6, 1);
  Fail(4, "no data");
  Train(5, 4, 8, 3);
  Finish(5);
  Put(Attempt(6) + "/outcome.textproto", "exit_code: 0\n");
  Put(Attempt(6) + "/staging/half", "x");
  Put(Attempt(5) + "/staging.away/half", "x");
  Put(Attempt(3) + "/checkpoints/step-4.safetensors", "weights");
  Put(job_ + "/data.making.0123", "x");
  EXPECT_THAT(Find(),
              UnorderedElementsAre(
                  Pair(GarbageKind::STAGING, Attempt(6) + "/staging"),
                  Pair(GarbageKind::STAGING, Attempt(5) + "/staging.away"),
                  Pair(GarbageKind::STAGING, job_ + "/data.making.0123"),
                  Pair(GarbageKind::CHECKPOINTS, Attempt(3) + "/checkpoints"),
                  Pair(GarbageKind::ATTEMPT, Attempt(2)),
                  Pair(GarbageKind::ATTEMPT, Attempt(4))));
}

TEST_F(GarbageTest, OfAnUnfinishedRunTheCheckpointsAndLastFailuresStay) {
  for (int attempt = 1; attempt <= 6; ++attempt) Fail(attempt, "no data");
  // Lives on in attempt 4.
  Put(Attempt(2) + "/checkpoints/step-4.safetensors", "weights");
  EXPECT_THAT(Find(),
              ElementsAre(Pair(GarbageKind::FAILED_ATTEMPT, Attempt(1)),
                          Pair(GarbageKind::FAILED_ATTEMPT, Attempt(3))));
  // One that may still be written has no outcome.
  remove(OutcomePath(Attempt(1)).c_str());
  EXPECT_THAT(Find(),
              ElementsAre(Pair(GarbageKind::FAILED_ATTEMPT, Attempt(3))));
}

TEST_F(GarbageTest, WhereALogIsDamagedAllAttemptsStay) {
  Train(1, 0, 4);
  Fail(2, "no data");
  Train(3, 2, 6, 1);
  Finish(3);
  Put(RankMetricsPath(Attempt(3), 0), "no log, but long enough to be one");
  const GarbageList list = FindGarbage(store_, options_);
  EXPECT_THAT(list.garbage(), IsEmpty());
  ASSERT_THAT(list.note(), ElementsAre(HasSubstr("logs cannot be read")));
}

TEST_F(GarbageTest, WhatIsInUseOrKeptStays) {
  Put(Attempt(1) + "/staging/half", "x");
  Finish(1);
  EXPECT_EQ(Find().size(), 1);
  options_.kept = KeptIds("run 0123456789ab, base\n");
  EXPECT_THAT(Find(), IsEmpty());
  options_.kept = KeptIds("0123456789abcdef0123456789abcdef/fedcba987654");
  EXPECT_THAT(Find(), IsEmpty());
  options_.kept = KeptIds("0123456 and 76543210fedcba98");
  EXPECT_EQ(Find().size(), 1);
  const GarbageList before = FindGarbage(store_, options_);
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Lease> lease,
                         Lease::TryTake(job_));
    EXPECT_THAT(Find(), IsEmpty());
    // Taken after it was listed.
    const GarbageList removed = RemoveGarbage(store_, options_, before);
    EXPECT_THAT(removed.garbage(), IsEmpty());
    EXPECT_THAT(removed.note(), ElementsAre(HasSubstr(job_)));
  }
  EXPECT_TRUE(FileExists(Attempt(1) + "/staging/half"));
  const GarbageList removed = RemoveGarbage(store_, options_, before);
  EXPECT_EQ(removed.garbage_size(), 1);
  EXPECT_TRUE(removed.deleted());
  EXPECT_FALSE(FileExists(Attempt(1) + "/staging"));
  EXPECT_TRUE(FileExists(job_ + "/out"));
  EXPECT_THAT(Find(), IsEmpty());
}

TEST_F(GarbageTest, BundlesThatSomethingNamesStay) {
  const std::string library = "\177ELF library";
  const auto bundle = [&](const std::string& code, const std::string& what) {
    Put(store_.BundleDir(code) + "/system_libraries/libx.so", what);
    Put(CodePartsPath(store_.BundleDir(code)),
        absl::StrCat("library { path: 'system_libraries/libx.so' sha256: '",
                     Sha256(what), "' }\n"));
    Put(store_.ContentPath(Sha256(what)), what);
  };
  Finish(1);
  bundle(kCode, library);
  bundle("aaaaaaaaaaaa", library + "2");
  bundle("bbbbbbbbbbbb", library + "3");
  bundle("cccccccccccc", library + "4");
  Put(SweepPath(store_.SweepDir("mine")), "code: 'bbbbbbbbbbbb0123'\n");
  // A list of what a found data set held is no library.
  Put(store_.ContentPath(Sha256("list")), "list");
  options_.code = "cccccccccccc";
  // All are young: their runs may be about to start.
  EXPECT_THAT(Find(), IsEmpty());
  options_.now += 2 * kDay;
  EXPECT_THAT(
      Find(),
      ElementsAre(Pair(GarbageKind::BUNDLE, store_.BundleDir("aaaaaaaaaaaa")),
                  Pair(GarbageKind::CONTENT,
                       store_.ContentPath(Sha256(library + "2")))));
  RemoveGarbage(store_, options_, FindGarbage(store_, options_));
  EXPECT_THAT(store_.Codes(),
              ElementsAre("bbbbbbbbbbbb", "cccccccccccc", ShownCode(kCode)));
  EXPECT_THAT(Find(), IsEmpty());
}

TEST_F(GarbageTest, CachesGoByTheirAge) {
  Put(store_.DigestCacheDir() + "/a.textproto", "x");
  Put(store_.CheckedDataPath("b"), "x");
  Put(store_.ProgramDir("0123") + "/bin/transect", "x");
  EXPECT_THAT(Find(), IsEmpty());
  options_.now += 2 * kDay;
  EXPECT_THAT(Find(), ElementsAre(Pair(GarbageKind::PROGRAM,
                                       store_.ProgramDir("0123"))));
  Put(SweepPath(store_.SweepDir("mine")), "program: '0123'\n");
  EXPECT_THAT(Find(), IsEmpty());
  options_.now += 100 * kDay;
  EXPECT_EQ(Find().size(), 2);
  options_.cache_days = -1;
  EXPECT_THAT(Find(), IsEmpty());
}

TEST_F(GarbageTest, RepetitionsGoOnceNobodyCertifies) {
  const std::string dir = store_.CertifyDir(std::string(32, 'a'), kCode);
  Put(dir + "/killed/weights.safetensors", "x");
  {
    const auto lease = Lease::TryTake(dir);
    ASSERT_THAT(lease.status(), IsOk());
    EXPECT_THAT(FindGarbage(store_, options_).garbage(), IsEmpty());
  }
  const GarbageList list = FindGarbage(store_, options_);
  ASSERT_EQ(list.garbage_size(), 1);
  EXPECT_EQ(list.garbage(0).path(), dir);
  EXPECT_EQ(list.garbage(0).kind(), GarbageKind::REPETITION);
  RemoveGarbage(store_, options_, list);
  EXPECT_FALSE(FileExists(dir));
}

TEST_F(GarbageTest, TheTextHasSizesReasonsAndTheSum) {
  Finish(1);
  Put(Attempt(1) + "/staging/half", std::string(5000, 'x'));
  const std::string text = GarbageText(FindGarbage(store_, options_));
  EXPECT_THAT(text, HasSubstr("runs/h2/01/"));
  EXPECT_THAT(text, HasSubstr("outputs that the attempt did not finish"));
  EXPECT_THAT(text, HasSubstr("could go: 1 item, "));
}

}  // namespace
}  // namespace transect
