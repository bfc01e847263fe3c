#include "launch/plan/budget.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/random/philox.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
#include "launch/plan/price.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ParseBudgetTest, ReadsAmountAndUnit) {
  ASSERT_OK_AND_ASSIGN(const Budget gpu, ParseBudget("40gpuh"));
  EXPECT_EQ(gpu.amount, 40);
  EXPECT_EQ(gpu.unit, HourUnit::kGpu);
  ASSERT_OK_AND_ASSIGN(const Budget node, ParseBudget("2.5nodeh"));
  EXPECT_EQ(node.amount, 2.5);
  EXPECT_EQ(node.unit, HourUnit::kNode);
  ASSERT_OK_AND_ASSIGN(const Budget cpu, ParseBudget("1e-2cpuh"));
  EXPECT_EQ(cpu.unit, HourUnit::kCpu);
  for (const char* wrong :
       {"", "40", "gpuh", "40 h", "-1gpuh", "nangpuh", "infcpuh", "40gpuhs"}) {
    EXPECT_THAT(ParseBudget(wrong), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("gpuh, nodeh or cpuh")))
        << wrong;
  }
}

struct Case {
  Plan plan;
  std::vector<JobPrice> prices;
};

JobPrice Hours(double hours) {
  JobPrice price;
  price.seconds = {hours * 1800, hours * 3600, hours * 7200};
  return price;
}

// Random designs over random runs: cells share runs, runs share inputs, some
// are done. The first cell of a random design is the base.
Case RandomCase(uint64_t number) {
  Philox random(number, "budget cases");
  Case made;
  const int inputs = static_cast<int>(random.NextBelow(4));
  const int seeds = 1 + static_cast<int>(random.NextBelow(3));
  const int cells = 1 + static_cast<int>(random.NextBelow(8));
  for (int i = 0; i < inputs; ++i) {
    Job job;
    job.kind = Job::Kind::kData;
    if (i > 0 && random.NextBelow(2) == 0) job.needs = {i - 1};
    made.plan.jobs.push_back(job);
  }
  made.plan.first_run = inputs;
  for (int i = 0; i < cells * seeds; ++i) {
    Job job;
    job.state = random.NextBelow(4) == 0 ? JobState::kDone : JobState::kNew;
    for (int input = 0; input < inputs; ++input) {
      if (random.NextBelow(2) == 0) job.needs.push_back(input);
    }
    made.plan.jobs.push_back(job);
  }
  for (size_t i = 0; i < made.plan.jobs.size(); ++i) {
    made.prices.push_back(Hours(0.25 * (1 + random.NextBelow(8))));
  }
  made.plan.expansion.runs.resize(cells * seeds);
  std::vector<Cell> all(cells);
  for (int i = 0; i < cells; ++i) {
    all[i].label = absl::StrCat("cell ", i);
    for (int seed = 0; seed < seeds; ++seed) {
      all[i].runs.push_back(i * seeds + seed);
    }
  }
  const int base = static_cast<int>(random.NextBelow(cells));
  all[base].is_base = true;
  const int designs = 1 + static_cast<int>(random.NextBelow(3));
  for (int i = 0; i < designs; ++i) {
    DesignCells design;
    design.name = absl::StrCat("design ", i);
    for (const Cell& cell : all) {
      if (i == 0 || cell.is_base || random.NextBelow(2) == 0) {
        design.cells.push_back(cell);
      }
    }
    made.plan.expansion.designs.push_back(design);
  }
  EXPECT_THAT(SelectRuns({}, &made.plan), IsOk());
  return made;
}

std::set<int> Wanted(const Plan& plan) {
  std::set<int> wanted;
  for (size_t i = 0; i < plan.jobs.size(); ++i) {
    if (plan.jobs[i].wanted) wanted.insert(static_cast<int>(i));
  }
  return wanted;
}

