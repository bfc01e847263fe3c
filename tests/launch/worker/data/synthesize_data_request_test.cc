#include "launch/worker/data/synthesize_data_request.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/requests/worker_request.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

SynthesizeDataRequest SmallRequest(const char* name) {
  SynthesizeDataRequest request;
  request.mutable_spec()->set_image_size(64);
  request.mutable_spec()->set_train_images(3);
  request.mutable_spec()->set_val_images(2);
  request.set_out(absl::StrCat(testing::TempDir(), "/", name));
  return request;
}

TEST(SynthesizeDataTest, PrintsTheBoundsAndRefusesToOverwrite) {
  const SynthesizeDataRequest request = SmallRequest("requested_set");
  ::testing::internal::CaptureStdout();
  EXPECT_THAT(SynthesizeData(request), IsOk());
  const std::string told = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(told, HasSubstr(request.out()));
  EXPECT_THAT(told, ContainsRegex("all objects [1-9][0-9]?[.][0-9]{2} %"));
  EXPECT_TRUE(FileExists(absl::StrCat(request.out(), "/blind_bounds.json")));
  EXPECT_TRUE(absl::IsAlreadyExists(SynthesizeData(request).status()));
}

}  // namespace
}  // namespace transect
