#include "launch/worker/data/export_data_request.h"

#include "absl/status/status.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(ExportDataTest, WritesJsonLinesAndRefusesToOverwrite) {
  ExportDataRequest request;
  request.set_root(NewDatasetDir());
  request.mutable_reading()->set_format(FoundDataset::RRSISD);
  request.set_jsonl(NewDatasetDir());
  WriteSmallDataset(request.root(), {{.id = 1}});
  testing::internal::CaptureStdout();
  EXPECT_THAT(ExportData(request), IsOkAndHolds(ExitCode::OK));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), request.jsonl() + "\n");
  EXPECT_TRUE(FileExists(request.jsonl() + "/datainfo/rrsisd_train.jsonl"));
  EXPECT_THAT(ExportData(request), StatusIs(absl::StatusCode::kAlreadyExists));
}

}  // namespace
}  // namespace transect
