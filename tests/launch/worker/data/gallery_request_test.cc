#include "launch/worker/data/gallery_request.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "data/synthetic/synthesis.h"
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

TEST(GalleryTest, HoldsTheRequestedSplits) {
  DataSpec spec;
  spec.mutable_synthesis()->set_image_size(64);
  spec.mutable_synthesis()->set_train_images(3);
  spec.mutable_synthesis()->set_val_images(2);
  ResolveDataSpec(&spec);
  ASSERT_THAT(
      WriteSyntheticDataset(spec.synthesis(), Path("gallery_set"), nullptr),
      IsOk());
  GalleryRequest request;
  request.set_data(Path("gallery_set"));
  request.set_out(Path("page.html"));
  request.mutable_reading()->set_format(FoundDataset::RRSISD);
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
