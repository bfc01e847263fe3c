#include "metrics/log_format.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "data/io/crc32c.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

void AppendU32(uint32_t value, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) {
    out->push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

uint32_t ReadU32(absl::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = (value << 8) | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

bool AllZero(absl::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char c) { return c == '\0'; });
}

LogPiece Complete(size_t bytes, absl::string_view payload) {
  LogPiece piece;
  piece.state = LogPiece::State::kComplete;
  piece.bytes = bytes;
  piece.payload = payload;
  return piece;
}

LogPiece Incomplete() {
  LogPiece piece;
  piece.state = LogPiece::State::kIncomplete;
  return piece;
}

LogPiece Damaged(std::string problem) {
  LogPiece piece;
  piece.state = LogPiece::State::kDamaged;
  piece.problem = std::move(problem);
  return piece;
}

}  // namespace

std::string EncodeMetricLogHeader() {
  std::string header(kMetricLogMagic.data(), kMetricLogMagic.size());
  AppendU32(kMetricLogVersion, &header);
  return header;
}

std::string EncodeFrame(absl::string_view payload) {
  TRANSECT_CHECK(!payload.empty() && payload.size() <= kMaxMetricRecordBytes)
      << payload.size() << " bytes";
  std::string frame;
  frame.reserve(kMetricLogFrameHeaderBytes + payload.size());
  AppendU32(static_cast<uint32_t>(payload.size()), &frame);
  AppendU32(Crc32c(frame), &frame);
  AppendU32(Crc32c(payload), &frame);
  frame.append(payload.data(), payload.size());
  return frame;
}

LogPiece DecodeMetricLogHeader(absl::string_view log) {
  const std::string expected = EncodeMetricLogHeader();
  const absl::string_view found = log.substr(0, kMetricLogHeaderBytes);
  if (found == expected) {
    return Complete(kMetricLogHeaderBytes, {});
  }
  const bool prefix =
      found == absl::string_view(expected).substr(0, found.size());
  if (prefix || AllZero(log)) {
    return Incomplete();
  }
  const absl::string_view magic = log.substr(0, kMetricLogMagic.size());
  if (magic != kMetricLogMagic) {
    return Damaged("not a metric log: the first bytes are not its magic");
  }
  if (found.size() < kMetricLogHeaderBytes) {
    return Damaged("unknown version");
  }
  return Damaged(absl::StrCat("version ", ReadU32(found.substr(magic.size())),
                              "; this program reads version ",
                              kMetricLogVersion));
}

LogPiece DecodeFrame(absl::string_view rest) {
  TRANSECT_CHECK(!rest.empty());
  if (rest.size() < kMetricLogFrameHeaderBytes) {
    return Incomplete();
  }
  const uint32_t length = ReadU32(rest);
  if (Crc32c(rest.substr(0, 4)) != ReadU32(rest.substr(4))) {
    return AllZero(rest) ? Incomplete()
                         : Damaged("the checksum of its length is wrong");
  }
  if (length == 0 || length > kMaxMetricRecordBytes) {
    return Damaged(absl::StrCat("its length is ", length,
                                " bytes; allowed are 1 to ",
                                kMaxMetricRecordBytes));
  }
  const absl::string_view after = rest.substr(kMetricLogFrameHeaderBytes);
  if (after.size() < length) {
    return Incomplete();
  }
  const absl::string_view payload = after.substr(0, length);
  if (Crc32c(payload) != ReadU32(rest.substr(8))) {
    return Damaged("the checksum of its payload is wrong");
  }
  return Complete(kMetricLogFrameHeaderBytes + length, payload);
}

}  // namespace transect
