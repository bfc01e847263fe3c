#include "launch/plan/price.h"

#include <cmath>
#include <string>
#include <vector>

#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/resources.h"
#include "launch/plan/footprint.h"
#include "launch/plan/plan.h"
#include "launch/plan/schedule.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

// tests/e2e/tiny.textproto: runs of 5 steps of 4 images, 8 items evaluated
// twice; rank 16 and rank 2.
class PriceTest : public testing::Test {
 protected:
  PriceTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::Open(NewDir() + "/store")) {
    machine_.processor = "a processor";
    machine_.processors = 2;
  }

  Plan Make() {
    absl::StatusOr<Plan> plan =
        MakePlan(*Expand(experiment_, {}), store_, SiteFile(), kCode, nullptr);
    EXPECT_THAT(plan, IsOk());
    return *std::move(plan);
  }

  TrainingWork WorkOfRun(const Plan& plan, int run) {
    const RunSpec& spec = plan.jobs[plan.first_run + run].launch.train().run();
    return WorkOf(spec, CostOfImage(spec), machine_);
  }

  // `item` is of both passes over an item.
  static Throughput ThroughputWith(const TrainingWork& work, double step,
                                   double item) {
    Throughput throughput;
    *throughput.mutable_work() = work;
    throughput.set_runs(1);
    throughput.set_step_seconds(step);
    throughput.set_step_seconds_min(step);
    throughput.set_step_seconds_max(step);
    throughput.set_evaluations(1);
    throughput.set_eval_pass_seconds(item / 2);
    throughput.set_other_seconds(10);
    return throughput;
  }

  Experiment experiment_;
  Store store_;
  Machine machine_;
};

TEST_F(PriceTest, FinishedRunsOfTheSameWorkDecide) {
  const Plan plan = Make();
  Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  std::vector<JobPrice> prices = PriceJobs(plan, {throughput}, machine_);
  const JobPrice& run = prices[plan.first_run];
  EXPECT_EQ(run.basis, PriceBasis::MEASURED);
  // 5 steps, 8 items, the rest.
  EXPECT_NEAR(run.seconds.value, 5 * 2 + 8 * 0.5 + 10, 1e-9);
  EXPECT_NEAR(run.seconds.high, 24 * 1.2, 1e-9);
  EXPECT_NEAR(run.seconds.low, 24 / 1.2, 1e-9);
  // Several runs narrow the margin and span what they measured.
  throughput.set_runs(3);
  throughput.set_evaluations(3);
  throughput.set_step_seconds_min(1);
  throughput.set_step_seconds_max(3);
  prices = PriceJobs(plan, {throughput}, machine_);
  EXPECT_NEAR(prices[plan.first_run].seconds.high, 1.1 * (5 * 3 + 8 * 0.5 + 10),
              1e-9);
}

TEST_F(PriceTest, OtherSizesAreScaledByOperations) {
  const Plan plan = Make();
  const TrainingWork work = WorkOfRun(plan, 0);
  TrainingWork half = work;
  half.set_global_batch(work.global_batch() / 2);
  TrainingWork far = work;
  far.set_train_flops(work.train_flops() * 100);
  far.set_forward_flops(work.forward_flops() * 100);
  const std::vector<JobPrice> prices = PriceJobs(
      plan, {ThroughputWith(far, 900, 9), ThroughputWith(half, 2, 0.5)},
      machine_);
  const JobPrice& run = prices[plan.first_run];
  EXPECT_EQ(run.basis, PriceBasis::SCALED);
  EXPECT_NEAR(run.seconds.value, 5 * 4 + 8 * 0.5 + 10, 1e-9)
      << "from the nearer one";
  EXPECT_NEAR(run.seconds.high / run.seconds.value, 1.3 * std::pow(2, 0.25),
              1e-9);
  // Another machine is not a measure.
  TrainingWork elsewhere = half;
  elsewhere.set_processor("another");
  EXPECT_EQ(PriceJobs(plan, {ThroughputWith(elsewhere, 2, 0.5)},
                      machine_)[plan.first_run]
                .basis,
            PriceBasis::GUESS);
}

