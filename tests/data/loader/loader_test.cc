#include "data/loader/loader.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/loader/sampler.h"
#include "data/masks/rle.h"
#include "data/random/philox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr InputFormat kFormat{/*image_size=*/9, /*siglip_image_size=*/5};

// Noise, so that no two images are alike; sizes differ too.
Sample WriteSample(const std::string& dir, int64_t id) {
  const int height = 8 + static_cast<int>(id % 5);
  const int width = 8 + static_cast<int>(id % 7);
  Philox random(1, "loader_test", id);
  Image image{height, width, {}};
  std::vector<uint8_t> mask;
  for (int i = 0; i < height * width; ++i) {
    for (int c = 0; c < 3; ++c) {
      image.bgr.push_back(static_cast<uint8_t>(random.NextBelow(256)));
    }
    mask.push_back(static_cast<uint8_t>(random.NextBelow(2)));
  }
  Sample sample;
  sample.id = id;
  sample.mask = RleFromMask(mask, height, width);
  sample.image_path = absl::StrCat(dir, "/", id, ".jpg");
  const absl::StatusOr<std::string> jpeg = EncodeJpeg(image, 90);
  EXPECT_THAT(jpeg, IsOk());
  EXPECT_THAT(WriteFile(sample.image_path, *jpeg), IsOk());
  return sample;
}

// What a batch consists of, comparable.
struct Contents {
  std::vector<int64_t> ids;
  std::string images, masks, siglip_images;
  bool operator==(const Contents&) const = default;
};

std::string Text(const std::unique_ptr<uint8_t[]>& bytes, int64_t size) {
  return std::string(reinterpret_cast<const char*>(bytes.get()), size);
}

Contents ContentsOf(const PixelBatch& batch) {
  const auto count = static_cast<int64_t>(batch.samples.size());
  Contents contents;
  for (const Sample* sample : batch.samples) {
    contents.ids.push_back(sample->id);
  }
  contents.images = Text(batch.images, count * batch.format.ImageBytes());
  contents.masks = Text(batch.masks, count * batch.format.MaskBytes());
  contents.siglip_images =
      Text(batch.siglip_images, count * batch.format.SiglipImageBytes());
  return contents;
}

class LoaderTest : public ::testing::Test {
 protected:
  static constexpr int64_t kSamples = 29;
  static constexpr int64_t kGlobalBatch = 12;

  void SetUp() override {
    const std::string dir = absl::StrCat(
        ::testing::TempDir(), "/",
        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_THAT(MakeDirs(dir), IsOk());
    for (int64_t id = 0; id < kSamples; ++id) {
      samples_.push_back(WriteSample(dir, 100 + id));
    }
  }

  // Batches as a rank of a training reads them.
  BatchSamples Training(int rank, int ranks) {
    absl::StatusOr<Sampler> sampler =
        Sampler::Create(kSamples, kGlobalBatch, 3, DataSpec::CONTINUE);
    EXPECT_THAT(sampler, IsOk());
    return [this, rank, ranks, sampler = *sampler](int64_t step) mutable {
      std::vector<const Sample*> batch;
      for (const int64_t index : sampler.Step(step, rank, ranks)) {
        batch.push_back(&samples_[index]);
      }
      return batch;
    };
  }

  std::unique_ptr<Loader> Start(BatchSamples samples, int64_t begin,
                                int64_t end, int threads, int prefetch,
                                const InputFormat& format = kFormat) {
    absl::StatusOr<std::unique_ptr<Loader>> loader = Loader::Start(
        std::move(samples), begin, end, format, {threads, prefetch});
    EXPECT_THAT(loader, IsOk());
    return *std::move(loader);
  }

  std::vector<Contents> ReadAll(int64_t begin, int64_t end, int threads,
                                int prefetch, int rank = 0, int ranks = 1) {
    const std::unique_ptr<Loader> loader =
        Start(Training(rank, ranks), begin, end, threads, prefetch);
    std::vector<Contents> all;
    for (int64_t i = begin; i < end; ++i) {
      absl::StatusOr<PixelBatch> batch = loader->Next();
      EXPECT_THAT(batch, IsOk());
      all.push_back(ContentsOf(*batch));
    }
    EXPECT_THAT(loader->Next(), StatusIs(absl::StatusCode::kOutOfRange,
                                         HasSubstr("was the last")));
    return all;
  }

  std::vector<Sample> samples_;
};

std::vector<uint8_t> Planes(const Image& image) {
  std::vector<uint8_t> planes;
  for (const int channel : {2, 1, 0}) {
    for (size_t i = channel; i < image.bgr.size(); i += 3) {
      planes.push_back(image.bgr[i]);
    }
  }
  return planes;
}

TEST_F(LoaderTest, ASampleIsDecodedAndResizedAsDocumented) {
  const std::unique_ptr<Loader> loader = Start(Training(0, 1), 0, 1, 1, 1);
  ASSERT_OK_AND_ASSIGN(const PixelBatch batch, loader->Next());
  ASSERT_EQ(batch.samples.size(), 12u);
  for (size_t i = 0; i < batch.samples.size(); ++i) {
    const Sample& sample = *batch.samples[i];
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(sample.image_path));
    const std::vector<uint8_t> planes = Planes(ResizeBilinear(image, 9, 9));
    EXPECT_TRUE(std::equal(planes.begin(), planes.end(),
                           batch.images.get() + i * 3 * 9 * 9));
    const std::vector<uint8_t> mask = ResizeNearest(
        MaskFromRle(sample.mask), image.height, image.width, 9, 9);
    EXPECT_TRUE(
        std::equal(mask.begin(), mask.end(), batch.masks.get() + i * 9 * 9));
    const std::vector<uint8_t> siglip = Planes(ResizeBicubic(image, 5, 5));
    EXPECT_TRUE(std::equal(siglip.begin(), siglip.end(),
                           batch.siglip_images.get() + i * 3 * 5 * 5));
  }
}

