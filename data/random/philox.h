/// \file
/// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), with the
/// multipliers, Weyl constants and word order of their Random123 library.
///
/// Every random draw of the project comes from here, keyed by (seed, purpose,
/// two numbers such as step and sample), never by rank or thread: what is drawn
/// does not depend on what was drawn elsewhere before.
///
/// Integers and uniforms have the same bits on every machine. Normals pass
/// through the C library's log, sin and cos.
#ifndef TRANSECT_DATA_RANDOM_PHILOX_H_
#define TRANSECT_DATA_RANDOM_PHILOX_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// A stream of random numbers. Copies continue independently from the same
/// place. Not to be shared between threads; making one costs two blocks.
class Philox {
 public:
  using Counter = std::array<uint32_t, 4>;
  using Key = std::array<uint32_t, 2>;

  /// The block function: 10 rounds over one counter.
  static Counter Block(Key key, Counter counter);

  /// The stream of (seed, purpose, a, b). Different arguments give streams that
  /// are independent for all practical purposes: their place in the 192-bit
  /// space of key and counter is a 128-bit mix of all arguments, and each is
  /// 2^64 blocks long.
  explicit Philox(uint64_t seed, absl::string_view purpose, uint64_t a = 0,
                  uint64_t b = 0);

  /// 32 uniform bits.
  uint32_t NextU32();
  /// 64 uniform bits: two words, the lower first.
  uint64_t NextU64();
  /// Uniform in [0, 1), a multiple of 2^-53.
  double NextUniform();
  /// Uniform in 0 .. n - 1, without bias (Lemire's method); n >= 1.
  uint64_t NextBelow(uint64_t n);
  /// Standard normal (Box and Muller); draws a fresh pair every second call.
  double NextNormal();
  /// Permutes `values`, each order equally likely (Fisher and Yates).
  void Shuffle(std::vector<int64_t>* values);

 private:
  Key key_;
  // Words 0 and 1 count blocks, 2 and 3 belong to the stream.
  Counter counter_;
  Counter block_;
  int used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace transect

#endif  // TRANSECT_DATA_RANDOM_PHILOX_H_
