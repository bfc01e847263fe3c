// How many images per second the input pipeline delivers, stage by stage, on
// JPEG files like RRSIS-D's: 800 x 800 pixels, quality 90, 4:2:0, about 150 kB.
//
//   bazel run -c opt //tests/benchmarks/data:input_pipeline_benchmark
//
// BM_Decode*        files in memory to pixels, one core: ours into memory that
// is
//                   kept, as the loader decodes, and cv::imdecode.
// BM_ReadSample     a file to the bytes that go to the device, one core. Its
//                   argument is the side of the network's input: 800 leaves the
//                   resize to 1024 to the device, 1024 does it here.
// BM_SiglipBicubic  the second image of data.siglip_resize:
//                   BICUBIC_FROM_ORIGINAL, alone.
// BM_ToFloat        bytes of one image of 1024 x 1024 to floats.
// BM_SiglipBilinear 1024 to 384 as the network does it, if the host does.
// BM_Loader         everything up to batches of 8: threads, side. images/s is
//                   of the whole machine.
//
// `images/s` counts elapsed time; pass --benchmark_repetitions=5 for a spread.

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "data/batch/batch.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/loader/loader.h"
#include "data/loader/read_sample.h"
#include "data/masks/rle.h"
#include "data/random/philox.h"
#include "tests/benchmarks/data/opencv_decode.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr int kSide = 800;
constexpr int kFiles = 16;

// Smooth shapes with as much noise as makes 150 kB at quality 90.
std::string MakeJpeg(int number) {
  Philox random(1, "input_pipeline_benchmark", number);
  Image image{kSide, kSide, {}};
  image.bgr.reserve(3 * kSide * kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const int field = ((x / 50 + number) * 37 + (y / 40) * 61) % 160;
      const int noise = static_cast<int>(random.NextBelow(16)) - 8;
      for (int c = 0; c < 3; ++c) {
        const int level = 40 + field + c * 12 + noise;
        image.bgr.push_back(static_cast<uint8_t>(std::clamp(level, 0, 255)));
      }
    }
  }
  absl::StatusOr<std::string> jpeg = EncodeJpeg(image, 90);
  TRANSECT_CHECK_OK(jpeg.status());
  return *std::move(jpeg);
}

// Files on disk and in memory, in a directory that goes with the process.
class Files {
 public:
  Files() {
    const char* const test = std::getenv("TEST_TMPDIR");
    dir_ = absl::StrCat(test != nullptr
                            ? test
                            : std::filesystem::temp_directory_path().string(),
                        "/input_pipeline_benchmark.", getpid());
    TRANSECT_CHECK_OK(MakeDirs(dir_));
    int64_t bytes = 0;
    for (int i = 0; i < kFiles; ++i) {
      jpegs.push_back(MakeJpeg(i));
      bytes += static_cast<int64_t>(jpegs.back().size());
      Sample sample;
      sample.id = i;
      sample.image_path = absl::StrCat(dir_, "/", i, ".jpg");
      std::vector<uint8_t> mask(kSide * kSide);
      for (int p = 0; p < kSide * kSide; ++p) {
        mask[p] = p % kSide < 90 && p / kSide < 120;
      }
      sample.mask = RleFromMask(mask, kSide, kSide);
      TRANSECT_CHECK_OK(WriteFile(sample.image_path, jpegs.back()));
      samples.push_back(sample);
    }
    kilobytes = static_cast<double>(bytes) / kFiles / 1000;
  }
  ~Files() {
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }

  std::vector<std::string> jpegs;
  std::vector<Sample> samples;
  double kilobytes = 0;

 private:
  std::string dir_;
};

const Files& GetFiles() {
  static const Files files;
  return files;
}

void Report(benchmark::State& state, int64_t images) {
  state.counters["images/s"] = benchmark::Counter(static_cast<double>(images),
                                                  benchmark::Counter::kIsRate);
  state.counters["kB/file"] = GetFiles().kilobytes;
}