TEST_F(PriceTest, AProbeIsBetterThanTheModelAndWorseThanARun) {
  const Plan plan = Make();
  Throughput probe;
  *probe.mutable_work() = WorkOfRun(plan, 0);
  probe.set_step_seconds(2);
  probe.set_probe(true);
  std::vector<JobPrice> prices = PriceJobs(plan, {probe}, machine_);
  EXPECT_EQ(prices[plan.first_run].basis, PriceBasis::PROBE);
  EXPECT_GT(prices[plan.first_run].seconds.value, 10);
  EXPECT_LT(prices[plan.first_run].seconds.value, 20);
  // Runs of rank 2 have other work; a probe is not scaled.
  EXPECT_EQ(prices[plan.first_run + 2].basis, PriceBasis::GUESS);
  prices =
      PriceJobs(plan, {probe, ThroughputWith(probe.work(), 3, 1)}, machine_);
  EXPECT_EQ(prices[plan.first_run].basis, PriceBasis::MEASURED);
}

TEST_F(PriceTest, ATrainingThatRunsShareIsPaidByOneThatIsWanted) {
  Plan plan = Make();
  const Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  Job& first = plan.jobs[plan.first_run];
  Job& second = plan.jobs[plan.first_run + 1];
  second.id = first.id;
  second.dir = first.dir;
  const auto seconds = [&](int run) {
    return PriceJobs(plan, {throughput}, machine_)[plan.first_run + run]
        .seconds.value;
  };
  // 5 steps, 8 items, the rest.
  EXPECT_NEAR(seconds(0), 5 * 2 + 8 * 0.5 + 10, 1e-9);
  EXPECT_NEAR(seconds(1), 8 * 0.5 + 10, 1e-9);
  // Nobody else trains it.
  first.wanted = false;
  EXPECT_NEAR(seconds(1), 5 * 2 + 8 * 0.5 + 10, 1e-9);
  // What lies elsewhere, under another code, is not shared.
  first.wanted = true;
  first.dir += "_of_another_code";
  EXPECT_NEAR(seconds(0), seconds(1), 1e-9);
}

TEST_F(PriceTest, DoneRunsOfThePlanCountWithoutARecord) {
  Plan plan = Make();
  Job& done = plan.jobs[plan.first_run];
  done.state = JobState::kDone;
  done.result.set_steps(5);
  done.result.set_step_seconds(2);
  done.result.set_seconds(11);
  std::vector<JobPrice> prices = PriceJobs(plan, {}, machine_);
  // Its steps are, and its evaluation is priced by them.
  EXPECT_EQ(prices[plan.first_run + 1].basis, PriceBasis::SCALED);
  EXPECT_EQ(prices[plan.first_run + 2].basis, PriceBasis::SCALED);
  done.result.set_eval_items(8);
  done.result.set_eval_seconds(1);
  done.result.set_seconds(12);
  prices = PriceJobs(plan, {}, machine_);
  EXPECT_EQ(prices[plan.first_run + 1].basis, PriceBasis::MEASURED);
  EXPECT_NEAR(prices[plan.first_run + 1].seconds.value, 12, 1e-9);
}

TEST_F(PriceTest, WithoutMeasurementsOperationsDecideWithAWideInterval) {
  const Plan plan = Make();
  const std::vector<JobPrice> prices = PriceJobs(plan, {}, machine_);
  const TrainingWork work = WorkOfRun(plan, 0);
  const JobPrice& run = prices[plan.first_run];
  EXPECT_EQ(run.basis, PriceBasis::GUESS);
  EXPECT_NEAR(run.seconds.high / run.seconds.low, 16, 1e-6);
  // 5 steps of 4 images, 8 items twice.
  EXPECT_NEAR(run.flops,
              20.0 * static_cast<double>(work.train_flops()) +
                  16.0 * static_cast<double>(work.forward_flops()),
              1);
  for (const JobPrice& price : prices) {
    EXPECT_GT(price.seconds.value, 0);
    EXPECT_GT(price.disk_bytes, 0);
  }
}

