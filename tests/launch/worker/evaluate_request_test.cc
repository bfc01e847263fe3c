#include "launch/worker/evaluate_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "analysis/load_runs.h"
#include "data/io/file.h"
#include "launch/worker/exit_codes.h"
#include "tests/launch/worker/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

// SmallRun as it is before training, on its data set.
EvaluateRequest Request(const std::string& name) {
  EvaluateRequest request;
  RunFiles& files = *request.mutable_files();
  files.set_id(kId);
  files.set_code(kCode);
  *files.mutable_job()->mutable_run() = SmallRun();
  files.mutable_job()->set_tokenizer_path(GetSmallFiles().tokenizer_path);
  files.mutable_job()->set_data_root(GetSmallFiles().data_root);
  request.set_split("val");
  request.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  std::filesystem::remove_all(request.job_dir());
  EXPECT_THAT(MakeDirs(request.job_dir()), IsOk());
  return request;
}

TEST(EvaluateRun, FillsADirectoryThatReadsLikeARun) {
  const EvaluateRequest request = Request("evaluation");
  ASSERT_THAT(EvaluateRun(request), IsOk());
  ASSERT_OK_AND_ASSIGN(const LoadedRun run, LoadRun(request.job_dir()));
  EXPECT_EQ(run.result.id(), kId);
  EXPECT_EQ(run.result.code(), kCode);
  ASSERT_EQ(run.items->size(), static_cast<size_t>(kSmallEvalImages));
  for (const EvalItem& item : *run.items) {
    EXPECT_EQ(item.split(), "val");
    EXPECT_TRUE(item.has_permuted());
  }
}

TEST(EvaluateRun, WithoutTheSplitThereIsNoResult) {
  EvaluateRequest request = Request("no_split");
  request.set_split("test");
  const auto code = EvaluateRun(request);
  EXPECT_EQ(ExitCodeOf(code.status()), ExitCode::DATA);
  EXPECT_THAT(std::string(code.status().message()), testing::HasSubstr("test"));
  EXPECT_FALSE(FileExists(request.job_dir() + "/result.textproto"));
}

}  // namespace
}  // namespace transect
