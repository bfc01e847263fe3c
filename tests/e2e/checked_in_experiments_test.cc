// Every experiment that comes with Transect is run from nothing to its tables,
// in small; those on RRSIS-D with the defects of the published data set.
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/e2e/found_inputs.h"
#include "tests/e2e/shrink_experiment.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kTables[] = "rsrefseg_tables.textproto";

std::vector<std::string> CheckedIn() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator("experiments")) {
    if (entry.path().extension() == ".textproto") {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// One for all tests, as experiments share inputs and runs.
const std::string& TheStore() {
  static const auto* const store = new std::string(NewDir() + "/store");
  return *store;
}

// Its index is kept where no other test looks.
const std::string& TheData() {
  static const auto* const root = [] {
    setenv("XDG_CACHE_HOME", NewDir().c_str(), 1);
    auto* made = new std::string(NewDatasetDir());
    WriteDefectiveRrsisd(*made);
    return made;
  }();
  return *root;
}

// An experiment in small, as a file and a site file that has its roles.
struct Small {
  Expansion expansion;
  std::string spec;
  std::string site;

  Ended Run(const std::string& verb,
            const std::vector<std::string>& more = {}) const {
    std::vector<std::string> command = {verb,       spec,     "--store",
                                        TheStore(), "--site", site};
    command.insert(command.end(), more.begin(), more.end());
    return Transect(command);
  }
};

// All its seeds, or the first alone.
absl::StatusOr<Small> InSmall(const std::string& name, bool all_seeds) {
  absl::StatusOr<Experiment> whole = LoadExperiment("experiments/" + name);
  if (!whole.ok()) return whole.status();
  if (!all_seeds && whole->seeds_size() > 1) {
    whole->mutable_seeds()->Truncate(1);
  }
  const Experiment experiment = Shrink(*whole);
  const absl::StatusOr<Expansion> large = Expand(*whole, {});
  absl::StatusOr<Expansion> small = Expand(experiment, {});
  if (!large.ok()) return large.status();
  if (!small.ok()) return small.status();
  // Nothing got lost.
  EXPECT_EQ(small->runs.size(), large->runs.size()) << name;
  for (const RunSpec& run : small->runs) EXPECT_EQ(TooLarge(run), "") << name;
  Small result;
  result.expansion = *std::move(small);
  result.spec = NewDir() + "/" + name;
  Put(result.spec, PrintTextproto(experiment));
  result.site = SiteFor(result.expansion, TheData(), TheStore());
  return result;
}

// The report of a finished experiment, which must have every cell.
ComparisonReport CompleteReport(const Small& small, const std::string& name) {
  const Ended printed = small.Run("report", {"--format", "json"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  ComparisonReport report;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(printed.out, &report).ok());
  size_t rows = 0;
  std::set<std::string> splits;
  for (const ReportTable& table : report.tables()) {
    splits.insert(table.split());
    for (const ReportRow& row : table.rows()) {
      SCOPED_TRACE(absl::StrCat(name, " ", table.name(), " ", table.split(),
                                " ", row.label()));
      ++rows;
      EXPECT_EQ(row.n(), row.runs_size());
      EXPECT_THAT(row.missing_seeds(), IsEmpty());
      EXPECT_THAT(row.metrics(), SizeIs(7));
      EXPECT_THAT(row.controls(), testing::Not(IsEmpty()));
    }
  }
  size_t cells = 0;
  for (const DesignCells& design : small.expansion.designs) {
    cells += design.cells.size();
  }
  EXPECT_EQ(rows, cells * splits.size());
  return report;
}

// What the run logged about its data set, each once.
std::set<std::string> DataNotes(const std::string& store) {
  std::set<std::string> notes;
  for (const std::string& job : JobDirs(store + "/")) {
    std::vector<std::string> logs = {job};
    for (const std::string& name : EvaluationNames(job)) {
      logs.push_back(absl::StrCat(EvaluationsDir(job), "/", name));
    }
    for (const std::string& dir : logs) {
      const absl::StatusOr<MetricLog> log =
          ReadMetricLog(RankMetricsPath(AttemptDir(dir, 1), 0));
      if (!log.ok()) continue;  // An input has none.
      for (const MetricRecord& record : log->records) {
        if (absl::StartsWith(record.event().text(), "data,")) {
          notes.insert(record.event().text());
        }
      }
    }
  }
  return notes;
}

class CheckedInExperimentsTest : public testing::TestWithParam<std::string> {};

// The flagship with all its seeds: 27 runs.
TEST_P(CheckedInExperimentsTest, RunsInSmallAndFillsItsTables) {
  ASSERT_OK_AND_ASSIGN(const Small small,
                       InSmall(GetParam(), GetParam() == kTables));
  const Ended run = small.Run("run");
  ASSERT_EQ(run.code, 0) << run.err << run.out;
  const ComparisonReport report = CompleteReport(small, GetParam());
  EXPECT_THAT(run.out, HasSubstr(report.title()));
}

INSTANTIATE_TEST_SUITE_P(Experiments, CheckedInExperimentsTest,
                         testing::ValuesIn(CheckedIn()), [](const auto& info) {
                           return info.param.substr(0, info.param.find('.'));
                         });

// N is that of the data set, and the log says what was kept and repaired.
TEST(DefectiveRrsisdTest, NoRecordIsLeftOutOfTheTables) {
  ASSERT_OK_AND_ASSIGN(const Small small, InSmall(kTables, true));
  EXPECT_THAT(small.expansion.runs, SizeIs(27));
  const Ended run = small.Run("run");
  ASSERT_EQ(run.code, 0) << run.err;
  const ComparisonReport report = CompleteReport(small, kTables);
  std::map<std::string, int64_t> items;
  for (const ReportTable& table : report.tables()) {
    items[table.split()] = table.items();
  }
  EXPECT_THAT(items,
              UnorderedElementsAre(testing::Pair("val", kRecordsOfVal),
                                   testing::Pair("test", kRecordsOfTest)));
  EXPECT_THAT(
      DataNotes(TheStore()),
      UnorderedElementsAre(
          "data, split train: 24 of 24 records; kept: empty_mask 2; "
          "repaired: size_mismatch 9",
          "data, split val: 6 of 6 records; repaired: size_mismatch 2",
          "data, split test: 10 of 10 records; kept: box_far_from_mask 2, "
          "empty_mask 1; repaired: size_mismatch 3"));
}

TEST(DefectiveRrsisdTest, ThePlanSaysWhatIsKeptAndRepaired) {
  ASSERT_OK_AND_ASSIGN(const Small small, InSmall(kTables, true));
  ASSERT_EQ(small.Run("run", {"rank=8"}).code, 0);
  const Ended plan = small.Run("plan");
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_THAT(
      plan.out,
      HasSubstr(
          "data   rrsisd: of defective records keeps empty_mask, "
          "box_far_from_mask; repairs size_mismatch; stops at others\n"
          "       split train: 24 of 24 records; kept: empty_mask 2; repaired: "
          "size_mismatch 9\n"
          "       split val: 6 of 6 records; repaired: size_mismatch 2\n"
          "       split test: 10 of 10 records; kept: box_far_from_mask 2, "
          "empty_mask 1; repaired: size_mismatch 3\n"));
}

// What the check advises is the policy of the base.
TEST(DefectiveRrsisdTest, TheCheckPrintsThePolicyThatKeepsAllRecords) {
  const Ended check = Transect({"data", "check", TheData()});
  EXPECT_EQ(check.code, 2) << check.err;
  EXPECT_THAT(check.out, HasSubstr("policy { empty_mask: KEEP size_mismatch: "
                                   "REPAIR box_far_from_mask: KEEP }"));
}

// Without the policy of the base a run ends and says what to write; the plan
// then says it of all splits.
TEST(DefectiveRrsisdTest, WithoutAPolicyARunNamesTheFieldsToSet) {
  ASSERT_OK_AND_ASSIGN(const Small small, InSmall(kTables, false));
  const std::vector<std::string> strict = {
      "rank=8", "--set", "data.found.policy.empty_mask=ERROR", "--set",
      "data.found.policy.size_mismatch=ERROR"};
  const Ended run = small.Run("run", strict);
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(
      run.err,
      AllOf(HasSubstr("checking all images of data 'rrsisd'"),
            ContainsRegex("empty_mask +2 +0 +1 +3 "),
            ContainsRegex("size_mismatch +9 +2 +3 +14 "),
            HasSubstr("  policy { empty_mask: KEEP size_mismatch: REPAIR }\n"),
            HasSubstr("nothing was started: "),
            HasSubstr(absl::StrCat(
                "`transect data check ",
                std::filesystem::path(TheData()).lexically_normal().string(),
                "`"))));
  const Ended plan = small.Run("plan", strict);
  for (const char* split : {"train", "val", "test"}) {
    EXPECT_THAT(plan.out, ContainsRegex(absl::StrCat(
                              "a run would stop: .* in split ", split)));
  }
}

}  // namespace
}  // namespace transect
