#include "tests/launch/testing/training_rank.h"

#include <torch/torch.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "model/build_model.h"
#include "tests/launch/testing/small_run.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

TrainingRank::TrainingRank(const RunSpec& run, const std::string& name,
                           std::unique_ptr<Collective> collective)
    : run_(run),
      collective_(std::move(collective)),
      statistics_(collective_.get(), run_.training().logical_shards()) {
  // As SmallRun says.
  at::set_num_threads(run_.training().threads_per_rank());
  plan_.set_id("a");
  plan_.set_attempt(1);
  plan_.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  plan_.set_attempt_dir(AttemptDir(plan_.job_dir(), 1));
  plan_.set_ranks(collective_->ranks());
  TRANSECT_CHECK_OK(MakeDirs(plan_.attempt_dir()));
  auto log = RankLog::Open(plan_, collective_->rank());
  TRANSECT_CHECK_OK(log.status());
  log_ = *std::move(log);
  auto tokenizer = Tokenizer::Load(GetSmallFiles().tokenizer_path);
  TRANSECT_CHECK_OK(tokenizer.status());
  tokenizer_ = *std::move(tokenizer);
  auto model = BuildModel(run_.model(), run_.seed(),
                          statistics_.shards() > 1 ? &statistics_ : nullptr);
  TRANSECT_CHECK_OK(model.status());
  model_ = *std::move(model);
}

TrainTask TrainingRank::task() {
  TrainTask task;
  task.run = &run_;
  task.tokenizer = tokenizer_.get();
  task.model = model_.get();
  task.collective = collective_.get();
  task.batch_statistics = &statistics_;
  task.log = log_.get();
  return task;
}

std::vector<MetricRecord> TrainingRank::Records() {
  TRANSECT_CHECK_OK(log_->Close());
  auto log =
      ReadMetricLog(RankMetricsPath(plan_.attempt_dir(), collective_->rank()));
  TRANSECT_CHECK_OK(log.status());
  return {log->records.begin() + 1, log->records.end()};
}

const DatasetIndex& SmallData(const std::string& split) {
  static std::map<std::string, DatasetIndex>* const all =
      new std::map<std::string, DatasetIndex>();
  if (all->count(split) == 0) {
    auto data = DatasetIndex::OpenRrsisd(GetSmallFiles().data_root, split);
    TRANSECT_CHECK_OK(data.status());
    all->emplace(split, *std::move(data));
  }
  return all->at(split);
}

}  // namespace transect
