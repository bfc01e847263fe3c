// The plan screen in every state, against files: testdata/NAME.txt. Ids
// and prices in them are made up, so that only a change of the screen changes
// them. `bazel run ... -- --update`
// writes them again.
#include "launch/plan/plan_text.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/proto_json.h"
#include "experiments/expanding/expand.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "launch/plan/budget.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/price.h"
#include "launch/plan/schedule.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/golden.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

void ExpectScreen(const std::string& name, const std::string& text) {
  ExpectGolden(absl::StrCat("tests/launch/plan/testdata/", name), text);
}

// tests/e2e/tiny.textproto: 4 inputs, 2 cells of 2 seeds.
class PlanScreenTest : public testing::Test {
 protected:
  PlanScreenTest()
      : experiment_(*LoadExperiment("tests/e2e/tiny.textproto")),
        store_(*Store::Open(NewDir() + "/store")) {
    frame_.spec = "tiny.textproto";
    frame_.store = "/data/store";
    frame_.run_command = "transect run tiny.textproto";
    frame_.report_command = "transect report tiny.textproto";
    frame_.resources.processors = 4;
    frame_.resources.free_memory_bytes = 30'000'000'000;
  }

  void Make(const std::string& code = kCode) {
    absl::StatusOr<Plan> plan =
        MakePlan(*Expand(experiment_, {}), store_, SiteFile(), code, nullptr);
    ASSERT_THAT(plan, IsOk());
    plan_ = *std::move(plan);
    prices_.clear();
    for (size_t i = 0; i < plan_.jobs.size(); ++i) {
      Job& job = plan_.jobs[i];
      if (job.state != JobState::kPending) {
        job.id = absl::StrFormat("%032d", i + 1);
        job.id = absl::StrCat(job.id.substr(20), job.id.substr(0, 20));
      }
      JobPrice price;
      const bool run = static_cast<int>(i) >= plan_.first_run;
      price.basis = run ? PriceBasis::MEASURED : PriceBasis::GUESS;
      const double seconds = run ? 900 : 30;
      price.seconds = {seconds / (run ? 1.1 : 4), seconds,
                       seconds * (run ? 1.1 : 4)};
      price.flops = run ? 2.5e15 : 0;
      price.memory_bytes = run ? 1'300'000'000 : 0;
      price.memory_basis = PriceBasis::MEASURED;
      price.disk_bytes = 20'000'000;
      price.processors = run ? 2 : 1;
      prices_.push_back(price);
    }
  }

  Job& Run(int run) { return plan_.jobs[plan_.first_run + run]; }

  PlanReport Report() {
    return BuildPlanReport(plan_, experiment_, prices_, frame_);
  }

  std::string Screen(const PlanStyle& style = {}) {
    return RenderPlan(Report(), style);
  }

  Experiment experiment_;
  Store store_;
  PlanFrame frame_;
  Plan plan_;
  std::vector<JobPrice> prices_;
};

TEST_F(PlanScreenTest, NothingIsDone) {
  Make();
  ExpectScreen("new.txt", Screen());
}

TEST_F(PlanScreenTest, DefectiveRecordsOfFoundDataStandAboveTheCost) {
  Make();
  PlanDataUse& use = frame_.data_use.emplace_back();
  use.set_role("rrsisd");
  use.set_policy("keeps empty_mask; repairs size_mismatch");
  PlanSplitUse* const train = use.add_splits();
  train->set_split("train");
  train->set_records(12181);
  train->set_used(12181);
  PlanDefectCount* const kept = train->add_kept();
  kept->set_kind("empty_mask");
  kept->set_records(2);
  PlanDefectCount* const repaired = train->add_repaired();
  repaired->set_kind("size_mismatch");
  repaired->set_records(9);
  use.add_stops("one thing\nanother");
  PlanStyle style;
  style.width = 60;
  EXPECT_THAT(Screen(style),
              HasSubstr("\ndata   rrsisd: of defective records keeps "
                        "empty_mask;\n       repairs size_mismatch; stops at "
                        "others\n       split train: 12181 of 12181 records; "
                        "kept: empty_mask\n       2; repaired: size_mismatch "
                        "9\n       a run would stop: one thing; another\n"
                        "cost "));
}

TEST_F(PlanScreenTest, EverythingIsDone) {
  Make();
  for (Job& job : plan_.jobs) job.state = JobState::kDone;
  ASSERT_THAT(SelectRuns({}, &plan_), IsOk());
  ExpectScreen("done.txt", Screen());
}

