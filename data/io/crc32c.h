/// \file
/// CRC-32C (Castagnoli polynomial 0x1EDC6F41, reflected), as iSCSI (RFC 3720,
/// appendix B.4) and LevelDB's logs use it. Frames of the metric log carry it.
#ifndef TRANSECT_DATA_IO_CRC32C_H_
#define TRANSECT_DATA_IO_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace transect {

/// CRC of a + b, where `crc` is the CRC of a and `bytes` is b.
uint32_t ExtendCrc32c(uint32_t crc, absl::string_view bytes);

/// CRC of `bytes`; 0 for none.
inline uint32_t Crc32c(absl::string_view bytes) {
  return ExtendCrc32c(0, bytes);
}

}  // namespace transect

#endif  // TRANSECT_DATA_IO_CRC32C_H_
