// From a plan to a sweep, its scripts, and back.
#include "launch/slurm/sweep.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/process.h"
#include "launch/plan/plan.h"
#include "launch/slurm/allocation.h"
#include "launch/slurm/script.h"
#include "launch/slurm/sweep_jobs.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/golden.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kMiB = int64_t{1} << 20;

// Where nothing is read or written, so that scripts are the same everywhere.
Store FixedStore() { return *Store::Open("/data/transect store"); }

// A plan of `runs` runs with `ranks` ranks of 2 threads, and an input that all
// of them need.
Plan PlanOf(const Store& store, int runs, int ranks) {
  Plan plan;
  plan.expansion.name = "rank sweep";
  plan.code = kRunCode;
  for (int i = 0; i <= runs; ++i) {
    Job& job = AddWantedRun(store, &plan);
    job.id = absl::StrCat(job.id.substr(0, 30), i < 10 ? "0" : "", i);
    job.launch.set_id(job.id);
    job.dir = store.RunDir(job.id, kRunCode);
    job.threads = 2;
    if (i == 0) {
      job.kind = Job::Kind::kWeights;
      continue;
    }
    job.launch.set_ranks(ranks);
    job.needs = {0};
    auto* const need = job.launch.mutable_forecast();
    need->set_processors(2 * ranks);
    need->set_memory_bytes(600 * kMiB);
    need->set_gpus(ranks > 1 ? ranks : 0);
  }
  plan.first_run = 1;
  plan.expansion.runs.erase(plan.expansion.runs.begin());
  plan.expansion.spec_ids.clear();
  for (int i = 1; i <= runs; ++i) {
    plan.expansion.spec_ids.push_back(plan.jobs[i].id);
  }
  plan.expansion.reads.pop_back();
  return plan;
}

std::vector<int> Runs(const Plan& plan) {
  std::vector<int> runs;
  for (size_t i = 1; i < plan.jobs.size(); ++i) {
    runs.push_back(static_cast<int>(i));
  }
  return runs;
}

SweepParts Parts() {
  SweepParts parts;
  parts.program = "0123456789abcdef";
  parts.worker = "/data/transect store/bundles/x/worker";
  return parts;
}

TEST(NodesFor, AreAsFewAsTheSiteAllows) {
  SlurmSite site;
  EXPECT_EQ(NodesFor(64, site), 1);
  site.set_ranks_per_node(4);
  EXPECT_EQ(NodesFor(1, site), 1);
  EXPECT_EQ(NodesFor(4, site), 1);
  EXPECT_EQ(NodesFor(8, site), 2);
  // As many on each.
  EXPECT_EQ(NodesFor(6, site), 2);
  EXPECT_EQ(NodesFor(9, site), 3);
}

TEST(AllocationOf, SeveralNodesNeedAnInterface) {
  const Plan plan = PlanOf(FixedStore(), 1, 4);
  SlurmSite site;
  site.set_ranks_per_node(2);
  const auto refused = AllocationOf(plan.jobs[1], site);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("slurm { interface: \"ib0\" }"));
  site.set_interface("ib0");
  const auto allocation = AllocationOf(plan.jobs[1], site);
  ASSERT_THAT(allocation, IsOk());
  EXPECT_EQ(allocation->nodes, 2);
  EXPECT_EQ(allocation->ranks_per_node, 2);
  EXPECT_EQ(allocation->processors_per_rank, 2);
}

TEST(Sweep, ManyRunsAreAnArrayOfSlots) {
  const Store store = FixedStore();
  const Plan plan = PlanOf(store, 20, 2);
  SweepParts parts = Parts();
  parts.site.set_group("lab");
  SlurmSite& site = *parts.site.mutable_slurm();
  site.set_partition("gpu");
  site.set_account("vision");
  site.set_qos("long");
  site.set_gres("gpu:a100");
  site.set_time_limit("24:00:00");
  site.add_option("--exclude=n7");
  site.add_module("cuda/12.1");
  site.set_max_slots(12);
  site.set_max_array_size(5);
  const auto sweep = MakeSweep(plan, store, Runs(plan), parts);
  ASSERT_THAT(sweep, IsOk());
  ASSERT_EQ(sweep->sweep.group_size(), 1);
  std::string text = ScriptText(store, sweep->sweep, 0);
  for (const auto& command : SubmitCommands(store, sweep->sweep, 0)) {
    text += ShellQuoted(command.words) + "\n";
  }
  ExpectGolden("tests/launch/slurm/testdata/array.sbatch", text);
}

