// Speed of metric logs: appending, reading, following, and scoring what was
// read. Records are evaluated items with all their counts.
//
//   bazel run //tests/benchmarks/metrics:log_benchmark
//
// Files lie in TEST_TMPDIR or TMPDIR, else /tmp; what append and sync cost is a
// property of that disk. Every result is checked before it is timed.
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "metrics/log_reader.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// Items of the test split of RRSIS-D.
constexpr int64_t kItems = 3481;

MetricRecord ItemRecord(int64_t id) {
  MetricRecord record;
  EvalItem* item = record.mutable_eval_item();
  item->set_split("test");
  item->set_item_id(id);
  item->set_category_id(7);
  item->set_objects(4);
  for (PixelCounts* counts :
       {item->mutable_prediction(), item->mutable_permuted(),
        item->mutable_all_objects(), item->mutable_distractor()}) {
    counts->set_intersection(20'000 + id % 997);
    counts->set_union_(40'000);
  }
  return record;
}

// A path of this process that does not exist.
std::string FreshPath() {
  const char* dir = getenv("TEST_TMPDIR");
  dir = dir != nullptr ? dir : getenv("TMPDIR");
  std::string path = absl::StrCat(dir != nullptr ? dir : "/tmp",
                                  "/log_benchmark.", getpid(), ".metrics");
  unlink(path.c_str());
  return path;
}

std::unique_ptr<MetricLogWriter> OpenWriter(const std::string& path) {
  absl::StatusOr<std::unique_ptr<MetricLogWriter>> writer =
      MetricLogWriter::Create(path);
  TRANSECT_CHECK_OK(writer.status());
  return *std::move(writer);
}

// Writes a log of kItems items and returns its bytes.
std::string WriteLog(const std::string& path) {
  std::unique_ptr<MetricLogWriter> writer = OpenWriter(path);
  for (int64_t id = 0; id < kItems; ++id) {
    TRANSECT_CHECK_OK(writer->Append(ItemRecord(id)));
  }
  TRANSECT_CHECK_OK(writer->Close());
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void BM_Append(benchmark::State& state) {
  const std::string path = FreshPath();
  const MetricRecord record = ItemRecord(123);
  std::unique_ptr<MetricLogWriter> writer = OpenWriter(path);
  int64_t appended = 0;
  for (auto _ : state) {
    TRANSECT_CHECK_OK(writer->Append(record));
    ++appended;
  }
  TRANSECT_CHECK_OK(writer->Close());
  const absl::StatusOr<MetricLog> log = ReadMetricLog(path);
  TRANSECT_CHECK_OK(log.status());
  TRANSECT_CHECK(static_cast<int64_t>(log->records.size()) == appended);
  state.SetItemsProcessed(appended);
  unlink(path.c_str());
}
BENCHMARK(BM_Append)->UseRealTime();

void BM_AppendAndSync(benchmark::State& state) {
  const std::string path = FreshPath();
  const MetricRecord record = ItemRecord(123);
  std::unique_ptr<MetricLogWriter> writer = OpenWriter(path);
  for (auto _ : state) {
    TRANSECT_CHECK_OK(writer->Append(record));
    TRANSECT_CHECK_OK(writer->Sync());
  }
  state.SetItemsProcessed(state.iterations());
  unlink(path.c_str());
}
BENCHMARK(BM_AppendAndSync)->UseRealTime();

void BM_Parse(benchmark::State& state) {
  const std::string path = FreshPath();
  const std::string bytes = WriteLog(path);
  unlink(path.c_str());
  for (auto _ : state) {
    const absl::StatusOr<MetricLog> log = ParseMetricLog(bytes, "log");
    TRANSECT_CHECK(log.ok() && log->records.size() == kItems);
  }
  state.SetItemsProcessed(state.iterations() * kItems);
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(bytes.size()));
}
BENCHMARK(BM_Parse)->Unit(benchmark::kMillisecond);

// A poll that finds nothing new: what a progress bar costs ten times a second.
void BM_PollWithoutNews(benchmark::State& state) {
  const std::string path = FreshPath();
  WriteLog(path);
  MetricLogTail tail(path);
  const auto first = tail.Poll();
  TRANSECT_CHECK(first.ok() && first->size() == kItems);
  for (auto _ : state) {
    const auto records = tail.Poll();
    TRANSECT_CHECK(records.ok() && records->empty());
  }
  unlink(path.c_str());
}
BENCHMARK(BM_PollWithoutNews);

void BM_Score(benchmark::State& state) {
  std::vector<ItemCounts> items;
  for (int64_t id = 0; id < kItems; ++id) {
    items.push_back({(id * 1009) % kItems, id, kItems});
  }
  for (auto _ : state) {
    const absl::StatusOr<SegmentationScores> scores = Score(items);
    TRANSECT_CHECK(scores.ok() && scores->items == kItems);
  }
  state.SetItemsProcessed(state.iterations() * kItems);
}
BENCHMARK(BM_Score);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
