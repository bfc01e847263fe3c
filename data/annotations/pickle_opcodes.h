// Opcodes of pickle streams, as Python's module pickletools lists them.
// Internal to the reader.
#ifndef TRANSECT_DATA_ANNOTATIONS_PICKLE_OPCODES_H_
#define TRANSECT_DATA_ANNOTATIONS_PICKLE_OPCODES_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace transect {

// Opcodes that are read.
enum PickleOpcode : uint8_t {
  kMark = 0x28,
  kEmptyTuple = 0x29,
  kStop = 0x2E,
  kBinInt = 0x4A,
  kInt = 0x49,
  kBinInt1 = 0x4B,
  kLong = 0x4C,
  kBinInt2 = 0x4D,
  kNone = 0x4E,
  kString = 0x53,
  kBinString = 0x54,
  kShortBinString = 0x55,
  kUnicode = 0x56,
  kBinUnicode = 0x58,
  kEmptyList = 0x5D,
  kAppend = 0x61,
  kDict = 0x64,
  kAppends = 0x65,
  kGet = 0x67,
  kBinGet = 0x68,
  kLongBinGet = 0x6A,
  kList = 0x6C,
  kPut = 0x70,
  kBinPut = 0x71,
  kLongBinPut = 0x72,
  kSetItem = 0x73,
  kTuple = 0x74,
  kSetItems = 0x75,
  kEmptyDict = 0x7D,
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8A,
  kShortBinUnicode = 0x8C,
  kBinUnicode8 = 0x8D,
  kMemoize = 0x94,
  kFrame = 0x95,
};

// Name of a refused opcode for the error; "unknown" for any other.
absl::string_view RefusedOpcodeName(uint8_t opcode);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_PICKLE_OPCODES_H_
