/// \file
/// Framing of metric logs: the bytes around the records.
///
/// Input: serialized MetricRecord messages; output: bytes of a file, and back.
/// log_writer.h and log_reader.h use this; everything else reads and writes
/// records through them. FORMAT.md describes the bytes with an example.
///
///   file   = magic (8 bytes), version (u32), frame*
///   frame  = length (u32), crc32c of the 4 length bytes (u32),
///            crc32c of the payload (u32), payload (length bytes)
///
/// All integers are little-endian. The length has a checksum of its own so that
/// a damaged length cannot pass for a record that was cut off at the end of the
/// file.
///
/// Knows no messages and no files. Pure functions.
#ifndef TRANSECT_METRICS_LOG_FORMAT_H_
#define TRANSECT_METRICS_LOG_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// The byte above 127 and the newline show a transfer that was not binary.
inline constexpr absl::string_view kMetricLogMagic("\x89TSMLOG\n", 8);
inline constexpr uint32_t kMetricLogVersion = 1;
/// Magic and version.
inline constexpr size_t kMetricLogHeaderBytes = 12;
/// Length and the two checksums.
inline constexpr size_t kMetricLogFrameHeaderBytes = 12;
/// Largest payload. Most records are some tens of bytes; the largest is that of
/// a mask of kMaxMaskPixels (data/masks/rle.h), which takes at most a byte for
/// each pixel, and 64 KiB for what stands beside it. The bound keeps a reader
/// from trusting a length that nobody wrote.
inline constexpr size_t kMaxMetricRecordBytes =
    (size_t{64} << 20) + (size_t{64} << 10);

/// What a log has at one place.
struct LogPiece {
  enum class State {
    /// Whole and undamaged.
    kComplete,
    /// The bytes end before the piece does, or nothing but zero bytes follows
    /// (what a file system may leave after a power cut). In a file that is
    /// still being written the rest will follow; in any other it is a torn
    /// tail.
    kIncomplete,
    /// No writer wrote this.
    kDamaged,
  };
  State state = State::kDamaged;
  /// Bytes of the piece in the log; 0 unless complete.
  size_t bytes = 0;
  /// Of a complete frame; points into the argument of DecodeFrame.
  absl::string_view payload;
  /// What is wrong with a damaged piece, one phrase without a full stop.
  std::string problem;
};

/// The first kMetricLogHeaderBytes bytes of a log.
std::string EncodeMetricLogHeader();

/// The frame of `payload`, which has 1 to kMaxMetricRecordBytes bytes
/// (checked).
std::string EncodeFrame(absl::string_view payload);

/// Reads the header at the start of `log`.
LogPiece DecodeMetricLogHeader(absl::string_view log);

/// Reads the frame at the start of `rest`, which is everything from there to
/// the end of the file and is not empty (checked). A frame without payload is
/// damaged: no record is empty.
LogPiece DecodeFrame(absl::string_view rest);

}  // namespace transect

#endif  // TRANSECT_METRICS_LOG_FORMAT_H_
