#include "launch/plan/schedule.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/random/philox.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kGB = 1'000'000'000;

// A machine of 96 processors, a terabyte and GPUs of these names.
Resources MachineWith(const std::vector<std::string>& gpus) {
  Resources resources;
  resources.processors = 96;
  resources.memory_bytes = resources.free_memory_bytes = 1000 * kGB;
  for (const std::string& gpu : gpus) resources.gpus.push_back({gpu, gpu});
  resources.gpu_origin = absl::StrCat("the driver shows ", gpus.size());
  return resources;
}

Resources EightGpus() {
  return MachineWith({"0", "1", "2", "3", "4", "5", "6", "7"});
}

Need GpuNeed(int gpus, int processors = 1) {
  Need need;
  need.gpus = gpus;
  need.processors = processors;
  return need;
}

TEST(RoomTest, NoGpuIsGivenTwice) {
  Room room(EightGpus());
  const Need need = GpuNeed(3);
  ASSERT_TRUE(room.Fits(need));
  room.Enter(0, need, {0, 1, 2});
  ASSERT_TRUE(room.Fits(need));
  EXPECT_THAT(room.FreeGpus(need), ElementsAre(3, 4, 5, 6, 7));
  room.Enter(1, need, {5, 4, 3});
  EXPECT_FALSE(room.Fits(need)) << "two are left";
  EXPECT_TRUE(room.Fits(GpuNeed(2)));
  EXPECT_TRUE(room.Fits(GpuNeed(0)));
  room.Leave(0);
  EXPECT_THAT(room.FreeGpus(need), ElementsAre(0, 1, 2, 6, 7));
}

TEST(RoomTest, SeveralRanksTakeNoPartsOfGpus) {
  const Room room(MachineWith({"0", "MIG-1", "MIG-2", "1"}));
  EXPECT_THAT(room.FreeGpus(GpuNeed(2)), ElementsAre(0, 3));
  EXPECT_THAT(room.FreeGpus(GpuNeed(1)), ElementsAre(1, 2, 0, 3));
  EXPECT_FALSE(room.Fits(GpuNeed(3)));
  EXPECT_THAT(WhyNever(GpuNeed(3), MachineWith({"0", "MIG-1", "MIG-2"})),
              AllOf(HasSubstr("takes 3 GPUs, and 1 can be used here"),
                    HasSubstr("parts of GPUs")));
}

TEST(RoomTest, ProcessorsMemoryAndANumberLimitTheJobs) {
  Resources resources;
  resources.processors = 4;
  resources.memory_bytes = 10 * kGB;
  resources.free_memory_bytes = 8 * kGB;
  Need need;
  need.processors = 2;
  need.memory_bytes = 3 * kGB;
  Room room(resources);
  room.Enter(0, need, {});
  EXPECT_TRUE(room.Fits(need));
  need.memory_bytes = 6 * kGB;
  EXPECT_FALSE(room.Fits(need)) << "9 of 8 GB";
  need.memory_bytes = 0;
  need.processors = 3;
  EXPECT_FALSE(room.Fits(need)) << "5 of 4 processors";
  // A number replaces the processors, not the memory.
  Room two(resources, 2);
  two.Enter(0, need, {});
  EXPECT_TRUE(two.Fits(need));
  need.memory_bytes = 9 * kGB;
  EXPECT_FALSE(two.Fits(need));
  need.memory_bytes = 0;
  two.LimitJobs(1);
  EXPECT_FALSE(two.Fits(need));
  // Alone it may have all that there is.
  two.Leave(0);
  need.processors = 64;
  need.memory_bytes = 9 * kGB;
  EXPECT_TRUE(two.Fits(need));
  EXPECT_EQ(WhyNever(need, resources), "");
  need.memory_bytes = 12 * kGB;
  EXPECT_EQ(WhyNever(need, resources), "") << "pages of the program";
  need.least_memory_bytes = 11 * kGB;
  EXPECT_EQ(WhyNever(need, resources),
            "takes at least 11 GB of memory, and this machine has 10 GB");
  resources.memory_group = true;
  EXPECT_THAT(WhyNever(need, resources), HasSubstr("the control group"));
}

