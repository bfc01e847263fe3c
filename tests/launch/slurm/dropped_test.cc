// Runs that an experiment no longer has.
#include "launch/slurm/dropped.h"

#include <stdlib.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/ledger/ledger.h"
#include "launch/slurm/sweep.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DroppedTest : public testing::Test {
 protected:
  DroppedTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    plan_.code = kRunCode;
    plan_.expansion.name = "sweep";
    AddWantedRun(store_, &plan_);
    AddWantedRun(store_, &all_);
    AddWantedRun(store_, &all_);
    AddWantedRun(store_, &all_);
    LedgerStart start;
    start.set_kind(LedgerStart::LOCAL);
    start.set_experiment("sweep");
    start.set_code(kRunCode);
    ledger_ = std::make_unique<LedgerWriter>(store_, start);
  }
  ~DroppedTest() override { setenv("PATH", path_.c_str(), 1); }

  void Write(LedgerEvent::Kind kind, int run) {
    LedgerEvent event;
    event.set_kind(kind);
    event.add_run(all_.jobs[run].id);
    if (kind == LedgerEvent::INTENT) {
      event.set_job_name(SingleName(all_.jobs[run].id));
      event.set_comment("c");
    }
    ASSERT_THAT(ledger_->Append(std::move(event)), IsOk());
  }

  const std::string path_ = getenv("PATH");
  Store store_;
  // The experiment has the first run; it had all.
  Plan plan_;
  Plan all_;
  std::unique_ptr<LedgerWriter> ledger_;
};

TEST_F(DroppedTest, WhatIsUnderWayAndNotInTheExperimentIsFound) {
  for (int run = 0; run < 3; ++run) Write(LedgerEvent::BEGUN, run);
  const std::string& dir = all_.jobs[1].dir;
  ASSERT_THAT(MakeDirs(dir), IsOk());
  {
    const auto lease = Lease::TryTake(dir);
    ASSERT_THAT(lease, IsOk());
    const auto found = FindDropped(store_, plan_, /*ask=*/false);
    ASSERT_THAT(found, IsOk());
    ASSERT_THAT(*found, SizeIs(1));
    EXPECT_EQ((*found)[0].id, all_.jobs[1].id);
    EXPECT_EQ((*found)[0].status.state, RunState::kRunning);
    ASSERT_THAT(CancelDropped(store_, plan_, *found), IsOk());
    EXPECT_THAT(CancelText(dir), HasSubstr("cancelled by"));
  }
  // It has stopped.
  EXPECT_THAT(*FindDropped(store_, plan_, /*ask=*/false), IsEmpty());
}

TEST_F(DroppedTest, WhatWaitsInSlurmIsTakenOut) {
  Write(LedgerEvent::INTENT, 2);
  const std::string bin = NewDir();
  const auto program = [&](const std::string& name, const std::string& text) {
    Put(bin + "/" + name, absl::StrCat("#!/bin/sh\n", text, "\n"));
    ASSERT_EQ(system(absl::StrCat("chmod +x ", bin, "/", name).c_str()), 0);
  };
  const std::string name = SingleName(all_.jobs[2].id);
  program("squeue",
          absl::StrCat("echo '17|PENDING|N/A||", name, "|c|Resources'"));
  program("scancel", absl::StrCat("echo \"$@\" > ", bin, "/cancelled"));
  setenv("PATH", absl::StrCat(bin, ":/usr/bin:/bin").c_str(), 1);
  const auto found = FindDropped(store_, plan_, /*ask=*/true);
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(*found, SizeIs(1));
  EXPECT_EQ((*found)[0].status.state, RunState::kQueued);
  EXPECT_EQ((*found)[0].status.job, "17");
  ASSERT_THAT(CancelDropped(store_, plan_, *found), IsOk());
  EXPECT_EQ(*ReadFile(bin + "/cancelled"),
            absl::StrCat("--state=PENDING --name=", name, "\n"));
  EXPECT_THAT(*FindDropped(store_, plan_, /*ask=*/true), IsEmpty());
}

}  // namespace
}  // namespace transect