bool IsWholeOrUntouched(const Plan& plan, const std::set<int>& all,
                        const std::set<int>& chosen, const Cell& cell,
                        bool* whole) {
  size_t to_do = 0;
  size_t taken = 0;
  for (const int run : cell.runs) {
    to_do += all.count(plan.first_run + run);
    taken += chosen.count(plan.first_run + run);
  }
  *whole = taken == to_do;
  return taken == 0 || taken == to_do;
}

TEST(ApplyBudgetTest, EveryPrefixIsATable) {
  int cut = 0;
  for (uint64_t number = 0; number < 300; ++number) {
    const Case original = RandomCase(number);
    const std::set<int> all = Wanted(original.plan);
    std::set<int> smaller;
    int smaller_cells = 0;
    for (double amount = 0; amount < 40; amount += 0.75) {
      SCOPED_TRACE(absl::StrCat("case ", number, ", ", amount, " h"));
      Plan plan = original.plan;
      const absl::StatusOr<BudgetChoice> choice =
          ApplyBudget({amount, HourUnit::kCpu}, original.prices, &plan);
      const std::set<int> chosen = Wanted(plan);
      if (!choice.ok()) {
        // Nothing was paid for before either, and the plan is as it was.
        EXPECT_TRUE(smaller.empty());
        EXPECT_EQ(chosen, all);
        continue;
      }
      // Whole cells, the base among them.
      bool whole = false;
      for (const DesignCells& design : plan.expansion.designs) {
        for (const Cell& cell : design.cells) {
          EXPECT_TRUE(IsWholeOrUntouched(plan, all, chosen, cell, &whole));
          if (cell.is_base) {
            EXPECT_TRUE(whole);
          }
        }
      }
      // With all that they need and nothing else.
      std::set<int> needed;
      double hours = 0;
      for (const int job : chosen) {
        hours += original.prices[job].seconds.value / 3600;
        if (job < plan.first_run) continue;
        std::vector<int> open = {job};
        while (!open.empty()) {
          const int next = open.back();
          open.pop_back();
          needed.insert(next);
          for (const int need : plan.jobs[next].needs) {
            if (all.count(need) > 0) open.push_back(need);
          }
        }
      }
      EXPECT_EQ(needed, chosen);
      EXPECT_LE(hours, amount + 1e-9);
      EXPECT_NEAR(hours, choice->hours.value, 1e-9);
      // A larger budget takes the same and perhaps more.
      EXPECT_TRUE(std::includes(chosen.begin(), chosen.end(), smaller.begin(),
                                smaller.end()));
      EXPECT_GE(choice->cells, smaller_cells);
      EXPECT_EQ(choice->next_cell.empty(), choice->cells == choice->all_cells);
      smaller = chosen;
      smaller_cells = choice->cells;
      cut += choice->next_cell.empty() ? 0 : 1;
    }
    EXPECT_EQ(smaller, all) << "40 hours pay for everything";
  }
  EXPECT_GT(cut, 1000) << "most budgets must cut something";
}

// Two cells of one run each; the second is the base.
Case TwoCells() {
  Case made;
  made.plan.jobs.resize(2);
  made.plan.jobs[0].name = "other seed 1";
  made.prices = {Hours(1), Hours(3)};
  DesignCells design;
  design.cells.resize(2);
  design.cells[0].label = "other";
  design.cells[0].runs = {0};
  design.cells[1].label = "base";
  design.cells[1].is_base = true;
  design.cells[1].runs = {1};
  made.plan.expansion.designs = {design};
  made.plan.expansion.runs.resize(2);
  EXPECT_THAT(SelectRuns({}, &made.plan), IsOk());
  return made;
}

TEST(ApplyBudgetTest, TheBaseComesFirstWhateverItsRow) {
  Case made = TwoCells();
  ASSERT_OK_AND_ASSIGN(
      const BudgetChoice choice,
      ApplyBudget({3.5, HourUnit::kCpu}, made.prices, &made.plan));
  EXPECT_FALSE(made.plan.jobs[0].wanted);
  EXPECT_TRUE(made.plan.jobs[1].wanted);
  EXPECT_EQ(choice.cells, 1);
  EXPECT_EQ(choice.all_cells, 2);
  EXPECT_EQ(choice.next_cell, "other");
  EXPECT_NEAR(choice.next_hours.value, 1, 1e-12);
}