TEST(NeedOfTest, IsThatOfAllRanks) {
  Job job;
  job.launch.set_ranks(8);
  job.threads = 2;
  EXPECT_EQ(NeedOf(job).processors, 16);
  Forecast& forecast = *job.launch.mutable_forecast();
  forecast.set_processors(21);
  forecast.set_memory_bytes(2 * kGB);
  forecast.set_gpus(8);
  EXPECT_EQ(NeedOf(job).processors, 21);
  EXPECT_EQ(NeedOf(job).memory_bytes, 16 * kGB);
  EXPECT_EQ(NeedOf(job).least_memory_bytes, 8 * (2 * kGB - 220'000'000));
  EXPECT_EQ(NeedOf(job).gpus, 8);
}

struct Case {
  Plan plan;
  std::vector<JobPrice> prices;

  void Add(double seconds, int gpus, int processors,
           std::vector<int> needs = {}) {
    Job job;
    job.kind = Job::Kind::kRun;
    job.name = absl::StrCat("job ", plan.jobs.size());
    job.dir = job.name;
    job.launch.set_ranks(std::max(1, gpus));
    job.needs = std::move(needs);
    job.wanted = true;
    plan.jobs.push_back(job);
    JobPrice price;
    price.seconds = {seconds / 2, seconds, seconds * 2};
    price.gpus = gpus;
    price.processors = processors;
    price.memory_bytes = kGB;
    prices.push_back(price);
  }
};

// What happens on the machine, second by second, one GPU after another, and
// with another order than the plan's: it knows nothing of Room.
double SimulatedSeconds(const Case& made, int gpus, int processors) {
  struct Now {
    int job = -1;
    double until = 0;
  };
  std::vector<Now> devices(gpus);
  std::vector<double> ends(made.plan.jobs.size(), -1);
  double last = 0;
  size_t open = made.plan.jobs.size();
  for (double now = 0; open > 0; now += 1) {
    // The longest first.
    std::vector<size_t> order;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i] < 0) order.push_back(i);
    }
    std::ranges::stable_sort(order, [&](size_t a, size_t b) {
      return made.prices[a].seconds.value > made.prices[b].seconds.value;
    });
    int busy = 0;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (ends[i] > now) busy += made.prices[i].processors;
    }
    for (const size_t i : order) {
      const Job& job = made.plan.jobs[i];
      const JobPrice& price = made.prices[i];
      std::vector<Now*> free;
      for (Now& device : devices) {
        if (device.until <= now) free.push_back(&device);
      }
      const bool ready = std::ranges::all_of(job.needs, [&](int need) {
        return ends[need] >= 0 && ends[need] <= now;
      });
      if (!ready || std::ssize(free) < price.gpus ||
          busy + price.processors > processors) {
        continue;
      }
      ends[i] = now + price.seconds.value;
      busy += price.processors;
      for (int k = 0; k < price.gpus; ++k) {
        EXPECT_LE(free[k]->until, now) << "one GPU, two jobs";
        *free[k] = {static_cast<int>(i), ends[i]};
      }
      last = std::max(last, ends[i]);
      --open;
    }
  }
  return last;
}

TEST(WallSecondsTest, IsWithinAFactorOfTwoOfASimulation) {
  for (uint64_t number = 0; number < 60; ++number) {
    Philox random(number, "schedules");
    Case made;
    const int jobs = 1 + static_cast<int>(random.NextBelow(40));
    for (int i = 0; i < jobs; ++i) {
      constexpr int kGpus[] = {0, 1, 1, 2, 4, 8};
      const int gpus = kGpus[random.NextBelow(6)];
      std::vector<int> needs;
      if (i > 0 && random.NextBelow(3) == 0) {
        needs = {static_cast<int>(random.NextBelow(i))};
      }
      made.Add(10 + static_cast<double>(random.NextBelow(300)), gpus,
               1 + static_cast<int>(random.NextBelow(24)), needs);
    }
    const std::optional<Estimate> wall =
        WallSeconds(made.plan, made.prices, EightGpus());
    ASSERT_TRUE(wall.has_value());
    const double simulated = SimulatedSeconds(made, 8, 96);
    EXPECT_LE(wall->value, 2 * simulated) << number;
    EXPECT_GE(wall->value, simulated / 2) << number;
    EXPECT_LE(wall->low, wall->value);
    EXPECT_GE(wall->high, wall->value);
  }
}

TEST(WallSecondsTest, JobsOfEightGpusComeOneByOneAndOfOneGpuEightAtATime) {
  Case large;
  Case small;
  for (int i = 0; i < 12; ++i) {
    large.Add(100, 8, 8);
    small.Add(100, 1, 1);
  }
  EXPECT_EQ(WallSeconds(large.plan, large.prices, EightGpus())->value, 1200);
  EXPECT_EQ(WallSeconds(small.plan, small.prices, EightGpus())->value, 200);
  EXPECT_EQ(WallSeconds(large.plan, large.prices, MachineWith({"0"})),
            std::nullopt);
}

