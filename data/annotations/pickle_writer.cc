#include <cstddef>
#include <limits>
#include <utility>

#include "data/annotations/pickle.h"

namespace transect {
namespace {

void AppendLittleEndian(uint64_t value, int size, std::string* bytes) {
  for (int i = 0; i < size; ++i) {
    bytes->push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  }
}

}  // namespace

PickleWriter::PickleWriter() : bytes_("\x80\x04") {}

void PickleWriter::Int(int64_t value) {
  if (value >= 0 && value <= 0xFF) {
    bytes_.push_back('K');
    AppendLittleEndian(value, 1, &bytes_);
  } else if (value >= 0 && value <= 0xFFFF) {
    bytes_.push_back('M');
    AppendLittleEndian(value, 2, &bytes_);
  } else if (value >= std::numeric_limits<int32_t>::min() &&
             value <= std::numeric_limits<int32_t>::max()) {
    bytes_.push_back('J');
    AppendLittleEndian(value, 4, &bytes_);
  } else {
    bytes_ += "\x8a\x08";
    AppendLittleEndian(value, 8, &bytes_);
  }
}

void PickleWriter::String(absl::string_view text) {
  if (text.size() <= 0xFF) {
    bytes_.push_back('\x8c');
    AppendLittleEndian(text.size(), 1, &bytes_);
  } else {
    bytes_.push_back('\x8d');
    AppendLittleEndian(text.size(), 8, &bytes_);
  }
  bytes_.append(text.data(), text.size());
}

void PickleWriter::BeginList() { bytes_ += "]("; }
void PickleWriter::EndList() { bytes_.push_back('e'); }
void PickleWriter::BeginDict() { bytes_ += "}("; }
void PickleWriter::EndDict() { bytes_.push_back('u'); }

std::string PickleWriter::Finish() && {
  bytes_.push_back('.');
  return std::move(bytes_);
}

}  // namespace transect