TEST_F(PriceTest, EverySplitThatIsEvaluatedCosts) {
  const Plan val = Make();
  experiment_.mutable_base()->mutable_data()->add_eval_splits("train");
  experiment_.mutable_base()->mutable_data()->add_eval_splits("val");
  const Plan both = Make();
  const TrainingWork work = WorkOfRun(val, 0);
  const auto flops = [&](const Plan& plan) {
    return PriceJobs(plan, {}, machine_)[plan.first_run].flops;
  };
  // 200 more items, twice.
  EXPECT_NEAR(flops(both) - flops(val),
              400.0 * static_cast<double>(work.forward_flops()), 1);
}

TEST_F(PriceTest, EveryValidationCosts) {
  const Plan plain = Make();
  const TrainingWork work = WorkOfRun(plain, 0);
  const auto passes = [&] {
    const Plan plan = Make();
    const auto flops = [&](const Plan& each) {
      return PriceJobs(each, {}, machine_)[each.first_run].flops;
    };
    return (flops(plan) - flops(plain)) /
           static_cast<double>(work.forward_flops());
  };
  TrainingSpec* const training = experiment_.mutable_base()->mutable_training();
  ValidationSpec* const validation = training->mutable_validation();
  EXPECT_NEAR(passes(), 0, 1e-6);
  // After steps 2, 4 and 5, each of 8 items.
  validation->set_every_steps(2);
  EXPECT_NEAR(passes(), 3 * 8, 1e-6);
  validation->set_train_items(6);
  EXPECT_NEAR(passes(), 3 * (8 + 6), 1e-6);
  // There are 200.
  validation->set_train_items(1000);
  EXPECT_NEAR(passes(), 3 * (8 + 200), 1e-6);
  // The 5 steps are a part of an epoch.
  validation->clear_every_steps();
  validation->clear_train_items();
  validation->set_every_epochs(1);
  EXPECT_NEAR(passes(), 8, 1e-6);
}

TEST_F(PriceTest, WhatIsTrainedAlreadyCostsOnlyItsEvaluation) {
  const Plan plan = Make();
  const Job& run = plan.jobs[plan.first_run];
  const TrainingPart part = {false, {"val"}};
  Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  const JobPrice price =
      Pricer(plan, {throughput}, machine_).PriceOf(run, part);
  EXPECT_EQ(price.basis, PriceBasis::MEASURED);
  EXPECT_NEAR(price.seconds.value, 8 * 0.5 + 10, 1e-9);
  EXPECT_NEAR(price.flops,
              16.0 * static_cast<double>(WorkOfRun(plan, 0).forward_flops()),
              1);
  const JobPrice whole = Pricer(plan, {throughput}, machine_).PriceOf(run);
  EXPECT_LT(price.disk_bytes, whole.disk_bytes);
  EXPECT_LT(price.memory_bytes, whole.memory_bytes);
  // Opening what is trained was measured apart from trainings.
  throughput.set_evaluation_other_seconds(1);
  EXPECT_NEAR(
      Pricer(plan, {throughput}, machine_).PriceOf(run, part).seconds.value,
      8 * 0.5 + 1, 1e-9);
  EXPECT_NEAR(Pricer(plan, {throughput}, machine_).PriceOf(run).seconds.value,
              5 * 2 + 8 * 0.5 + 10, 1e-9);
}

TEST_F(PriceTest, ItemsAreCountedInPasses) {
  const Plan both = Make();
  const Throughput throughput = ThroughputWith(WorkOfRun(both, 0), 2, 0.5);
  experiment_.mutable_base()->mutable_evaluation()->set_permuted_sentences(
      false);
  const Plan one = Make();
  EXPECT_NEAR(
      PriceJobs(one, {throughput}, machine_)[one.first_run].seconds.value,
      5 * 2 + 8 * 0.25 + 10, 1e-9);
}

TEST_F(PriceTest, MemoryIsWhatTheSameWorkTookElseAGuess) {
  const Plan plan = Make();
  const RunSpec& run = plan.jobs[plan.first_run].launch.train().run();
  TrainingPart whole;
  whole.eval_splits = {"val"};
  JobPrice price = PriceJobs(plan, {}, machine_)[plan.first_run];
  EXPECT_EQ(price.memory_basis, PriceBasis::GUESS);
  EXPECT_EQ(price.memory_bytes,
            MemoryOfRank(run, CostOfImage(run), whole).host);
  EXPECT_EQ(price.device_memory_bytes, 0);
  Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  throughput.set_peak_memory_bytes(123);
  price = PriceJobs(plan, {throughput}, machine_)[plan.first_run];
  EXPECT_EQ(price.memory_basis, PriceBasis::MEASURED);
  EXPECT_EQ(price.memory_bytes, 123);
}