TEST(Sweep, FewRunsAreJobsOfTheirOwn) {
  const Store store = FixedStore();
  const Plan plan = PlanOf(store, 2, 1);
  SweepParts parts = Parts();
  parts.site.mutable_slurm()->set_requeue(false);
  const auto sweep = MakeSweep(plan, store, Runs(plan), parts);
  ASSERT_THAT(sweep, IsOk());
  std::string text = ScriptText(store, sweep->sweep, 0);
  for (const auto& command : SubmitCommands(store, sweep->sweep, 0)) {
    text += ShellQuoted(command.words) + "\n";
  }
  ExpectGolden("tests/launch/slurm/testdata/single.sbatch", text);
}

TEST(Sweep, RunsOfEqualResourcesAreAGroup) {
  const Store store = FixedStore();
  Plan plan = PlanOf(store, 4, 1);
  plan.jobs[2].launch.set_ranks(2);
  plan.jobs[2].launch.mutable_forecast()->set_processors(4);
  plan.jobs[4].launch.mutable_forecast()->set_memory_bytes(90000 * kMiB);
  const auto sweep = MakeSweep(plan, store, Runs(plan), Parts());
  ASSERT_THAT(sweep, IsOk());
  ASSERT_EQ(sweep->sweep.group_size(), 3);
  EXPECT_THAT(sweep->sweep.group(0).run(), ElementsAre(1, 3));
  EXPECT_THAT(sweep->sweep.group(1).run(), ElementsAre(4));
  EXPECT_THAT(sweep->sweep.group(2).run(), ElementsAre(2));
  EXPECT_THAT(sweep->sweep.group(2).input(), ElementsAre(0));
}

TEST(Sweep, TheSameAgainHasTheSameName) {
  const Store store = FixedStore();
  const Plan plan = PlanOf(store, 3, 1);
  SweepParts parts = Parts();
  const auto first = MakeSweep(plan, store, Runs(plan), parts);
  parts.provenance.add_argv("--again");
  const auto second = MakeSweep(plan, store, Runs(plan), parts);
  const auto other = MakeSweep(plan, store, std::vector<int>{1}, parts);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->sweep.name(), second->sweep.name());
  EXPECT_NE(first->sweep.name(), other->sweep.name());
  EXPECT_THAT(first->sweep.name(), testing::StartsWith("rank_sweep-"));
}

TEST(Sweep, ASlotHasThePlanOfItsGroup) {
  const auto store = Store::OpenOrCreate(NewDir() + "/store");
  ASSERT_THAT(store, IsOk());
  Plan plan = PlanOf(*store, 3, 1);
  plan.jobs[3].launch.set_ranks(2);
  const auto made = MakeSweep(plan, *store, Runs(plan), Parts());
  ASSERT_THAT(made, IsOk());
  ASSERT_THAT(WriteSweep(*store, *made), IsOk());
  const auto read = ReadSweep(*store, made->sweep.name());
  ASSERT_THAT(read, IsOk());
  auto jobs = SweepJobsReader::Read(*store, *read);
  ASSERT_THAT(jobs, IsOk());
  const auto runs = RunsOfGroup(*read, 0, "");
  ASSERT_THAT(runs, IsOk());
  EXPECT_THAT(*runs, ElementsAre(1, 2));
  std::vector<SweepJob> sources;
  const auto all = PlanOfSweep(*read, &*jobs, *runs, &sources);
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->code, kRunCode);
  EXPECT_EQ(all->first_run, 1);
  ASSERT_EQ(all->jobs.size(), 3u);
  EXPECT_THAT(all->jobs[0].needs, IsEmpty());
  EXPECT_THAT(all->jobs[2].needs, ElementsAre(0));
  EXPECT_TRUE(all->jobs[2].wanted);
  EXPECT_EQ(all->jobs[2].dir, plan.jobs[2].dir);
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[2].id(), plan.jobs[2].id);
  const auto one = RunsOfGroup(*read, 1, plan.jobs[3].id);
  ASSERT_THAT(one, IsOk());
  const auto alone = PlanOfSweep(*read, &*jobs, *one, &sources);
  ASSERT_THAT(alone, IsOk());
  ASSERT_EQ(alone->jobs.size(), 2u);
  EXPECT_EQ(alone->jobs[1].id, plan.jobs[3].id);
  EXPECT_EQ(alone->jobs[1].launch.ranks(), 2);
  EXPECT_FALSE(RunsOfGroup(*read, 0, plan.jobs[3].id).ok());
  EXPECT_FALSE(RunsOfGroup(*read, 2, "").ok());
  EXPECT_TRUE(absl::IsNotFound(ReadSweep(*store, "../runs").status()));
}

