// `transect audit`, claims of an experiment, and tables to plot.

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/launch/cli/call.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

constexpr char kSpec[] = "tests/e2e/tiny.textproto";

TEST(AnswersTest, AuditReadsSetsAndCsvFiles) {
  const Said sets = Call({"audit", "rsrefseg_table1", "rsrefseg_table2"});
  EXPECT_EQ(sets.code, 0);
  EXPECT_THAT(sets.out, HasSubstr("44 of 45 rounded or truncated"));
  EXPECT_THAT(sets.out, HasSubstr("honesty"));
  const Said json = Call({"audit", "rsrefseg_table2", "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(json.out)["groups"][0]["split"], "val");
  const std::string csv = absl::StrCat(NewDir(), "/t.csv");
  ASSERT_THAT(WriteFile(csv, "method,Pr@0.5\na,50.00\nb,25.00\n"), IsOk());
  const Said own = Call({"audit", csv, "--items", "4", "--scan", "2-100"});
  EXPECT_EQ(own.code, 0);
  EXPECT_THAT(own.out, HasSubstr("N = 4 (--items): 2 of 2 rounded"));
  const Said wrong = Call({"audit", "rsrefseg_tabel1"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean \"rsrefseg_table1\""));
  const Said scan = Call({"audit", csv, "--scan", "9"});
  EXPECT_EQ(scan.code, 1);
  EXPECT_THAT(scan.err, HasSubstr("must be two numbers, as 200-3699"));
}

TEST(AnswersTest, ClaimsAreCheckedBeforeAnythingRuns) {
  const std::string spec = absl::StrCat(NewDir(), "/claim.textproto");
  ASSERT_THAT(
      WriteFile(spec, absl::StrCat("include: \"",
                                   std::filesystem::absolute(kSpec).string(),
                                   "\"\nreport { claim { name: \"a\" holds: "
                                   "\"base > nothing=1\" } }\n")),
      IsOk());
  const Said claim = Call({"plan", spec, "--store", NewDir()});
  EXPECT_EQ(claim.code, 1);
  EXPECT_THAT(claim.err, HasSubstr("report.claim \"a\" names the axis"));
}

TEST(AnswersTest, LongTablesAreCsv) {
  const std::string store = NewDir();
  const Said table =
      Call({"report", kSpec, "--store", store, "--format", "csv", "--long"});
  EXPECT_EQ(table.code, 0);
  EXPECT_EQ(table.out, "design,cell,run,seed,source,step,split,metric,value\n");
  const Said wrong = Call({"report", kSpec, "--store", store, "--items"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("say --format csv"));
}

}  // namespace
}  // namespace transect
