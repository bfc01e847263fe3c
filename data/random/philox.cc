#include "data/random/philox.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "data/random/philox_constants.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

uint32_t Low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t High(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

// FNV-1a with 64 bits; the mixing is left to the block function.
uint64_t HashOf(absl::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return hash;
}

}  // namespace

Philox::Counter Philox::Block(Key key, Counter c) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const uint64_t p0 = uint64_t{kPhiloxMultipliers[0]} * c[0];
    const uint64_t p1 = uint64_t{kPhiloxMultipliers[1]} * c[2];
    c = {High(p1) ^ c[1] ^ key[0], Low(p1), High(p0) ^ c[3] ^ key[1], Low(p0)};
    key[0] += kPhiloxWeyl[0];
    key[1] += kPhiloxWeyl[1];
  }
  return c;
}

Philox::Philox(uint64_t seed, absl::string_view purpose, uint64_t a,
               uint64_t b) {
  const uint64_t hash = HashOf(purpose);
  const Counter first =
      Block({Low(seed), High(seed)}, {Low(hash), High(hash), Low(a), High(a)});
  const Counter second =
      Block({first[0], first[1]}, {Low(b), High(b), first[2], first[3]});
  key_ = {second[0], second[1]};
  counter_ = {0, 0, second[2], second[3]};
}

uint32_t Philox::NextU32() {
  if (used_ == 4) {
    block_ = Block(key_, counter_);
    if (++counter_[0] == 0) {
      ++counter_[1];
    }
    used_ = 0;
  }
  return block_[used_++];
}

uint64_t Philox::NextU64() {
  const uint64_t low = NextU32();
  return low | uint64_t{NextU32()} << 32;
}

double Philox::NextUniform() {
  return static_cast<double>(NextU64() >> 11) * 0x1p-53;
}

uint64_t Philox::NextBelow(uint64_t n) {
  TRANSECT_CHECK(n >= 1) << "no number is below 0";
  using Wide = unsigned __int128;
  // 2^64 mod n values at the bottom of the low half would be one too many.
  const uint64_t surplus = -n % n;
  Wide product;
  do {
    product = Wide{NextU64()} * n;
  } while (static_cast<uint64_t>(product) < surplus);
  return static_cast<uint64_t>(product >> 64);
}

double Philox::NextNormal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  // 1 - u is in (0, 1], where the logarithm is finite.
  const double radius = std::sqrt(-2 * std::log(1 - NextUniform()));
  const double angle = 2 * std::numbers::pi * NextUniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

void Philox::Shuffle(std::vector<int64_t>* values) {
  for (uint64_t n = values->size(); n > 1; --n) {
    std::swap((*values)[n - 1], (*values)[NextBelow(n)]);
  }
}

}  // namespace transect