// As the runs of a sweep are: alike, but for a few fields.
TEST(SweepJobs, TakeLittleRoomAndAreReadInAnyOrder) {
  const auto store = Store::OpenOrCreate(NewDir() + "/store");
  ASSERT_THAT(store, IsOk());
  Plan plan = PlanOf(*store, 1, 1);
  const Job like = plan.jobs[1];
  std::string like_text;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&like_text, "field_", i, ": ", 7 * i, "\n");
  }
  for (int i = 0; i < 999; ++i) {
    Job& job = plan.jobs.emplace_back(like);
    job.id = Sha256(absl::StrCat(i)).substr(0, 32);
    job.dir = store->RunDir(job.id, kRunCode);
    job.launch.set_id(job.id);
    // As much as a run has to say, and most of it what all say.
    job.launch.set_store(store->root());
    job.launch.set_staging_dir(absl::StrCat(job.dir, like_text));
    plan.expansion.runs.push_back(plan.expansion.runs[0]);
    plan.expansion.spec_ids.push_back(job.id);
    plan.expansion.reads.push_back(plan.expansion.reads[0]);
  }
  const auto made = MakeSweep(plan, *store, Runs(plan), Parts());
  ASSERT_THAT(made, IsOk());
  ASSERT_THAT(WriteSweep(*store, *made), IsOk());
  const std::string directory = store->SweepDir(made->sweep.name());
  EXPECT_LT(ReadFile(SweepPath(directory))->size(), 1000u * 150);
  EXPECT_LT(ReadFile(SweepJobsPath(directory))->size(), 1000u * 250);
  auto jobs = SweepJobsReader::Read(*store, made->sweep);
  ASSERT_THAT(jobs, IsOk());
  for (const int index : {1000, 1, 500, 0, 64, 63}) {
    const auto job = jobs->Get(index);
    ASSERT_THAT(job, IsOk()) << index;
    EXPECT_EQ(job->id(), plan.jobs[index].id);
    EXPECT_EQ(job->dir(), plan.jobs[index].dir);
  }
  EXPECT_FALSE(jobs->Get(1001).ok());
  std::string bytes = *ReadFile(SweepJobsPath(directory));
  bytes[bytes.size() / 2] ^= 1;
  Put(SweepJobsPath(directory), bytes);
  EXPECT_THAT(
      std::string(
          SweepJobsReader::Read(*store, made->sweep).status().message()),
      HasSubstr("is not what its sweep says; remove"));
}

TEST(JobComment, IsReadAsItIsWritten) {
  const JobComment read = ParseComment(CommentText({"a-1", 3, "00ff"}));
  EXPECT_EQ(read.sweep, "a-1");
  EXPECT_EQ(read.group, 3);
  EXPECT_EQ(read.run, "00ff");
  EXPECT_EQ(ParseComment(CommentText({"a-1", 3, ""})).run, "");
  EXPECT_EQ(ParseComment("somebody's words").group, -1);
}

}  // namespace
}  // namespace transect