void BM_DecodeJpeg(benchmark::State& state) {
  const Files& files = GetFiles();
  for (const std::string& jpeg : files.jpegs) {
    const absl::StatusOr<Image> image = DecodeJpeg(jpeg, "jpeg");
    if (!image.ok() || image->bgr != DecodeWithOpenCv(jpeg)) {
      state.SkipWithError("pixels are not OpenCV's");
      return;
    }
  }
  Image image;
  int64_t images = 0;
  for (auto _ : state) {
    TRANSECT_CHECK_OK(
        DecodeJpegTo(files.jpegs[images % kFiles], "jpeg", &image));
    benchmark::DoNotOptimize(image.bgr.data());
    ++images;
  }
  Report(state, images);
}
BENCHMARK(BM_DecodeJpeg)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_DecodeOpenCv(benchmark::State& state) {
  const Files& files = GetFiles();
  int64_t images = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        TimeDecodeWithOpenCv(files.jpegs[images % kFiles]));
    ++images;
  }
  Report(state, images);
}
BENCHMARK(BM_DecodeOpenCv)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_ReadSample(benchmark::State& state) {
  const Files& files = GetFiles();
  const InputFormat format{static_cast<int>(state.range(0)), 0};
  std::vector<uint8_t> image(format.ImageBytes());
  std::vector<uint8_t> mask(format.MaskBytes());
  SampleReader reader;
  int64_t images = 0;
  for (auto _ : state) {
    TRANSECT_CHECK_OK(reader.Read(files.samples[images % kFiles], format,
                                  {image.data(), mask.data(), nullptr}));
    ++images;
  }
  Report(state, images);
}
BENCHMARK(BM_ReadSample)
    ->Arg(800)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_SiglipBicubic(benchmark::State& state) {
  const absl::StatusOr<Image> image = DecodeJpeg(GetFiles().jpegs[0], "jpeg");
  int64_t images = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ResizeBicubic(*image, 384, 384));
    ++images;
  }
  Report(state, images);
}
BENCHMARK(BM_SiglipBicubic)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_ToFloat(benchmark::State& state) {
  at::set_num_threads(1);
  const at::Tensor pixels = at::ones({1, 3, 1024, 1024}, at::kByte);
  int64_t images = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(PixelsToFloat(pixels));
    ++images;
  }
  Report(state, images);
}
BENCHMARK(BM_ToFloat)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_SiglipBilinear(benchmark::State& state) {
  at::set_num_threads(1);
  const at::Tensor image = at::ones({1, 3, 1024, 1024}, at::kFloat);
  int64_t images = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        at::upsample_bilinear2d(image.mul(2).sub(1), {384, 384}, false));
    ++images;
  }
  Report(state, images);
}
BENCHMARK(BM_SiglipBilinear)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_Loader(benchmark::State& state) {
  constexpr int64_t kBatch = 8;
  const Files& files = GetFiles();
  const InputFormat format{static_cast<int>(state.range(1)), 0};
  const auto samples = [&](int64_t batch) {
    std::vector<const Sample*> result;
    for (int64_t i = 0; i < kBatch; ++i) {
      result.push_back(&files.samples[(batch * kBatch + i) % kFiles]);
    }
    return result;
  };
  absl::StatusOr<std::unique_ptr<Loader>> loader =
      Loader::Start(samples, 0, int64_t{1} << 40, format,
                    {static_cast<int>(state.range(0)), /*prefetch_batches=*/2});
  TRANSECT_CHECK_OK(loader.status());
  int64_t images = 0;
  for (auto _ : state) {
    TRANSECT_CHECK_OK((*loader)->Next().status());
    images += kBatch;
  }
  Report(state, images);
}
BENCHMARK(BM_Loader)
    ->Args({0, 800})
    ->Args({0, 1024})
    ->Args({1, 800})
    ->Args({1, 1024})
    ->Args({2, 800})
    ->Args({2, 1024})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
