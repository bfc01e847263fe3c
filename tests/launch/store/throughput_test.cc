#include "launch/store/throughput.h"

#include <sched.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

RunSpec Resolved(RunSpec run) {
  ResolveRun(&run);
  return run;
}

TrainingWork Work(const RunSpec& run, const Machine& machine) {
  return WorkOf(run, CostOfImage(run), machine);
}

Machine SomeMachine() {
  Machine machine;
  machine.processor = "a processor";
  machine.gpu = "a GPU";
  return machine;
}

Throughput Measured(double step_seconds, bool probe = false) {
  Result result;
  result.set_steps(100);
  result.set_step_seconds(step_seconds);
  result.set_seconds(100 * step_seconds + 15 + 7);
  result.set_validation_seconds(7);
  result.set_eval_items(50);
  result.set_eval_seconds(5);
  result.set_peak_memory_bytes(static_cast<int64_t>(1000 * step_seconds));
  result.set_peak_device_memory_bytes(77);
  std::optional<Throughput> throughput =
      ThroughputOfResult(Work(Resolved(SampleRun()), SomeMachine()),
                         /*passes=*/2, result);
  EXPECT_TRUE(throughput.has_value());
  throughput->set_probe(probe);
  return *throughput;
}

TEST(TrainingWorkTest, IsOfWhatDecidesTheTimeOfAStep) {
  const RunSpec run = Resolved(SampleRun());
  const TrainingWork work = Work(run, SomeMachine());
  EXPECT_EQ(work.processor(), "a processor");
  EXPECT_EQ(work.global_batch(), 4);
  EXPECT_GT(work.train_flops(), work.forward_flops());
  RunSpec other = run;
  other.set_seed(9);
  other.mutable_training()->mutable_optimizer()->set_lr(1);
  other.mutable_training()->set_steps(77);
  EXPECT_TRUE(SameWork(work, Work(other, SomeMachine())));
  other.mutable_training()->set_threads_per_rank(2);
  EXPECT_FALSE(SameWork(work, Work(other, SomeMachine())));
  other = run;
  other.mutable_model()->mutable_rsrefseg()->mutable_prompter()->set_prompts(
      PrompterSpec::SPARSE);
  EXPECT_FALSE(SameWork(work, Work(other, SomeMachine())));
  other = run;
  other.mutable_training()->set_activations(TrainingSpec::RECOMPUTE);
  EXPECT_FALSE(SameWork(work, Work(other, SomeMachine())));
  EXPECT_LT(CostOfImage(other).activation_bytes,
            CostOfImage(run).activation_bytes);
  other = run;
  other.mutable_training()->set_device(TrainingSpec::CUDA);
  EXPECT_EQ(Work(other, SomeMachine()).processor(), "a GPU");
}

// A rank with several shards encodes each twice, where the towers learn.
TEST(TrainingWorkTest, SeveralShardsOfARankAreEncodedTwice) {
  RunSpec run = Resolved(SampleRun());
  const int64_t once = Work(run, SomeMachine()).train_flops();
  run.mutable_training()->set_logical_shards(4);
  int64_t encoding = 0;
  for (const CostPart& part : CostOfImage(run).parts) {
    if (absl::StartsWith(part.name, "siglip.")) encoding += part.forward_flops;
  }
  EXPECT_GT(encoding, 0);
  EXPECT_EQ(Work(run, SomeMachine()).train_flops(), once + encoding);
  run.mutable_training()->set_ranks(4);
  EXPECT_EQ(Work(run, SomeMachine()).train_flops(), once);
  run.mutable_training()->set_ranks(1);
  SiglipSpec* const siglip =
      run.mutable_model()->mutable_rsrefseg()->mutable_siglip();
  siglip->mutable_vision_lora()->set_rank(0);
  siglip->mutable_text_lora()->set_rank(0);
  EXPECT_EQ(Work(run, SomeMachine()).train_flops(),
            CostOfImage(run).train_flops)
      << "nothing goes back through frozen towers";
}

TEST(ThroughputOfResultTest, SplitsTheTimeOfARun) {
  const Throughput throughput = Measured(0.5);
  EXPECT_EQ(throughput.step_seconds(), 0.5);
  EXPECT_NEAR(throughput.eval_pass_seconds(), 0.05, 1e-12);
  EXPECT_NEAR(throughput.other_seconds(), 10, 1e-12);
  EXPECT_EQ(throughput.peak_device_memory_bytes(), 77);
  Result single;
  single.set_steps(1);
  single.set_step_seconds(3);
  EXPECT_FALSE(ThroughputOfResult(throughput.work(), 1, single).has_value());
}

// Of a network that is not trained, or of what is trained already.
Throughput Evaluated(double seconds) {
  Result result;
  result.set_eval_items(50);
  result.set_eval_seconds(seconds);
  result.set_seconds(seconds + 3);
  result.set_peak_memory_bytes(5);
  std::optional<Throughput> throughput = ThroughputOfResult(
      Work(Resolved(SampleRun()), SomeMachine()), /*passes=*/1, result);
  EXPECT_TRUE(throughput.has_value());
  return *throughput;
}