// Every state in one picture, with and without colors.
TEST_F(PlanScreenTest, EveryState) {
  experiment_.add_seeds(3);
  experiment_.add_seeds(4);
  Make();
  plan_.jobs[0].state = JobState::kDone;
  Run(0).state = JobState::kDone;
  Run(1).state = JobState::kStale;
  Run(1).note = "done under code aaaaaaaaaaaa";
  Run(2).state = JobState::kFailed;
  Run(2).note = "NON_FINITE: the loss is nan";
  Run(3).state = JobState::kRunning;
  Run(3).note = "process 4711 on host";
  Run(4).state = JobState::kCorrupt;
  Run(4).note = "result.textproto: does not parse";
  Run(5).note = "attempt 2 was interrupted";
  ASSERT_THAT(SelectRuns({}, &plan_), IsOk());
  ExpectScreen("every_state.txt", Screen());
  PlanStyle color;
  color.color = true;
  ExpectScreen("every_state_color.txt", Screen(color));
  PlanStyle narrow;
  narrow.width = 60;
  const std::string text = Screen(narrow);
  ExpectScreen("every_state_narrow.txt", text);
  // Colors change no column.
  narrow.color = true;
  std::string painted = Screen(narrow);
  for (const char* code :
       {"\x1b[90m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"}) {
    for (size_t at; (at = painted.find(code)) != std::string::npos;) {
      painted.erase(at, std::string(code).size());
    }
  }
  EXPECT_EQ(painted, text);
}

TEST_F(PlanScreenTest, AFoundDataSetIsNotHashedYet) {
  experiment_.mutable_base()->mutable_data()->mutable_found()->set_role(
      "rrsisd");
  Make();
  plan_.found[0].path = "/data/rrsisd";
  plan_.found[0].problem = absl::OkStatus();
  ExpectScreen("pending.txt", Screen());
}

TEST_F(PlanScreenTest, NothingWasMeasured) {
  Make();
  for (JobPrice& price : prices_) {
    price.basis = PriceBasis::GUESS;
    price.memory_basis = PriceBasis::GUESS;
    if (price.memory_bytes > 0) {
      price.device_memory_bytes = 31'000'000'000;
      price.gpus = 2;
    }
  }
  for (const char* gpu : {"0", "1", "2", "3"}) {
    frame_.resources.gpus.push_back({gpu, gpu});
  }
  frame_.bundle_bytes = 441'000'000;
  ExpectScreen("guess.txt", Screen());
}

TEST_F(PlanScreenTest, AnInputCannotBeUsed) {
  experiment_.mutable_base()->mutable_data()->mutable_found()->set_role(
      "rrsisd");
  Make();
  plan_.found[0].path = "/data/rrsisd";
  plan_.found[0].problem = absl::NotFoundError("data role 'rrsisd': no images");
  frame_.obstacles =
      FindObstacles(plan_, prices_, frame_.resources, /*with_cuda=*/true);
  ExpectScreen("unusable.txt", Screen());
}

TEST_F(PlanScreenTest, WithoutAWorkerIdsAreHalf) {
  Make("");
  const std::string text = Screen();
  EXPECT_THAT(text, HasSubstr("code unknown"));
  EXPECT_THAT(text, HasSubstr("warn   no worker beside this program"));
}

TEST_F(PlanScreenTest, ABudgetSaysWhatItPaysFor) {
  Make();
  absl::StatusOr<BudgetChoice> choice =
      ApplyBudget({1.2, HourUnit::kCpu}, prices_, &plan_);
  ASSERT_THAT(choice, IsOk());
  frame_.budget = *choice;
  ExpectScreen("budget.txt", Screen());
}

TEST_F(PlanScreenTest, SharedRunsAreCountedOnce) {
  Design* design = experiment_.add_design();
  design->set_name("again");
  design->mutable_grid()->add_axes("rank");
  Make();
  ExpectScreen("shared.txt", Screen());
  const PlanReport report = Report();
  EXPECT_EQ(report.designs(1).shared(), 4);
  EXPECT_EQ(report.designs(1).kind(), "grid");
  EXPECT_EQ(report.designs(1).price().hours().value(), 0);
  EXPECT_EQ(report.total().launch(), 4);
}

TEST_F(PlanScreenTest, ManyRunsCollapseToCells) {
  experiment_.clear_seeds();
  for (int seed = 1; seed <= 21; ++seed) experiment_.add_seeds(seed);
  Make();
  Run(0).state = JobState::kDone;
  Run(1).state = JobState::kFailed;
  ASSERT_THAT(SelectRuns({}, &plan_), IsOk());
  ExpectScreen("many.txt", Screen());
  PlanStyle all;
  all.all = true;
  EXPECT_THAT(Screen(all), HasSubstr("  #42  new"));
  EXPECT_THAT(Screen(), Not(HasSubstr("#42  new")));
}

TEST_F(PlanScreenTest, JsonReadsBackAsTheReport) {
  Make();
  const PlanReport report = Report();
  ASSERT_OK_AND_ASSIGN(const std::string json, PrintProtoJson(report));
  PlanReport back;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &back).ok());
  EXPECT_THAT(back, EqualsProto(report));
  EXPECT_EQ(back.format_version(), 2);
  EXPECT_THAT(json, HasSubstr("\"MEASURED\",\n    \"GUESS\""));
}

TEST_F(PlanScreenTest, CountsAreInWords) {
  Make();
  Run(0).state = JobState::kDone;
  EXPECT_EQ(CountsText(plan_), "1 done, 3 new");
}

}  // namespace
}  // namespace transect