TEST_F(LoaderTest, SiglipsImageIsOnlyMadeWhereItIsWanted) {
  const std::unique_ptr<Loader> loader =
      Start(Training(0, 1), 0, 1, 1, 1,
            {kFormat.image_size, /*siglip_image_size=*/0});
  ASSERT_OK_AND_ASSIGN(const PixelBatch batch, loader->Next());
  EXPECT_EQ(batch.siglip_images, nullptr);
}

TEST_F(LoaderTest, ThreadsAndReadAheadDoNotChangeABit) {
  const std::vector<Contents> expected = ReadAll(0, 7, 0, 1);
  for (const int threads : {1, 3, 8}) {
    for (const int prefetch : {1, 2, 5}) {
      EXPECT_EQ(ReadAll(0, 7, threads, prefetch), expected)
          << threads << " threads, " << prefetch << " batches";
    }
  }
}

TEST_F(LoaderTest, AResumedLoaderGoesOnAsIfItHadNeverStopped) {
  const std::vector<Contents> expected = ReadAll(0, 9, 3, 2);
  for (int64_t step = 0; step < 9; ++step) {
    EXPECT_EQ(ReadAll(step, 9, 3, 2),
              std::vector<Contents>(expected.begin() + step, expected.end()))
        << step;
  }
}

TEST_F(LoaderTest, RanksTogetherReadWhatOneReads) {
  const std::vector<Contents> expected = ReadAll(0, 6, 0, 1);
  for (const int ranks : {2, 3, 4}) {
    std::vector<Contents> together(6);
    for (int rank = 0; rank < ranks; ++rank) {
      const std::vector<Contents> share = ReadAll(0, 6, 3, 2, rank, ranks);
      for (size_t step = 0; step < 6; ++step) {
        Contents& to = together[step];
        to.ids.insert(to.ids.end(), share[step].ids.begin(),
                      share[step].ids.end());
        to.images += share[step].images;
        to.masks += share[step].masks;
        to.siglip_images += share[step].siglip_images;
      }
    }
    EXPECT_EQ(together, expected) << ranks;
  }
}

TEST_F(LoaderTest, AnErrorComesWithItsBatchAndNamesTheFirstSample) {
  const std::vector<Contents> expected = ReadAll(0, 2, 0, 1);
  const std::vector<const Sample*> third = Training(0, 1)(2);
  // The first epoch ends behind slot 4, so batches 0 and 1 hold neither.
  const Sample& first = *third[1];
  ASSERT_THAT(WriteFile(first.image_path, "no JPEG"), IsOk());
  ASSERT_THAT(WriteFile(third[4]->image_path, "no JPEG either"), IsOk());
  for (const int threads : {0, 1, 3, 8}) {
    const std::unique_ptr<Loader> loader =
        Start(Training(0, 1), 0, 9, threads, 4);
    for (int64_t i = 0; i < 2; ++i) {
      ASSERT_OK_AND_ASSIGN(const PixelBatch batch, loader->Next());
      EXPECT_EQ(ContentsOf(batch), expected[i]);
    }
    for (int again = 0; again < 2; ++again) {
      EXPECT_THAT(
          loader->Next(),
          StatusIs(absl::StatusCode::kInvalidArgument,
                   AllOf(HasSubstr(absl::StrCat("sample ", first.id, ": ")),
                         HasSubstr(first.image_path))))
          << threads;
    }
  }
}

TEST_F(LoaderTest, MemoryThatIsNotThereIsAnError) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer ends the process instead of throwing";
#endif
  for (const int threads : {0, 2}) {
    const std::unique_ptr<Loader> loader =
        Start(Training(0, 1), 0, 2, threads, 1, {1 << 20, 0});
    EXPECT_THAT(loader->Next(),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         HasSubstr("12 images of 1048576 x 1048576")));
  }
}

TEST_F(LoaderTest, NoMoreBatchesAreTakenUpThanItMay) {
  for (const int prefetch : {1, 3}) {
    std::atomic<int64_t> taken_up = 0;
    const std::unique_ptr<Loader> loader = Start(
        [&, samples = Training(0, 1)](int64_t step) mutable {
          EXPECT_EQ(step, taken_up.load()) << "in order, each once";
          ++taken_up;
          return samples(step);
        },
        0, 12, 3, prefetch);
    for (int64_t i = 0; i < 12; ++i) {
      EXPECT_LE(taken_up.load(), i + prefetch);
      ASSERT_THAT(loader->Next(), IsOk());
    }
    EXPECT_EQ(taken_up.load(), 12);
  }
}

// Fails by running into the test's time limit.
TEST_F(LoaderTest, CanBeStoppedAnywhere) {
  for (const int threads : {0, 1, 3}) {
    for (int64_t taken = 0; taken < 4; ++taken) {
      const std::unique_ptr<Loader> loader =
          Start(Training(0, 1), 0, 1000, threads, 2);
      for (int64_t i = 0; i < taken; ++i) {
        ASSERT_THAT(loader->Next(), IsOk());
      }
    }
  }
  samples_[3].image_path = "/no/such.jpg";
  for (const int threads : {1, 3}) {
    const std::unique_ptr<Loader> loader =
        Start(Training(0, 1), 0, 1000, threads, 2);
    while (loader->Next().ok()) {
    }
  }
}

}  // namespace
}  // namespace transect