TEST(ThroughputOfResultTest, AnEvaluationAloneIsMeasuredToo) {
  const Throughput throughput = Evaluated(5);
  EXPECT_EQ(throughput.runs(), 0);
  EXPECT_EQ(throughput.evaluations(), 1);
  EXPECT_NEAR(throughput.eval_pass_seconds(), 0.1, 1e-12);
  EXPECT_NEAR(throughput.evaluation_other_seconds(), 3, 1e-12);
  EXPECT_FALSE(throughput.has_other_seconds());
  EXPECT_EQ(throughput.peak_memory_bytes(), 0)
      << "says nothing about a training";
}

TEST(AddThroughputTest, StepsAndEvaluationsHaveMeansOfTheirOwn) {
  Throughput mean = Evaluated(5);
  AddThroughput(Measured(0.5), &mean);
  AddThroughput(Measured(0.3), &mean);
  EXPECT_EQ(mean.runs(), 2);
  EXPECT_EQ(mean.evaluations(), 3);
  EXPECT_NEAR(mean.step_seconds(), 0.4, 1e-12);
  EXPECT_EQ(mean.step_seconds_min(), 0.3);
  EXPECT_EQ(mean.step_seconds_max(), 0.5);
  EXPECT_NEAR(mean.eval_pass_seconds(), (0.1 + 0.05 + 0.05) / 3, 1e-12);
  EXPECT_NEAR(mean.other_seconds(), 10, 1e-12);
  EXPECT_NEAR(mean.evaluation_other_seconds(), 3, 1e-12);
}

TEST(RecordThroughputTest, KeepsTheMeanOfRunsAndTheirRange) {
  ASSERT_OK_AND_ASSIGN(const Store store,
                       Store::OpenOrCreate(NewDir() + "/store"));
  EXPECT_THAT(ReadThroughputs(store), IsEmpty());
  for (const double seconds : {0.5, 0.2, 0.8}) {
    ASSERT_THAT(RecordThroughput(store, Measured(seconds)), IsOk());
  }
  const std::vector<Throughput> throughputs = ReadThroughputs(store);
  ASSERT_THAT(throughputs, SizeIs(1));
  EXPECT_EQ(throughputs[0].runs(), 3);
  EXPECT_NEAR(throughputs[0].step_seconds(), 0.5, 1e-12);
  EXPECT_EQ(throughputs[0].step_seconds_min(), 0.2);
  EXPECT_EQ(throughputs[0].step_seconds_max(), 0.8);
  EXPECT_NEAR(throughputs[0].eval_pass_seconds(), 0.05, 1e-12);
  EXPECT_EQ(throughputs[0].peak_memory_bytes(), 800);
}

TEST(RecordThroughputTest, AProbeCountsUntilARunEnds) {
  ASSERT_OK_AND_ASSIGN(const Store store,
                       Store::OpenOrCreate(NewDir() + "/store"));
  ASSERT_THAT(RecordThroughput(store, Measured(9, /*probe=*/true)), IsOk());
  ASSERT_THAT(RecordThroughput(store, Measured(8, /*probe=*/true)), IsOk());
  EXPECT_EQ(ReadThroughputs(store)[0].step_seconds(), 9);
  EXPECT_TRUE(ReadThroughputs(store)[0].probe());
  ASSERT_THAT(RecordThroughput(store, Measured(0.5)), IsOk());
  ASSERT_THAT(RecordThroughput(store, Measured(8, /*probe=*/true)), IsOk());
  EXPECT_THAT(ReadThroughputs(store)[0], EqualsProto(Measured(0.5)));
}

// As stores have it that are older than the number of passes.
TEST(ReadThroughputsTest, AnOldFileKeepsItsSteps) {
  ASSERT_OK_AND_ASSIGN(const Store store,
                       Store::OpenOrCreate(NewDir() + "/store"));
  Put(store.ThroughputDir() + "/0123456789abcdef.textproto",
      "work { train_flops: 7 } runs: 2 step_seconds: 0.5 "
      "eval_item_seconds: 0.1 other_seconds: 3");
  ASSERT_THAT(ReadThroughputs(store), SizeIs(1));
  EXPECT_EQ(ReadThroughputs(store)[0].step_seconds(), 0.5);
}

TEST(ReadThroughputsTest, AFileThatCannotBeReadDoesNotCount) {
  ASSERT_OK_AND_ASSIGN(const Store store,
                       Store::OpenOrCreate(NewDir() + "/store"));
  ASSERT_THAT(RecordThroughput(store, Measured(0.5)), IsOk());
  Put(store.ThroughputDir() + "/0000000000000000.textproto", "garbage {");
  Put(store.ThroughputDir() + "/1111111111111111.textproto", "");
  EXPECT_THAT(ReadThroughputs(store), SizeIs(1));
}

TEST(ThisMachineTest, CountsTheProcessorsThatThisProcessMayUse) {
  cpu_set_t usable;
  ASSERT_EQ(sched_getaffinity(0, sizeof(usable), &usable), 0);
  EXPECT_EQ(ThisMachine().processors, CPU_COUNT(&usable));
  EXPECT_EQ(ThisMachine().executor, "local");
}

}  // namespace
}  // namespace transect