TEST_F(PriceTest, OnGpusBothMemoriesArePriced) {
  machine_.gpu = "a GPU";
  experiment_.mutable_base()->mutable_training()->set_device(
      TrainingSpec::CUDA);
  const Plan plan = Make();
  JobPrice price = PriceJobs(plan, {}, machine_)[plan.first_run];
  EXPECT_GT(price.memory_bytes, 0);
  EXPECT_GT(price.device_memory_bytes, 0);
  Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  throughput.set_peak_memory_bytes(123);
  // From before runs recorded what their GPU held.
  price = PriceJobs(plan, {throughput}, machine_)[plan.first_run];
  EXPECT_EQ(price.memory_basis, PriceBasis::GUESS);
  throughput.set_peak_device_memory_bytes(45);
  price = PriceJobs(plan, {throughput}, machine_)[plan.first_run];
  EXPECT_EQ(price.memory_basis, PriceBasis::MEASURED);
  EXPECT_EQ(price.device_memory_bytes, 45);
}

TEST_F(PriceTest, FewerAdaptersTakeLessDisk) {
  const Plan plan = Make();
  const std::vector<JobPrice> prices = PriceJobs(plan, {}, machine_);
  EXPECT_LT(prices[plan.first_run + 2].disk_bytes,
            prices[plan.first_run].disk_bytes);
}

TEST_F(PriceTest, ForecastsGoIntoTheLaunchPlans) {
  Plan plan = Make();
  const Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  const std::vector<JobPrice> prices = PriceJobs(plan, {throughput}, machine_);
  RecordForecasts(prices, &plan);
  const JobPrice& price = prices[plan.first_run];
  const Forecast& run = plan.jobs[plan.first_run].launch.forecast();
  EXPECT_EQ(run.seconds(), price.seconds.value);
  EXPECT_EQ(run.seconds_low(), price.seconds.low);
  EXPECT_EQ(run.seconds_high(), price.seconds.high);
  EXPECT_EQ(run.basis(), PriceBasis::MEASURED);
  EXPECT_EQ(run.processors(), 1);
  EXPECT_EQ(run.memory_bytes(), price.memory_bytes);
  EXPECT_EQ(run.memory_basis(), PriceBasis::GUESS);
  EXPECT_EQ(run.disk_bytes(), price.disk_bytes);
  const Forecast& data = plan.jobs[0].launch.forecast();
  EXPECT_EQ(data.basis(), PriceBasis::GUESS);
  EXPECT_EQ(data.memory_basis(), PriceBasis::UNSPECIFIED);
}

TEST_F(PriceTest, HoursCountWhatAJobOccupies) {
  JobPrice price;
  price.seconds = {1800, 3600, 7200};
  price.processors = 4;
  price.gpus = 2;
  EXPECT_EQ(HoursOf(price, HourUnit::kCpu).value, 4);
  EXPECT_EQ(HoursOf(price, HourUnit::kGpu).value, 2);
  EXPECT_EQ(HoursOf(price, HourUnit::kNode).high, 2);
}

TEST_F(PriceTest, TheClockRunsForTheLongestChainOrForAllWork) {
  Plan plan = Make();
  std::vector<JobPrice> prices(plan.jobs.size());
  for (JobPrice& price : prices) {
    price.seconds = {10, 10, 10};
  }
  Resources resources;
  const auto wall = [&](int processors) {
    resources.processors = processors;
    return WallSeconds(plan, prices, resources)->value;
  };
  // 8 jobs of 10 seconds; the chain of data, tokenizer, weights and run has 4.
  EXPECT_EQ(wall(100), 40);
  EXPECT_EQ(wall(1), 80);
  // Both data sets; tokenizer; weights; two runs; two runs.
  EXPECT_EQ(wall(2), 50);
}

