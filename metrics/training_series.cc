#include "metrics/training_series.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "metrics/log_reader.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Part = TrainingSeries::Part;

struct AttemptLog {
  Part part;
  MetricLog log;
  /// 0 for an attempt that began at step 0.
  int resumed_attempt = 0;
};

absl::Status Broken(absl::string_view path, absl::string_view problem) {
  return absl::DataLossError(absl::StrCat("metric log '", path, "' ", problem));
}

absl::string_view IdOf(const AttemptLog& opened) {
  return opened.log.records.front().header().id();
}

// Whether the log says anything of a training.
bool SaysAnything(const MetricLog& log) {
  return std::ranges::any_of(log.records, [](const MetricRecord& record) {
    return record.has_resumed() || record.has_train_step() ||
           record.has_validation();
  });
}

absl::Status CheckHeader(const MetricLog& log, int attempt,
                         absl::string_view path) {
  if (log.records.empty() || !log.records.front().has_header()) {
    return Broken(path, "does not begin with a header record");
  }
  const LogHeader& header = log.records.front().header();
  if (header.attempt() != attempt || header.rank() != 0) {
    return Broken(path,
                  absl::StrCat("is of attempt ", header.attempt(), ", rank ",
                               header.rank(), "; expected is attempt ", attempt,
                               ", rank 0"));
  }
  return absl::OkStatus();
}

// The log of `attempt`, of whose steps those up to `end` count.
absl::StatusOr<AttemptLog> OpenAttempt(int attempt, const std::string& path,
                                       int64_t end) {
  AttemptLog opened;
  opened.part = {.attempt = attempt, .path = path, .begin = 0, .end = end};
  TRANSECT_ASSIGN_OR_RETURN(opened.log, ReadMetricLog(path));
  TRANSECT_RETURN_IF_ERROR(CheckHeader(opened.log, attempt, path));
  opened.part.start_unix_us =
      opened.log.records.front().header().start_unix_us();
  for (const MetricRecord& record : opened.log.records) {
    if (!record.has_resumed()) continue;
    const Resumed& resumed = record.resumed();
    if (resumed.attempt() < 1 || resumed.attempt() >= attempt ||
        resumed.step() < 1 || resumed.step() > end) {
      return Broken(path, absl::StrCat("goes on from step ", resumed.step(),
                                       " of attempt ", resumed.attempt(),
                                       ", which cannot be"));
    }
    opened.part.begin = resumed.step();
    opened.resumed_attempt = resumed.attempt();
  }
  return opened;
}

// Adds the steps and validations of one attempt, which come after those that
// are there.
absl::Status AddPart(AttemptLog opened, TrainingSeries* series) {
  const Part& part = opened.part;
  if (opened.log.torn_tail) {
    series->problems.push_back(
        absl::StrCat("metric log '", part.path, "' ends within a record, ",
                     opened.log.torn_bytes,
                     " bytes are left over: its attempt was killed or is at "
                     "work"));
  }
  int64_t last = part.begin;
  for (MetricRecord& record : opened.log.records) {
    if (record.has_validation() && record.validation().step() >= part.begin &&
        record.validation().step() <= part.end &&
        std::ranges::none_of(series->validations, [&](const Validation& had) {
          return had.step() == record.validation().step() &&
                 had.split() == record.validation().split();
        })) {
      series->validations.push_back(std::move(*record.mutable_validation()));
    }
    if (!record.has_train_step()) continue;
    TrainStep& step = *record.mutable_train_step();
    if (step.step() <= last) {
      return Broken(part.path, absl::StrCat("has step ", step.step(),
                                            " after step ", last));
    }
    last = step.step();
    if (step.step() > part.end) continue;
    // Older logs do not say of how many steps a record speaks.
    const int64_t covered = step.step() - step.mean_of_steps();
    const int64_t before =
        series->steps.empty() ? 0 : series->steps.back().step();
    if (step.mean_of_steps() > 0 && covered != before) {
      series->problems.push_back(
          covered > before
              ? absl::StrCat("no record covers the steps ", before + 1, " to ",
                             covered, ": metric log '", part.path,
                             "' or the one before it has lost some")
              : absl::StrCat("metric log '", part.path,
                             "': the record of step ", step.step(),
                             " covers the steps ", covered + 1, " to ", before,
                             " a second time"));
    }
    series->steps.push_back(std::move(step));
  }
  series->parts.push_back(part);
  return absl::OkStatus();
}

// The newest attempt that says anything; 0 if none does.
absl::StatusOr<int> NewestAttempt(const std::map<int, std::string>& logs) {
  for (auto each = logs.rbegin(); each != logs.rend(); ++each) {
    const absl::StatusOr<MetricLog> log = ReadMetricLog(each->second);
    if (absl::IsNotFound(log.status())) continue;
    TRANSECT_RETURN_IF_ERROR(log.status());
    if (SaysAnything(*log)) return each->first;
  }
  return 0;
}

}  // namespace

absl::StatusOr<TrainingSeries> ReadTrainingSeries(
    const std::map<int, std::string>& logs, int last) {
  TrainingSeries series;
  if (last == 0) {
    TRANSECT_ASSIGN_OR_RETURN(last, NewestAttempt(logs));
  }
  std::vector<AttemptLog> chain;
  int64_t end = std::numeric_limits<int64_t>::max();
  for (int attempt = last; attempt != 0;) {
    const std::string whose =
        chain.empty()
            ? absl::StrCat("attempt ", attempt)
            : absl::StrCat("attempt ", chain.back().part.attempt,
                           " goes on from step ", end, " of attempt ", attempt);
    const auto path = logs.find(attempt);
    if (path == logs.end()) {
      return absl::DataLossError(absl::StrCat(whose, ", which is not there"));
    }
    absl::StatusOr<AttemptLog> opened = OpenAttempt(attempt, path->second, end);
    if (absl::IsNotFound(opened.status())) {
      return absl::DataLossError(absl::StrCat(whose, ", whose metric log '",
                                              path->second, "' is missing"));
    }
    TRANSECT_RETURN_IF_ERROR(opened.status());
    if (!chain.empty() && IdOf(*opened) != IdOf(chain.back())) {
      return Broken(opened->part.path,
                    absl::StrCat("is of another job than '",
                                 chain.back().part.path, "'"));
    }
    attempt = opened->resumed_attempt;
    end = opened->part.begin;
    chain.push_back(*std::move(opened));
  }
  for (auto opened = chain.rbegin(); opened != chain.rend(); ++opened) {
    TRANSECT_RETURN_IF_ERROR(AddPart(std::move(*opened), &series));
  }
  if (!series.parts.empty()) {
    Part& newest = series.parts.back();
    newest.end = std::max(
        newest.begin, series.steps.empty() ? 0 : series.steps.back().step());
  }
  return series;
}

}  // namespace transect