// The tables: 27 runs of 8 ranks, with the prices of the plan.
TEST(WallSecondsTest, TheTablesTakeTheirRunsOneAfterAnother) {
  ASSERT_OK_AND_ASSIGN(const Experiment experiment,
                       LoadExperiment("experiments/rsrefseg_tables.textproto"));
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(NewDir() + "/store"));
  ASSERT_OK_AND_ASSIGN(Expansion expansion, Expand(experiment, {}));
  ASSERT_OK_AND_ASSIGN(const Plan plan, MakePlan(std::move(expansion), store,
                                                 SiteFile(), "", nullptr));
  Machine machine;
  machine.processors = 96;
  Case made;
  made.plan = plan;
  made.prices = PriceJobs(plan, {}, machine);
  const std::optional<Estimate> wall =
      WallSeconds(plan, made.prices, EightGpus());
  ASSERT_TRUE(wall.has_value());
  double sum = 0;
  for (const JobPrice& price : made.prices) sum += price.seconds.value;
  EXPECT_NEAR(wall->value, sum, 1e-6 * sum);
  for (JobPrice& price : made.prices) {
    price.seconds = price.seconds * 1e-3;  // The simulation counts seconds.
  }
  const double simulated = SimulatedSeconds(made, 8, 96);
  EXPECT_NEAR(wall->value * 1e-3, simulated, simulated / 2);
}

TEST(FindObstaclesTest, OneLineForEachReasonAndEachOnce) {
  Case made;
  for (int i = 0; i < 27; ++i) made.Add(100, 8, 8);
  FoundInput missing;
  missing.problem = absl::NotFoundError("data role 'rrsisd': not there");
  FoundInput other;
  other.problem = absl::NotFoundError("weights role 'sam': not there");
  FoundInput nobodys;
  nobodys.problem = absl::NotFoundError("weights role 'sam-l': not there");
  made.plan.found = {missing, missing, other, FoundInput(), nobodys};
  made.plan.jobs[0].found = {0, 2, 3};
  made.plan.jobs[1].found = {1};
  EXPECT_THAT(
      FindObstacles(made.plan, made.prices, MachineWith({}), true),
      ElementsAre(
          "data role 'rrsisd': not there", "weights role 'sam': not there",
          "27 jobs take 8 GPUs each, and none can be used here (the driver "
          "shows 0)"));
  for (Job& job : made.plan.jobs) job.found.clear();
  EXPECT_THAT(FindObstacles(made.plan, made.prices, EightGpus(), true),
              IsEmpty());
  EXPECT_THAT(FindObstacles(made.plan, made.prices, EightGpus(), false),
              ElementsAre(AllOf(HasSubstr("CUDA in 27 jobs"),
                                HasSubstr("--config=cuda"))));
  EXPECT_THAT(FindObstacles(made.plan, made.prices,
                            MachineWith({"0", "1", "2", "3"}), true),
              ElementsAre(HasSubstr("8 GPUs each, and 4 can be used here")));
  // What is not wanted is no obstacle.
  for (Job& job : made.plan.jobs) job.wanted = false;
  EXPECT_THAT(FindObstacles(made.plan, made.prices, MachineWith({}), true),
              IsEmpty());
}

TEST(FindObstaclesTest, MemoryThatIsNotThere) {
  Case made;
  made.Add(100, 0, 1);
  made.Add(100, 2, 1);
  made.prices[0].memory_bytes = 2000 * kGB;
  made.prices[1].device_memory_bytes = 90 * kGB;
  Resources resources = EightGpus();
  EXPECT_THAT(FindObstacles(made.plan, made.prices, resources, true),
              ElementsAre("job 0 takes at least 2.0 TB of memory, and this "
                          "machine has 1.0 TB"));
  resources.gpu_memory_bytes = 80 * kGB;
  EXPECT_THAT(FindObstacles(made.plan, made.prices, resources, true),
              SizeIs(2));
  EXPECT_THAT(FindObstacles(made.plan, made.prices, resources, true)[1],
              AllOf(HasSubstr("job 1 takes at least 90 GB on each GPU"),
                    HasSubstr("80 GB")));
}

}  // namespace
}  // namespace transect
