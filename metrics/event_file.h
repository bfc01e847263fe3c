/// \file
/// A training as an event file of TensorBoard.
///
/// Input: a TrainingSeries (training_series.h); output: the bytes of a file of
/// TFRecords, each an Event (event_file.proto):
///
///   record = length (u64), masked crc32c of the 8 length bytes (u32),
///            payload (length bytes), masked crc32c of the payload (u32)
///   masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8
///
/// All integers are little-endian. Curves: train/loss, train/lr,
/// train/gradient_norm, train/images_per_second, train/step_seconds,
/// train/data_seconds, train/peak_memory_bytes, and for each split SPLIT that
/// was evaluated during the training validation/SPLIT/giou and
/// validation/SPLIT/ciou. A value that a log does not have has no point.
///
/// Logs have no wall time of a step: an event has the start of its attempt plus
/// the time that its steps took since.
#ifndef TRANSECT_METRICS_EVENT_FILE_H_
#define TRANSECT_METRICS_EVENT_FILE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "metrics/training_series.h"

namespace transect {

/// How the names of such files begin, by which TensorBoard knows them.
inline constexpr absl::string_view kEventFileStart = "events.out.tfevents.";

/// The name of the file, with the start of the series.
std::string EventFileName(const TrainingSeries& series);

/// Its bytes.
std::string EventFileOf(const TrainingSeries& series);

/// A record with this payload.
std::string EncodeTfRecord(absl::string_view payload);

}  // namespace transect

#endif  // TRANSECT_METRICS_EVENT_FILE_H_