TEST(ApplyBudgetTest, TooLittleForTheBaseSaysWhatItCosts) {
  Case made = TwoCells();
  EXPECT_THAT(
      ApplyBudget({2, HourUnit::kCpu}, made.prices, &made.plan),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("first cell, base"), HasSubstr("about 3"))));
}

TEST(ApplyBudgetTest, TooLittleForTheBaseSaysWhatOneSeedCosts) {
  // One cell of three seeds, of 3 hours each.
  Case made;
  DesignCells design;
  design.cells.resize(1);
  design.cells[0].label = "base";
  design.cells[0].is_base = true;
  for (int run = 0; run < 3; ++run) {
    Job job;
    job.launch.mutable_train()->mutable_run()->set_seed(run + 5);
    made.plan.jobs.push_back(job);
    made.prices.push_back(Hours(3));
    design.cells[0].runs.push_back(run);
  }
  made.plan.expansion.designs = {design};
  made.plan.expansion.runs.resize(3);
  ASSERT_THAT(SelectRuns({}, &made.plan), IsOk());
  EXPECT_THAT(
      ApplyBudget({4, HourUnit::kCpu}, made.prices, &made.plan),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("about 9.00"),
                     HasSubstr("one seed of it, the selector seed=5, costs "
                               "about 3.00, which the budget pays for"))));
  EXPECT_THAT(ApplyBudget({2, HourUnit::kCpu}, made.prices, &made.plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("seed=5, costs about 3"),
                             Not(HasSubstr("pays for")))));
}

// The commands that its header names.
TEST(ApplyBudgetTest, OneSeedOfTheTablesFitsIntoTheBudgetOfTheirHeader) {
  ASSERT_OK_AND_ASSIGN(const Experiment experiment,
                       LoadExperiment("experiments/rsrefseg_tables.textproto"));
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       ReadFile("experiments/rsrefseg_tables.textproto"));
  EXPECT_THAT(text, HasSubstr("seed=1 --budget 40gpuh"));
  ASSERT_OK_AND_ASSIGN(const Store store, Store::Open(NewDir() + "/store"));
  ASSERT_OK_AND_ASSIGN(Expansion expansion, Expand(experiment, {}));
  ASSERT_OK_AND_ASSIGN(Plan plan, MakePlan(std::move(expansion), store,
                                           SiteFile(), "", nullptr));
  const std::vector<JobPrice> prices = PriceJobs(plan, {}, Machine());
  EXPECT_FALSE(ApplyBudget({40, HourUnit::kGpu}, prices, &plan).ok());
  ASSERT_THAT(SelectRuns({"seed=1"}, &plan), IsOk());
  ASSERT_OK_AND_ASSIGN(const BudgetChoice choice,
                       ApplyBudget({40, HourUnit::kGpu}, prices, &plan));
  EXPECT_EQ(choice.cells, 2);
}

TEST(ApplyBudgetTest, TheUnitFitsTheDevice) {
  Case made = TwoCells();
  EXPECT_THAT(ApplyBudget({9, HourUnit::kGpu}, made.prices, &made.plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("other seed 1 runs on a CPU; say cpuh")));
  made.prices[0].gpus = made.prices[1].gpus = 4;
  EXPECT_THAT(ApplyBudget({9, HourUnit::kCpu}, made.prices, &made.plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("runs on a GPU; say gpuh")));
  // 3 hours on 4 GPUs are 12.
  EXPECT_FALSE(
      ApplyBudget({11.9, HourUnit::kGpu}, made.prices, &made.plan).ok());
  EXPECT_THAT(ApplyBudget({12, HourUnit::kGpu}, made.prices, &made.plan),
              IsOk());
}

}  // namespace
}  // namespace transect