// RRSIS-D, evaluated on test: 3,481 items as published.
TEST_F(PriceTest, FoundDataIsPricedByItsIndexAndBeforeThatWidely) {
  experiment_.mutable_base()->mutable_data()->mutable_found()->set_role("mine");
  experiment_.mutable_base()->mutable_data()->clear_eval_splits();
  experiment_.mutable_base()->mutable_data()->add_eval_splits("test");
  const Plan plan = Make();
  const Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  const JobPrice before =
      PriceJobs(plan, {throughput}, machine_)[plan.first_run];
  EXPECT_EQ(before.basis, PriceBasis::GUESS);
  EXPECT_NEAR(before.seconds.value, 5 * 2 + 3481 * 0.5 + 10, 1e-9);
  EXPECT_NEAR(before.seconds.low, (5 * 2 + 10) / 1.2, 1e-9);
  EXPECT_GT(before.seconds.high, 4 * 3481 * 0.5);
  DataSizes sizes;
  const FoundDataset& data =
      plan.jobs[plan.first_run].launch.train().run().data().found();
  sizes.Add(data, "test", {12, 64});
  const JobPrice after =
      PriceJobs(plan, {throughput}, machine_, sizes)[plan.first_run];
  EXPECT_EQ(after.basis, PriceBasis::MEASURED);
  EXPECT_NEAR(after.seconds.value, 5 * 2 + 12 * 0.5 + 10, 1e-9);
  EXPECT_NEAR(after.seconds.high, 26 * 1.2, 1e-9);
  EXPECT_LT(after.disk_bytes, before.disk_bytes);
}

TEST_F(PriceTest, EpochsOfFoundDataAreCountedByItsIndex) {
  experiment_.mutable_base()->mutable_data()->mutable_found()->set_role("mine");
  experiment_.mutable_base()->mutable_training()->set_epochs(2);
  const Plan plan = Make();
  const RunSpec& run = plan.jobs[plan.first_run].launch.train().run();
  DataSizes sizes;
  // Batches of 4.
  sizes.Add(run.data().found(), "train", {40, 64});
  EXPECT_EQ(StepsOf(run, sizes), 20);
  EXPECT_GT(StepsOf(run), 6000);
  for (const std::string& split : run.data().eval_splits()) {
    sizes.Add(run.data().found(), split, {8, 64});
  }
  const Throughput throughput = ThroughputWith(WorkOfRun(plan, 0), 2, 0.5);
  const auto price = [&](const DataSizes& known) {
    return PriceJobs(plan, {throughput}, machine_, known)[plan.first_run];
  };
  EXPECT_EQ(price(sizes).basis, PriceBasis::MEASURED);
  EXPECT_EQ(price({}).basis, PriceBasis::GUESS);
  EXPECT_LT(price({}).seconds.low, 0.1 * price({}).seconds.value);
}

TEST_F(PriceTest, ThreadsThatReadCountAsFarAsTheyAreBusy) {
  TrainingSpec& training = *experiment_.mutable_base()->mutable_training();
  training.set_loader_threads(8);
  const Plan plan = Make();
  const auto processors = [&](double step) {
    return PriceJobs(plan, {ThroughputWith(WorkOfRun(plan, 0), step, 0.5)},
                     machine_)[plan.first_run]
        .processors;
  };
  EXPECT_EQ(processors(2), 1) << "4 images of 64 px in two seconds";
  EXPECT_GT(processors(1e-4), 2);
  EXPECT_EQ(processors(1e-9), 1 + 8) << "no more than there are threads";
}

TEST_F(PriceTest, RenderingTakesTheProcessorsThatItHasImagesFor) {
  const Plan plan = Make();
  ASSERT_TRUE(plan.jobs[0].launch.has_synthesis());
  machine_.processors = 2;
  const JobPrice two = PriceJobs(plan, {}, machine_)[0];
  EXPECT_EQ(two.processors, 2);
  machine_.processors = 1;
  const JobPrice one = PriceJobs(plan, {}, machine_)[0];
  EXPECT_NEAR(one.seconds.value, 2 * two.seconds.value, 1e-9);
  machine_.processors = 96;
  // 208 images.
  EXPECT_EQ(PriceJobs(plan, {}, machine_)[0].processors, 6);
}

}  // namespace
}  // namespace transect
