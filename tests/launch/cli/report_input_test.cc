#include "launch/cli/report_input.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/aggregate.h"
#include "data/data.pb.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/plan/plan.h"
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
using ::testing::SizeIs;

// One design of two cells that share run 0; its runs are 0 and 1.
Plan MakePlanOfTwoRuns() {
  Plan plan;
  plan.code = "fedcba9876543210fedcba9876543210";
  plan.expansion.name = "name";
  plan.expansion.base_settings = {{"rank", "16"}};
  DesignCells design;
  design.name = "design";
  design.cells.resize(2);
  design.cells[0].label = "base";
  design.cells[0].is_base = true;
  design.cells[0].runs = {0};
  design.cells[1].label = "rank=2";
  design.cells[1].settings = {{"rank", "2"}};
  design.cells[1].runs = {1};
  plan.expansion.designs = {design};
  plan.expansion.reads.resize(2);
  for (const char* id : {"0000", "1111"}) {
    Job job;
    job.id = id;
    job.name = absl::StrCat("run ", id);
    job.dir = NewDir();
    job.launch.mutable_train()->mutable_run()->set_seed(7);
    EvaluateJob* const evaluation =
        job.launch.mutable_train()->add_evaluation();
    evaluation->set_id(absl::StrCat("e", id));
    evaluation->set_split("val");
    plan.jobs.push_back(job);
  }
  return plan;
}

std::string DirOfEvaluation(const Job& job) {
  return EvaluationDir(job.dir, "val", absl::StrCat("e", job.id));
}

// Writes an evaluation of one item; `more` is text of its Result.
void WriteEvaluation(const Plan& plan, const std::string& dir,
                     const std::string& id, const std::string& split,
                     const std::string& more) {
  const std::string attempt = AttemptDir(dir, 1);
  Put(dir + "/result.textproto",
      absl::StrCat("id: \"", id, "\" code: \"", plan.code,
                   "\" attempt: 1 ranks: 1 eval_items: 1 ", more,
                   " file { path: \"spec\" bytes: 0 }"));
  Put(attempt + "/launch.textproto", "");
  auto writer = MetricLogWriter::Create(RankMetricsPath(attempt, 0));
  ASSERT_THAT(writer, IsOk());
  MetricRecord record;
  record.mutable_header()->set_id(id);
  record.mutable_header()->set_attempt(1);
  record.mutable_header()->set_ranks(1);
  ASSERT_THAT((*writer)->Append(record), IsOk());
  record.mutable_eval_item()->set_split(split);
  record.mutable_eval_item()->set_item_id(3);
  record.mutable_eval_item()->mutable_prediction()->set_union_(5);
  ASSERT_THAT((*writer)->Append(record), IsOk());
  ASSERT_THAT((*writer)->Close(), IsOk());
}

void FinishRun(const Plan& plan, Job* job) {
  WriteEvaluation(plan, DirOfEvaluation(*job), absl::StrCat("e", job->id),
                  "val", "frequent_place_giou: 0.25");
  job->state = JobState::kDone;
}

TEST(ReportInputTest, DoneRunsBringTheirItemsAndTheOthersTheirReason) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  plan.jobs[1].state = JobState::kFailed;
  plan.jobs[1].note = "NON_FINITE: the loss is nan";
  const LoadedReport report = LoadReport(plan);
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.input.title, "name");
  ASSERT_THAT(report.input.tables, SizeIs(1));
  ASSERT_THAT(report.input.tables[0].rows, SizeIs(2));
  const RunInput& done = report.input.tables[0].rows[0].runs[0];
  ASSERT_NE(done.items, nullptr);
  EXPECT_THAT(*done.items, SizeIs(1));
  EXPECT_EQ(done.seed, 7);
  EXPECT_THAT(done.frequent_place_gious, ElementsAre(Pair("val", 0.25)));
  EXPECT_EQ(done.code, plan.code);
  const RunInput& failed = report.input.tables[0].rows[1].runs[0];
  EXPECT_EQ(failed.items, nullptr);
  EXPECT_EQ(failed.missing, "failed: NON_FINITE: the loss is nan");
}

TEST(ReportInputTest, EvaluationsMadeBesideTheExperimentAreTablesOfTheirOwn) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  FinishRun(plan, &plan.jobs[1]);
  const std::string dir =
      EvaluationDir(plan.jobs[0].dir, "test", "f00000000000");
  WriteEvaluation(plan, dir, "f00000000000", "test", "content_digest: \"abc\"");
  // Not finished.
  Put(EvaluationDir(plan.jobs[1].dir, "train", "f11111111111") + "/x", "");
  LoadedReport report = LoadReport(plan);
  EXPECT_THAT(report.problems, IsEmpty());
  ASSERT_THAT(report.input.tables, SizeIs(2));
  EXPECT_EQ(report.input.tables[0].evaluated_later, "");
  const TableInput& later = report.input.tables[1];
  EXPECT_EQ(later.name, "design");
  EXPECT_EQ(later.evaluated_later, report.input.tables[0].dataset);
  ASSERT_THAT(later.rows, SizeIs(2));
  ASSERT_NE(later.rows[0].runs[0].items, nullptr);
  EXPECT_EQ(later.rows[0].runs[0].items->front().split(), "test");
  EXPECT_THAT(later.rows[0].runs[0].content_digests,
              ElementsAre(Pair("test", "abc")));
  EXPECT_EQ(later.rows[1].runs[0].items, nullptr);
  EXPECT_EQ(later.rows[1].runs[0].missing,
            "not evaluated on this; transect evaluate does it");
  Put(RankMetricsPath(AttemptDir(dir, 1), 0), "garbage");
  report = LoadReport(plan);
  EXPECT_THAT(report.input.tables, SizeIs(1));
  EXPECT_THAT(report.problems,
              ElementsAre(HasSubstr("evaluation test-f00000000000")));
}

