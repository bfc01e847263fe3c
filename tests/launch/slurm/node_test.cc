// What happens on a node: its address, copies on its disk, the command that
// starts ranks on it.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/slurm/interface_address.h"
#include "launch/slurm/program.h"
#include "launch/slurm/rank_process.h"
#include "launch/slurm/slot.h"
#include "launch/slurm/srun_ranks.h"
#include "launch/slurm/staged.h"
#include "launch/slurm/sweep.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(InterfaceAddress, IsThatOfTheInterface) {
  const auto loopback = InterfaceAddress("lo");
  ASSERT_THAT(loopback, IsOk());
  EXPECT_THAT(*loopback, testing::StartsWith("127."));
  const auto none = InterfaceAddress("ib77");
  EXPECT_TRUE(absl::IsNotFound(none.status()));
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("lo"));
}

TEST(Stage, CopiesOnceAndWithoutItsMaking) {
  const std::string from = NewDir();
  Put(from + "/data/a", "A");
  Put(from + "/result.textproto", "R");
  Put(from + "/LEASE", "");
  Put(from + "/LEASE.3", "");
  Put(AttemptDir(from, 1) + "/rank00000.log", "log");
  const std::string to = NewDir() + "/deep/copy";
  ASSERT_THAT(Stage(from, to), IsOk());
  EXPECT_EQ(*ReadFile(to + "/data/a"), "A");
  const auto names = ListDirectory(to);
  ASSERT_THAT(names, IsOk());
  EXPECT_THAT(*names, ElementsAre("data", "result.textproto"));
  Put(from + "/data/a", "B");
  ASSERT_THAT(Stage(from, to), IsOk());
  EXPECT_EQ(*ReadFile(to + "/data/a"), "A");
  EXPECT_FALSE(Stage(from + "/none", to + "2").ok());
  EXPECT_FALSE(FileExists(to + "2"));
}

TEST(StageFor, BundleAndMadeDataAreReadFromTheNode) {
  const auto store = Store::Open("/store");
  ASSERT_THAT(store, IsOk());
  const std::string id(32, 'a');
  Sweep sweep;
  sweep.set_code("0123456789abcdef");
  sweep.set_worker(store->BundleDir(sweep.code()) + "/launch/worker");
  SweepJob job;
  job.mutable_inputs()->set_data(id);
  LaunchPlan plan;
  plan.mutable_train()->set_data_root(store->InputDir(id) + "/data");
  const LaunchPlan before = plan;
  const Staged none = StageFor(*store, sweep, job, &plan);
  EXPECT_THAT(none.pairs, IsEmpty());
  EXPECT_EQ(none.worker, sweep.worker());
  EXPECT_EQ(plan.train().data_root(), before.train().data_root());
  sweep.mutable_site()->mutable_slurm()->set_scratch("/local");
  const Staged staged = StageFor(*store, sweep, job, &plan);
  const std::string bundle = store->BundleDir(sweep.code());
  EXPECT_THAT(staged.pairs,
              ElementsAre(bundle + "=/local/transect" + bundle.substr(6),
                          store->InputDir(id) + "=/local/transect" +
                              store->InputDir(id).substr(6)));
  EXPECT_EQ(staged.worker,
            "/local/transect" + bundle.substr(6) + "/launch/worker");
  EXPECT_EQ(plan.train().data_root(),
            "/local/transect" + store->InputDir(id).substr(6) + "/data");
  // Found data stay where they are.
  plan.mutable_train()->set_data_root("/data/rrsisd");
  EXPECT_EQ(StageFor(*store, sweep, job, &plan).pairs.size(), 1u);
  EXPECT_EQ(plan.train().data_root(), "/data/rrsisd");
}

TEST(SrunCommand, SaysAllThatARankNeeds) {
  SrunOptions options;
  options.program = "/p/transect";
  options.worker = "/b/worker";
  options.processors = 3;
  options.site.set_interface("ib0");
  options.site.add_container_prefix("apptainer");
  options.site.add_container_prefix("exec");
  options.stage = {"/a=/b"};
  RanksSpec spec;
  spec.plan.set_ranks(4);
  spec.plan.set_job_dir("/j");
  spec.plan.set_attempt_dir("/j/attempts/0001");
  spec.threads = 2;
  spec.nodes = 2;
  EXPECT_EQ(absl::StrJoin(SrunCommand(options, spec), "\n"),
            R"(--kill-on-bad-exit=1
--mpi=none
--input=none
--export=ALL
--nodes=2
--ntasks=4
--ntasks-per-node=2
--cpus-per-task=3
--distribution=block
--chdir=/j
/p/transect
rank
--launch=/j/attempts/0001/launch.textproto
--worker=/b/worker
--threads=2
--interface=ib0
--stage=/a=/b
--prefix=apptainer
--prefix=exec)");
}

// As Slurm 20.11 to 23.11 write it.
TEST(SaysOutOfMemory, KnowsTheWordsOfSlurm) {
  EXPECT_TRUE(SaysOutOfMemory(
      "slurmstepd: error: Detected 1 oom_kill event in StepId=5.0. Some of "
      "the step tasks have been OOM Killed.\n"));
  EXPECT_TRUE(SaysOutOfMemory(
      "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=5.0.\n"));
  EXPECT_TRUE(SaysOutOfMemory("srun: error: n1: task 0: Out Of Memory\n"));
  EXPECT_FALSE(SaysOutOfMemory("srun: error: n1: task 0: Killed\n"));
  EXPECT_FALSE(SaysOutOfMemory(""));
}

TEST(RunRankProcess, IsForSrunOnly) {
  EXPECT_THAT(std::string(RunRankProcess({}).status().message()),
              HasSubstr("SLURM_PROCID"));
}

TEST(RunSlot, IsForJobsOnly) {
  const auto store = Store::Open(NewDir() + "/store");
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT(std::string(RunSlot(*store, {}).status().message()),
              HasSubstr("--executor slurm"));
}

TEST(InstallProgram, CopiesThisProgramAndItsLibrariesOnce) {
  const auto store = Store::OpenOrCreate(NewDir() + "/store");
  ASSERT_THAT(store, IsOk());
  const auto digest = InstallProgram(*store);
  ASSERT_THAT(digest, IsOk());
  EXPECT_EQ(*digest, *ProgramDigest());
  EXPECT_EQ(*Sha256OfFile(ProgramPath(*store, *digest)),
            *Sha256OfFile("/proc/self/exe"));
  ASSERT_THAT(InstallProgram(*store), IsOk());
}

}  // namespace
}  // namespace transect
