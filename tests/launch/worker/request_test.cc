#include "launch/worker/request.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(RunRequest, WithoutARequestIsAnError) {
  EXPECT_THAT(RunRequest(WorkerRequest()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("asks for nothing")));
}

TEST(RunRequest, ReachesWhatDoesIt) {
  WorkerRequest request;
  request.mutable_synthesize_data()->set_out(testing::TempDir());
  EXPECT_THAT(RunRequest(request).status(),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       HasSubstr(testing::TempDir())));
}

}  // namespace
}  // namespace transect