TEST(ReportInputTest, AnEvaluationAtAnotherResolutionIsATableOfItsOwn) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  FinishRun(plan, &plan.jobs[1]);
  const std::string id = "f00000000000";
  WriteEvaluation(plan, EvaluationDir(plan.jobs[0].dir, "val", id), id, "val",
                  "content_digest: \"abc\" resolution: 480");
  const LoadedReport report = LoadReport(plan);
  EXPECT_THAT(report.problems, IsEmpty());
  ASSERT_THAT(report.input.tables, SizeIs(2));
  EXPECT_THAT(report.input.tables[0].rows[0].runs[0].resolutions, IsEmpty());
  const TableInput& later = report.input.tables[1];
  EXPECT_EQ(later.evaluated_later,
            report.input.tables[0].dataset + " at 480 x 480 pixels");
  EXPECT_THAT(later.rows[0].runs[0].resolutions, ElementsAre(Pair("val", 480)));
  // That of the frequent place is of the images' own size.
  EXPECT_THAT(later.rows[0].runs[0].frequent_place_gious, IsEmpty());
}

TEST(ReportInputTest, WithoutResultsATableHasThePlannedResolution) {
  Plan plan = MakePlanOfTwoRuns();
  EXPECT_EQ(LoadReport(plan).input.tables[0].planned_resolution, 0);
  const auto spec = [&plan](int i) {
    return plan.jobs[i].launch.mutable_train()->mutable_run();
  };
  spec(0)->mutable_evaluation()->set_resolution(480);
  EXPECT_EQ(LoadReport(plan).input.tables[0].planned_resolution, 0);
  spec(1)->mutable_evaluation()->set_resolution(480);
  EXPECT_EQ(LoadReport(plan).input.tables[0].planned_resolution, 480);
}

TEST(ReportInputTest, ADoneRunWhoseLogIsDamagedIsToldAndDoesNotCount) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  Put(RankMetricsPath(AttemptDir(DirOfEvaluation(plan.jobs[0]), 1), 0),
      "garbage");
  const LoadedReport report = LoadReport(plan);
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("rank00000.metrics")));
  EXPECT_EQ(report.input.tables[0].rows[0].runs[0].items, nullptr);
}

TEST(ReportInputTest, StaleRunsNeverCountSilently) {
  Plan plan = MakePlanOfTwoRuns();
  plan.jobs[0].state = JobState::kStale;
  plan.jobs[0].note = "done under code aaaaaaaaaaaa";
  const RunInput run = LoadReport(plan).input.tables[0].rows[0].runs[0];
  EXPECT_EQ(run.items, nullptr);
  EXPECT_THAT(run.missing, HasSubstr("stale"));
}

TEST(ReportInputTest, PublishedSetsGoToTheTablesTheyAreFor) {
  ReportSpec spec;
  PublishedChoice* choice = spec.add_published();
  choice->set_name("rsrefseg_table1");
  choice->set_design("another");
  *spec.add_published() = *choice;
  spec.add_published()->set_name("rsrefseg_table2");
  spec.mutable_published(2)->set_other_splits(true);
  ASSERT_OK_AND_ASSIGN(const std::vector<ShownPublished> chosen,
                       ChoosePublished(spec, {"btdnet"}));
  EXPECT_THAT(chosen, SizeIs(3));
  Plan plan = MakePlanOfTwoRuns();
  for (Job& job : plan.jobs) {
    job.launch.mutable_train()
        ->mutable_run()
        ->mutable_data()
        ->mutable_found()
        ->set_role("r");
  }
  const TableInput table = LoadReport(plan, chosen).input.tables[0];
  EXPECT_EQ(table.dataset, "data set r (RRSISD)");
  EXPECT_EQ(table.published_dataset, "RRSIS-D");
  EXPECT_THAT(table.anyway.other_splits, ElementsAre("rsrefseg_table2"));
  EXPECT_THAT(table.anyway.other_rules, IsEmpty());
  ASSERT_THAT(table.published, SizeIs(2));
  EXPECT_EQ(table.published[0].name(), "btdnet");
  EXPECT_EQ(table.published[1].name(), "rsrefseg_table2");
  choice = spec.mutable_published(0);
  choice->set_name("rsrefseg_tabel1");
  EXPECT_THAT(ChoosePublished(spec, {}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("did you mean \"rsrefseg_table1\"")));
}

