#include "data/loader/read_sample.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

std::string Fixture(const std::string& name) {
  return absl::StrCat("tests/data/image/testdata/", name);
}

struct Bytes {
  explicit Bytes(const InputFormat& format)
      : image(format.ImageBytes(), 7),
        mask(format.MaskBytes(), 7),
        siglip_image(format.SiglipImageBytes(), 7) {}
  SampleBytes To() { return {image.data(), mask.data(), siglip_image.data()}; }
  std::vector<uint8_t> image, mask, siglip_image;
};

// color.jpg is 29 x 37.
Sample ColorSample(Rle mask) {
  Sample sample;
  sample.id = 77;
  sample.image_path = Fixture("color.jpg");
  sample.mask = std::move(mask);
  return sample;
}

std::vector<uint8_t> LeftHalf(int height, int width) {
  std::vector<uint8_t> mask(height * width);
  for (int i = 0; i < height * width; ++i) {
    mask[i] = i % width < width / 2;
  }
  return mask;
}

// The bytes of OpenCV and Pillow as make_image_fixtures.py wrote them.
TEST(ReadSampleTest, PixelsAreThoseOfTheReferencesInPlanesOfRedGreenBlue) {
  const InputFormat format{/*image_size=*/24, /*siglip_image_size=*/12};
  const std::string file = *ReadFile(Fixture("mask.bytes"));
  const std::vector<uint8_t> mask(file.begin(), file.end());
  Bytes bytes(format);
  ASSERT_THAT(SampleReader().Read(ColorSample(RleFromMask(mask, 29, 37)),
                                  format, bytes.To()),
              IsOk());
  EXPECT_EQ(std::string(bytes.image.begin(), bytes.image.end()),
            *ReadFile(Fixture("color_square.planes")));
  EXPECT_EQ(std::string(bytes.mask.begin(), bytes.mask.end()),
            *ReadFile(Fixture("mask_square.bytes")));
  EXPECT_EQ(std::string(bytes.siglip_image.begin(), bytes.siglip_image.end()),
            *ReadFile(Fixture("color_square_bicubic.planes")));
}

TEST(ReadSampleTest, AMaskOfAnotherSizeThanTheImageIsFittedToIt) {
  const InputFormat format{8, 0};
  Bytes bytes(format);
  ASSERT_THAT(
      SampleReader().Read(ColorSample(RleFromMask(LeftHalf(58, 74), 58, 74)),
                          format, bytes.To()),
      IsOk());
  // To 37 columns first, of which 19 are set, then to 8. Straight from 74 to 8
  // it would be 4.
  for (size_t i = 0; i < bytes.mask.size(); ++i) {
    EXPECT_EQ(bytes.mask[i], i % 8 < 5) << i;
  }
  // An empty mask stays empty.
  ASSERT_THAT(
      SampleReader().Read(ColorSample(Rle{6, 6, {36}}), format, bytes.To()),
      IsOk());
  EXPECT_THAT(bytes.mask, Each(0));
}

TEST(ReadSampleTest, WhatAReaderReadBeforeDoesNotShow) {
  std::string large = absl::StrCat(::testing::TempDir(), "/large.jpg");
  const Image image{60, 90, std::vector<uint8_t>(60 * 90 * 3, 130)};
  ASSERT_THAT(WriteFile(large, *EncodeJpeg(image, 90)), IsOk());
  Sample other = ColorSample(RleFromMask(LeftHalf(60, 90), 60, 90));
  other.image_path = large;
  const Sample sample = ColorSample(RleFromMask(LeftHalf(29, 37), 29, 37));
  const InputFormat format{/*image_size=*/31, /*siglip_image_size=*/12};
  Bytes fresh(format);
  ASSERT_THAT(SampleReader().Read(sample, format, fresh.To()), IsOk());
  SampleReader reader;
  Bytes used(format);
  ASSERT_THAT(reader.Read(other, format, used.To()), IsOk());
  EXPECT_NE(used.image, fresh.image);
  Sample missing = sample;
  missing.image_path = "/no/such.jpg";
  ASSERT_FALSE(reader.Read(missing, format, used.To()).ok());
  ASSERT_THAT(reader.Read(sample, format, used.To()), IsOk());
  EXPECT_EQ(used.image, fresh.image);
  EXPECT_EQ(used.mask, fresh.mask);
  EXPECT_EQ(used.siglip_image, fresh.siglip_image);
}

// The network may be as large as the image; then nothing is resized.
TEST(ReadSampleTest, AnImageOfTheNetworksSizeIsTakenAsItIs) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/square.jpg");
  Image image{24, 24, std::vector<uint8_t>(24 * 24 * 3)};
  for (size_t i = 0; i < image.bgr.size(); ++i) {
    image.bgr[i] = static_cast<uint8_t>(i * 3 / 24);
  }
  ASSERT_THAT(WriteFile(path, *EncodeJpeg(image, 90)), IsOk());
  ASSERT_OK_AND_ASSIGN(const Image decoded, DecodeImage(path));
  const std::vector<uint8_t> mask = LeftHalf(24, 24);
  Sample sample = ColorSample(RleFromMask(mask, 24, 24));
  sample.image_path = path;
  const InputFormat format{24, 0};
  Bytes bytes(format);
  ASSERT_THAT(SampleReader().Read(sample, format, bytes.To()), IsOk());
  for (size_t i = 0; i < 24 * 24; ++i) {
    for (int c = 0; c < 3; ++c) {
      ASSERT_EQ(bytes.image[c * 24 * 24 + i], decoded.bgr[3 * i + 2 - c]) << i;
    }
  }
  EXPECT_EQ(bytes.mask, mask);
}

TEST(ReadSampleTest, ErrorsNameSampleAndFileAndKeepTheirCode) {
  const InputFormat format{8, 0};
  Bytes bytes(format);
  Sample sample = ColorSample(Rle{29, 37, {29 * 37}});
  sample.image_path = "/no/such.jpg";
  EXPECT_THAT(SampleReader().Read(sample, format, bytes.To()),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("sample 77: cannot open /no/such.jpg")));
  sample.image_path = Fixture("cmyk.jpg");
  EXPECT_THAT(SampleReader().Read(sample, format, bytes.To()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("sample 77: cannot decode ")));
}

TEST(ReadSampleTest, IgnoredPixelsAreNeitherObjectNorBackground) {
  const InputFormat format{8, 0};
  Sample sample = ColorSample(RleFromMask(LeftHalf(29, 37), 29, 37));
  // All rows but the upper half; the object has none of its pixels.
  std::vector<uint8_t> object = LeftHalf(29, 37), ignored(29 * 37);
  for (int i = 0; i < 29 * 37; ++i) {
    ignored[i] = i / 37 >= 14;
    if (ignored[i] != 0) object[i] = 0;
  }
  sample.mask = RleFromMask(object, 29, 37);
  sample.ignored = RleFromMask(ignored, 29, 37);
  Bytes bytes(format);
  ASSERT_THAT(SampleReader().Read(sample, format, bytes.To()), IsOk());
  for (size_t i = 0; i < bytes.mask.size(); ++i) {
    EXPECT_EQ(bytes.mask[i], i / 8 >= 4  ? kIgnoredPixel
                             : i % 8 < 4 ? 1
                                         : 0)
        << i;
  }
}

}  // namespace
}  // namespace transect
