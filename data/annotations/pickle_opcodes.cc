#include "data/annotations/pickle_opcodes.h"

namespace transect {
namespace {

struct Name {
  uint8_t opcode;
  const char* name;
};

constexpr Name kRefused[] = {
    {0x30, "POP"},
    {0x31, "POP_MARK"},
    {0x32, "DUP"},
    {0x42, "BINBYTES"},
    {0x43, "SHORT_BINBYTES"},
    {0x46, "FLOAT"},
    {0x47, "BINFLOAT"},
    {0x50, "PERSID"},
    {0x51, "BINPERSID"},
    {0x52, "REDUCE"},
    {0x62, "BUILD"},
    {0x63, "GLOBAL"},
    {0x69, "INST"},
    {0x6F, "OBJ"},
    {0x81, "NEWOBJ"},
    {0x82, "EXT1"},
    {0x83, "EXT2"},
    {0x84, "EXT4"},
    {0x8B, "LONG4"},
    {0x8E, "BINBYTES8"},
    {0x8F, "EMPTY_SET"},
    {0x90, "ADDITEMS"},
    {0x91, "FROZENSET"},
    {0x92, "NEWOBJ_EX"},
    {0x93, "STACK_GLOBAL"},
    {0x96, "BYTEARRAY8"},
    {0x97, "NEXT_BUFFER"},
    {0x98, "READONLY_BUFFER"},
};

}  // namespace

absl::string_view RefusedOpcodeName(uint8_t opcode) {
  for (const Name& candidate : kRefused) {
    if (candidate.opcode == opcode) {
      return candidate.name;
    }
  }
  return "unknown";
}

}  // namespace transect