DataSpec* DataOf(Job* job) {
  return job->launch.mutable_train()->mutable_run()->mutable_data();
}

// A layout is no identity: any folder may have it.
TEST(ReportInputTest, ADataSetIsNamedByItsIdentity) {
  Plan plan = MakePlanOfTwoRuns();
  for (int i = 0; i < 2; ++i) {
    DataOf(&plan.jobs[i])->mutable_found()->set_role("mine");
    plan.expansion.reads[i][InputName::kData] =
        "0123456789abcdef0123456789abcdef";
  }
  TableInput table = LoadReport(plan).input.tables[0];
  EXPECT_EQ(table.dataset, "data set mine (RRSISD, 0123456789ab)");
  plan.expansion.reads[1][InputName::kData] = "pending:0123";
  table = LoadReport(plan).input.tables[0];
  EXPECT_EQ(table.dataset, "") << "the rows read different data sets";
  EXPECT_EQ(table.published_dataset, "RRSIS-D");
  for (int i = 0; i < 2; ++i) {
    DataOf(&plan.jobs[i])->mutable_synthesis();
    plan.expansion.reads[i][InputName::kData] =
        "fedcba9876543210fedcba9876543210";
  }
  table = LoadReport(plan).input.tables[0];
  EXPECT_EQ(table.dataset, "synthetic data set fedcba987654");
  EXPECT_EQ(table.published_dataset, "");
}

TEST(ReportInputTest, WhatSeedsShareIsSaid) {
  Plan plan = MakePlanOfTwoRuns();
  EXPECT_THAT(LoadReport(plan).input.tables[0].shared_by_seeds,
              ElementsAre("the data set", "the tokenizer"));
  RunSpec* const run = plan.jobs[1].launch.mutable_train()->mutable_run();
  run->mutable_weights()->mutable_trained()->mutable_run()->set_seed(3);
  EXPECT_THAT(LoadReport(plan).input.tables[0].shared_by_seeds,
              ElementsAre("the data set", "the tokenizer",
                          "initial weights, trained once (seed 3)"));
  run->mutable_weights()->mutable_found();
  EXPECT_THAT(LoadReport(plan).input.tables[0].shared_by_seeds,
              ElementsAre("the data set", "the tokenizer",
                          "published initial weights"));
}

TEST(ReportInputTest, SplitsThatTrainingReadAreKnown) {
  Plan plan = MakePlanOfTwoRuns();
  RunSpec* const run = plan.jobs[0].launch.mutable_train()->mutable_run();
  run->mutable_data()->mutable_synthesis()->set_seed(1);
  RunSpec* const inner =
      run->mutable_weights()->mutable_trained()->mutable_run();
  inner->mutable_data()->set_train_split("val");
  const auto splits = [&] {
    return LoadReport(plan).input.tables[0].rows[0].runs[0].trained_splits;
  };
  inner->mutable_data()->mutable_synthesis()->set_seed(2);
  EXPECT_THAT(splits(), ElementsAre("train"));
  inner->mutable_data()->mutable_synthesis()->set_seed(1);
  EXPECT_THAT(splits(), ElementsAre("train", "val"));
  run->mutable_training()->set_steps(0);
  EXPECT_THAT(splits(), ElementsAre("val"));
  run->mutable_data()->mutable_found()->set_role("a");
  inner->mutable_data()->mutable_found()->set_role("b");
  EXPECT_THAT(splits(), IsEmpty());
  inner->mutable_data()->mutable_found()->set_role("a");
  EXPECT_THAT(splits(), ElementsAre("val"));
}

TEST(ReportInputTest, ARunForAllSeedsCountsOnce) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  plan.jobs[0].launch.mutable_train()->mutable_run()->clear_seed();
  plan.expansion.designs[0].cells[0].runs = {0, 0, 0};
  const RowInput row = LoadReport(plan).input.tables[0].rows[0];
  ASSERT_THAT(row.runs, SizeIs(1));
  EXPECT_FALSE(row.runs[0].seed.has_value());
}

TEST(ReportInputTest, ARunOfAnAcceptedCodeSaysWhichItIs) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  plan.jobs[0].result.set_code("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(LoadReport(plan).input.tables[0].rows[0].runs[0].code,
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

TEST(ReportInputTest, WhatIsNotSelectedIsLeftOutAndTheTitleSaysSo) {
  Plan plan = MakePlanOfTwoRuns();
  FinishRun(plan, &plan.jobs[0]);
  plan.jobs[1].selected = false;
  const LoadedReport report = LoadReport(plan);
  EXPECT_EQ(report.input.title,
            "name, without 1 of 2 runs, which were not selected");
  ASSERT_THAT(report.input.tables, SizeIs(1));
  ASSERT_THAT(report.input.tables[0].rows, SizeIs(1));
  EXPECT_EQ(report.input.tables[0].rows[0].label, "base");
  plan.jobs[0].selected = false;
  EXPECT_THAT(LoadReport(plan).input.tables, IsEmpty());
}

}  // namespace
}  // namespace transect
