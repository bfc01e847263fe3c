#include "launch/worker/data_requests.h"

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

using ::testing::HasSubstr;

std::string Path(const char* name) {
  return absl::StrCat(::testing::TempDir(), "/", name);
}

SynthesizeDataRequest SmallRequest(const char* name) {
  SynthesizeDataRequest request;
  request.mutable_spec()->set_image_size(64);
  request.mutable_spec()->set_train_images(3);
  request.mutable_spec()->set_val_images(2);
  request.set_out(Path(name));
  return request;
}

TEST(DataRequestsTest, SynthesisTellsTheBoundsAndRefusesToOverwrite) {
  const SynthesizeDataRequest request = SmallRequest("requested_set");
  ::testing::internal::CaptureStdout();
  EXPECT_THAT(SynthesizeData(request), IsOk());
  const std::string told = ::testing::internal::GetCapturedStdout();
  EXPECT_THAT(told, HasSubstr(request.out()));
  EXPECT_THAT(told, HasSubstr("all objects 0."));
  EXPECT_TRUE(FileExists(absl::StrCat(request.out(), "/blind_bounds.json")));
  EXPECT_TRUE(absl::IsAlreadyExists(SynthesizeData(request).status()));
}

TEST(DataRequestsTest, AGalleryHoldsTheSplitsThatAreAskedFor) {
  ASSERT_THAT(SynthesizeData(SmallRequest("gallery_set")), IsOk());
  GalleryRequest request;
  request.set_data(Path("gallery_set"));
  request.set_out(Path("page.html"));
  request.set_format(FoundDataset::RRSISD);
  ::testing::internal::CaptureStdout();
  EXPECT_THAT(WriteGallery(request), IsOk());
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              HasSubstr("5 of 5 samples"));
  EXPECT_TRUE(FileExists(request.out()));
  request.add_split("val");
  ::testing::internal::CaptureStdout();
  EXPECT_THAT(WriteGallery(request), IsOk());
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              HasSubstr("2 of 2 samples"));
  request.add_split("test");
  EXPECT_TRUE(absl::IsNotFound(WriteGallery(request).status()));
  request.set_data(Path("nothing_here"));
  request.clear_split();
  EXPECT_TRUE(absl::IsNotFound(WriteGallery(request).status()));
}

}  // namespace
}  // namespace transect
