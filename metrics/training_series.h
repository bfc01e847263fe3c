/// \file
/// One series of a training that took several attempts.
///
/// Input: the metric logs of rank 0 of all attempts of a job; output: each
/// logged step once, from the attempt whose work survived. An attempt that goes
/// on from a checkpoint says so by a `Resumed` record; what the attempt before
/// logged after that step was lost with it and is left out.
///
/// Everything that shows how a training went reads it here. How far a running
/// attempt has come is read from its log alone (MetricLogTail).
#ifndef TRANSECT_METRICS_TRAINING_SERIES_H_
#define TRANSECT_METRICS_TRAINING_SERIES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metrics/metric_log.pb.h"

namespace transect {

struct TrainingSeries {
  /// What one attempt gave to the series.
  struct Part {
    int attempt = 0;
    /// Its log.
    std::string path;
    /// Its steps after `begin`, up to `end`.
    int64_t begin = 0;
    int64_t end = 0;
    /// LogHeader.start_unix_us.
    int64_t start_unix_us = 0;
  };

  /// Oldest first; empty where nothing was logged yet.
  std::vector<Part> parts;
  /// Ascending by step.
  std::vector<TrainStep> steps;
  /// In the order of their steps; of a step and split one.
  std::vector<Validation> validations;
  /// What a reader must know before he trusts the series: torn tails, steps
  /// that no record covers. A sentence for each, without a full stop.
  std::vector<std::string> problems;
};

/// \param logs path of the log of each attempt; there need not be a file.
/// \param last the attempt at which the series ends, the one that finished; 0
///   for the newest that has logged a step or where it goes on from.
///
/// Walks back from `last`: an attempt without a `Resumed` record began at step
/// 0. kDataLoss, naming the file, if a log that the series needs is missing,
/// damaged, of another job, attempt or rank, or contradicts itself: then there
/// is no series, because a part of it would look like all. Errors of ReadFile.
absl::StatusOr<TrainingSeries> ReadTrainingSeries(
    const std::map<int, std::string>& logs, int last = 0);

}  // namespace transect

#endif  // TRANSECT_METRICS_TRAINING_SERIES_H_
