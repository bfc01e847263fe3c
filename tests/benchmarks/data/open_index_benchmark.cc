// How long it takes to open a data set of RRSIS-D's size, and in how much
// memory: 17,402 records of made-up annotations in its layout.
//
//   bazel run -c opt //tests/benchmarks/data:open_index_benchmark
//   ... -- [RECORDS] [REPETITIONS]
//
// Masks are ragged ellipses with some 500 runs, so that instances.json has
// RRSIS-D's size; image files hold a JPEG header of 800 x 800 and no pixels,
// which is all that opening reads. Each measurement is a process of its own, so
// that its peak memory is its own.

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/annotations/pickle.h"
#include "data/annotations/rrsisd.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr int kSide = 800;

// Columns of an ellipse whose ends jitter, each column in one or two runs.
Rle RaggedEllipse(uint64_t number) {
  Philox random(number, "benchmark mask");
  const int half_width = 40 + static_cast<int>(random.NextBelow(170));
  const int half_height = 20 + static_cast<int>(random.NextBelow(200));
  const int x0 = 220 + static_cast<int>(random.NextBelow(360));
  const int y0 = 230 + static_cast<int>(random.NextBelow(340));
  Rle rle{kSide, kSide, {}};
  uint32_t covered = 0;
  const auto add = [&](int x, int y1, int y2) {
    const uint32_t from = static_cast<uint32_t>(x) * kSide + y1;
    rle.runs.push_back(from - covered);
    rle.runs.push_back(y2 - y1);
    covered = from + (y2 - y1);
  };
  for (int x = x0 - half_width; x < x0 + half_width; ++x) {
    const double at = static_cast<double>(x - x0) / half_width;
    const int reach = 3 +
                      static_cast<int>(half_height * std::sqrt(1 - at * at)) +
                      static_cast<int>(random.NextBelow(5));
    add(x, y0 - reach, y0 + 1);
    if (random.NextBelow(2) == 0) {
      add(x, y0 + 3, y0 + reach + 4);
    }
  }
  rle.runs.push_back(kSide * kSide - covered);
  return rle;
}

std::string Sentence(uint64_t number) {
  constexpr const char* kPlaces[] = {"left",       "right",      "top",
                                     "bottom",     "upper left", "lower right",
                                     "lower left", "middle"};
  const auto& category = kRrsisdCategories[number % kRrsisdCategories.size()];
  return absl::StrCat("The ", category.phrase, " on the ",
                      kPlaces[number / 20 % 8], " of number ", number / 3);
}

// Start of image to frame header: 800 x 800, three components.
std::string JpegHeader() {
  const unsigned char bytes[] = {0xFF,
                                 0xD8,
                                 0xFF,
                                 0xC0,
                                 0,
                                 17,
                                 8,
                                 kSide >> 8,
                                 kSide & 0xFF,
                                 kSide >> 8,
                                 kSide & 0xFF,
                                 3,
                                 1,
                                 0x22,
                                 0,
                                 2,
                                 0x11,
                                 1,
                                 3,
                                 0x11,
                                 1};
  return {reinterpret_cast<const char*>(bytes), sizeof(bytes)};
}

void AddReference(int64_t id, const std::string& sentence, const char* split,
                  PickleWriter* refs) {
  const auto integer = [&](const char* key, int64_t value) {
    refs->String(key);
    refs->Int(value);
  };
  const auto text = [&](const char* key, const std::string& value) {
    refs->String(key);
    refs->String(value);
  };
  refs->BeginDict();
  integer("image_id", id);
  text("split", split);
  refs->String("sentences");
  refs->BeginList();
  refs->BeginDict();
  refs->String("tokens");
  refs->BeginList();
  for (size_t begin = 0; begin < sentence.size();) {
    const size_t end = std::min(sentence.find(' ', begin), sentence.size());
    refs->String(sentence.substr(begin, end - begin));
    begin = end + 1;
  }
  refs->EndList();
  text("raw", sentence);
  integer("sent_id", id);
  text("sent", sentence);
  refs->EndDict();
  refs->EndList();
  text("file_name", RrsisdFileName(id, ".jpg"));
  integer("category_id", (id - 1) % kRrsisdCategories.size());
  integer("ann_id", id);
  refs->String("sent_ids");
  refs->BeginList();
  refs->Int(id);
  refs->EndList();
  integer("ref_id", id);
  refs->EndDict();
}

