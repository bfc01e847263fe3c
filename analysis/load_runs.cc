#include "analysis/load_runs.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/textproto.h"
#include "launch/store/store.h"
#include "metrics/log_reader.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// As many as TrainingSpec.ranks may be.
constexpr int kMaxRanks = 1024;

absl::Status CheckNumbers(const Result& result, absl::string_view path) {
  if (result.id().empty() || result.code().empty()) {
    return absl::DataLossError(
        absl::StrCat("'", path, "' does not say the id and the code"));
  }
  if (result.attempt() < 1) {
    return absl::DataLossError(absl::StrCat("'", path, "' names attempt ",
                                            result.attempt(),
                                            "; attempts count from 1"));
  }
  if (result.ranks() < 1 || result.ranks() > kMaxRanks) {
    return absl::DataLossError(
        absl::StrCat("'", path, "' counts ", result.ranks(),
                     " ranks; allowed are 1 to ", kMaxRanks));
  }
  return absl::OkStatus();
}

std::string Describe(absl::string_view id, int attempt, int rank, int ranks) {
  return absl::StrCat("job ", id, ", attempt ", attempt, ", rank ", rank,
                      " of ", ranks);
}

absl::Status CheckHeader(const MetricLog& log, const Result& result, int rank,
                         absl::string_view path) {
  if (log.records.empty() || !log.records.front().has_header()) {
    return absl::DataLossError(absl::StrCat(
        "metric log '", path, "' does not begin with a header record"));
  }
  const LogHeader& header = log.records.front().header();
  const std::string found =
      Describe(header.id(), header.attempt(), header.rank(), header.ranks());
  const std::string wanted =
      Describe(result.id(), result.attempt(), rank, result.ranks());
  if (found != wanted) {
    return absl::DataLossError(absl::StrCat("metric log '", path, "' is of ",
                                            found, "; expected is ", wanted));
  }
  return absl::OkStatus();
}

absl::StatusOr<MetricLog> ReadRankLog(const Result& result, int rank,
                                      const std::string& path) {
  absl::StatusOr<MetricLog> log = ReadMetricLog(path);
  if (absl::IsNotFound(log.status())) {
    return absl::DataLossError(absl::StrCat(
        "the evaluation is done, but its metric log '", path, "' is missing"));
  }
  TRANSECT_RETURN_IF_ERROR(log.status());
  if (log->torn_tail) {
    return absl::DataLossError(absl::StrCat(
        "the evaluation is done, but its metric log '", path,
        "' ends within a record; ", log->torn_bytes, " bytes are left over"));
  }
  TRANSECT_RETURN_IF_ERROR(CheckHeader(*log, result, rank, path));
  return log;
}

auto Key(const EvalItem& item) {
  return std::tuple<absl::string_view, int64_t>(item.split(), item.item_id());
}

}  // namespace

absl::StatusOr<LoadedEvaluation> LoadEvaluation(const std::string& dir) {
  const std::string result_path = ResultPath(dir);
  LoadedEvaluation loaded;
  TRANSECT_ASSIGN_OR_RETURN(loaded.result, ReadTextproto<Result>(result_path));
  TRANSECT_RETURN_IF_ERROR(CheckNumbers(loaded.result, result_path));

  auto items = std::make_shared<std::vector<EvalItem>>();
  for (int rank = 0; rank < loaded.result.ranks(); ++rank) {
    const std::string path =
        RankMetricsPath(AttemptDir(dir, loaded.result.attempt()), rank);
    TRANSECT_ASSIGN_OR_RETURN(MetricLog log,
                              ReadRankLog(loaded.result, rank, path));
    for (MetricRecord& record : log.records) {
      if (record.has_eval_item()) {
        items->push_back(std::move(*record.mutable_eval_item()));
      }
    }
  }

  std::ranges::sort(*items, {}, Key);
  const auto twice = std::ranges::adjacent_find(*items, {}, Key);
  if (twice != items->end()) {
    return absl::DataLossError(absl::StrCat(
        "the metric logs of '", dir, "' have item ", twice->item_id(),
        " of split '", twice->split(), "' twice"));
  }
  if (static_cast<int64_t>(items->size()) != loaded.result.eval_items()) {
    return absl::DataLossError(
        absl::StrCat("the metric logs of '", dir, "' have ", items->size(),
                     " evaluated items; '", result_path, "' counts ",
                     loaded.result.eval_items()));
  }
  loaded.items = std::move(items);
  return loaded;
}

}  // namespace transect