void WriteAnnotations(const std::string& root, int64_t records) {
  for (const char* directory : {"rrsisd", kRrsisdImages}) {
    TRANSECT_CHECK_OK(MakeDirs(absl::StrCat(root, "/", directory)));
  }
  const std::string jpeg = JpegHeader();
  PickleWriter refs;
  refs.BeginList();
  std::string images;
  std::string annotations;
  for (int64_t id = 1; id <= records; ++id) {
    // Train, val and test as in RRSIS-D.
    const int64_t at = (id - 1) * 17402 / std::max<int64_t>(records, 1);
    const char* split = at < 12181 ? "train" : at < 13921 ? "val" : "test";
    AddReference(id, Sentence(id - 1), split, &refs);
    const Rle mask = RaggedEllipse(id);
    const std::array<int, 4> box = RleBox(mask);
    std::string counts;
    for (const char c : EncodeRleString(mask)) {
      counts += c == '\\' ? "\\\\" : std::string(1, c);
    }
    const std::string file = RrsisdFileName(id, ".jpg");
    absl::StrAppend(&images, id > 1 ? ", " : "", "{\"file_name\": \"", file,
                    "\", \"height\": 800, \"width\": 800, \"id\": ", id, "}");
    absl::StrAppend(
        &annotations, id > 1 ? ", " : "", "{\"bbox\": [", box[0], ", ", box[1],
        ", ", box[2], ", ", box[3],
        "], \"categories_id\": ", (id - 1) % kRrsisdCategories.size(),
        ", \"id\": ", id, ", \"image_id\": ", id,
        ", \"segmentation\": [{\"size\": [800, 800], \"counts\": "
        "\"",
        counts, "\"}], \"area\": ", 255 * RleArea(mask), "}");
    TRANSECT_CHECK_OK(
        WriteFile(absl::StrCat(root, "/", kRrsisdImages, "/", file), jpeg));
  }
  refs.EndList();
  TRANSECT_CHECK_OK(WriteFile(absl::StrCat(root, "/", kRrsisdRefs),
                              std::move(refs).Finish()));
  TRANSECT_CHECK_OK(
      WriteFile(absl::StrCat(root, "/", kRrsisdInstances),
                absl::StrCat("{\"images\": [", images, "], \"annotations\": [",
                             annotations, "], \"categories\": []}")));
}

struct Cost {
  double seconds = 0;
  int64_t peak_mib = 0;
};

// Time and peak memory of `work` in a process of its own.
Cost Measure(const std::function<void()>& work) {
  int ends[2];
  TRANSECT_CHECK(pipe(ends) == 0);
  const pid_t child = fork();
  TRANSECT_CHECK(child >= 0);
  if (child == 0) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    _exit(write(ends[1], &seconds, sizeof(seconds)) == sizeof(seconds) ? 0 : 1);
  }
  close(ends[1]);
  Cost cost;
  TRANSECT_CHECK(read(ends[0], &cost.seconds, sizeof(cost.seconds)) ==
                 sizeof(cost.seconds));
  close(ends[0]);
  rusage usage;
  int how = 0;
  TRANSECT_CHECK(wait4(child, &how, 0, &usage) == child && how == 0);
  cost.peak_mib = usage.ru_maxrss / 1024;
  return cost;
}

void Report(const char* what, int repetitions,
            const std::function<void()>& work) {
  std::vector<double> seconds;
  int64_t peak = 0;
  for (int i = 0; i < repetitions; ++i) {
    const Cost cost = Measure(work);
    seconds.push_back(cost.seconds);
    peak = std::max(peak, cost.peak_mib);
  }
  std::sort(seconds.begin(), seconds.end());
  std::printf("%-38s %8.1f ms median (%.1f to %.1f of %d), peak %lld MiB\n",
              what, 1e3 * seconds[seconds.size() / 2], 1e3 * seconds.front(),
              1e3 * seconds.back(), repetitions, static_cast<long long>(peak));
  std::fflush(stdout);
}

int Run(int64_t records, int repetitions) {
  std::string top = absl::StrCat(
      std::filesystem::temp_directory_path().string(), "/open_index.XXXXXX");
  TRANSECT_CHECK(mkdtemp(top.data()) != nullptr);
  const std::string root = absl::StrCat(top, "/set");
  const std::string cache = absl::StrCat(top, "/cache");
  // In a child, so that the parent stays small for the others to start from.
  Measure([&] { WriteAnnotations(root, records); });
  std::printf(
      "%lld records, instances.json %.1f MB, refs(unc).p %.1f MB\n",
      static_cast<long long>(records),
      1e-6 *
          std::filesystem::file_size(absl::StrCat(root, "/", kRrsisdInstances)),
      1e-6 * std::filesystem::file_size(absl::StrCat(root, "/", kRrsisdRefs)));
  FoundDataset spec;
  const auto open = [&](const std::string& cache_dir) {
    return [&spec, &root, cache_dir] {
      const auto index =
          DatasetIndex::OpenFound(root, spec, "train", cache_dir);
      TRANSECT_CHECK_OK(index.status());
      TRANSECT_CHECK(!index->samples().empty());
    };
  };
  Report("open without a cache", repetitions, open(""));
  Report("open and write the cache", 1, open(cache));
  Report("open again from the cache", repetitions, open(cache));
  std::filesystem::remove_all(top);
  return 0;
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  const int64_t records = argc > 1 ? atoll(argv[1]) : 17402;
  const int repetitions = argc > 2 ? atoi(argv[2]) : 5;
  if (records < 3 || records > 99999 || repetitions < 1) {
    std::fprintf(stderr, "RECORDS 3 to 99999, REPETITIONS from 1\n");
    return 1;
  }
  return transect::Run(records, repetitions);
}
