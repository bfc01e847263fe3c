#include "data/random/philox_blocks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "data/random/philox_constants.h"

namespace transect {
namespace {

using Words = std::array<uint32_t, 4 * kPhiloxBlocks>;

void OneByOne(Philox::Key key, uint32_t first, Words* words) {
  for (int i = 0; i < kPhiloxBlocks; ++i) {
    const Philox::Counter block =
        Philox::Block(key, {first + static_cast<uint32_t>(i), 0, 0, 0});
    for (int word = 0; word < 4; ++word) (*words)[4 * i + word] = block[word];
  }
}

#if defined(__x86_64__)

// A word lies in the lower half of a lane of 64 bits, as the multiplication
// wants it; what is in the upper half never reaches a lower one.
__attribute__((target("avx2"))) void InLanes(Philox::Key key, uint32_t first,
                                             Words* words) {
  constexpr int kLanes = 4, kVectors = kPhiloxBlocks / kLanes;
  const __m256i multiplier0 = _mm256_set1_epi64x(kPhiloxMultipliers[0]);
  const __m256i multiplier1 = _mm256_set1_epi64x(kPhiloxMultipliers[1]);
  __m256i c0[kVectors], c1[kVectors], c2[kVectors], c3[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    const uint32_t at = first + static_cast<uint32_t>(kLanes * v);
    c0[v] = _mm256_set_epi64x(at + 3, at + 2, at + 1, at);
    c1[v] = c2[v] = c3[v] = _mm256_setzero_si256();
  }
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const __m256i key0 = _mm256_set1_epi64x(key[0]);
    const __m256i key1 = _mm256_set1_epi64x(key[1]);
    for (int v = 0; v < kVectors; ++v) {
      const __m256i p0 = _mm256_mul_epu32(multiplier0, c0[v]);
      const __m256i p1 = _mm256_mul_epu32(multiplier1, c2[v]);
      c0[v] = _mm256_xor_si256(_mm256_srli_epi64(p1, 32),
                               _mm256_xor_si256(c1[v], key0));
      c2[v] = _mm256_xor_si256(_mm256_srli_epi64(p0, 32),
                               _mm256_xor_si256(c3[v], key1));
      c1[v] = p1;
      c3[v] = p0;
    }
    key[0] += kPhiloxWeyl[0];
    key[1] += kPhiloxWeyl[1];
  }
  const __m256i lower = _mm256_set1_epi64x(0xFFFFFFFF);
  for (int v = 0; v < kVectors; ++v) {
    // The first two words of each block, and the last two.
    const __m256i front = _mm256_or_si256(_mm256_and_si256(c0[v], lower),
                                          _mm256_slli_epi64(c1[v], 32));
    const __m256i back = _mm256_or_si256(_mm256_and_si256(c2[v], lower),
                                         _mm256_slli_epi64(c3[v], 32));
    const __m256i even = _mm256_unpacklo_epi64(front, back);  // blocks 0 and 2
    const __m256i odd = _mm256_unpackhi_epi64(front, back);   // 1 and 3
    auto* const to = reinterpret_cast<__m256i*>(words->data() + 16 * v);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(even, odd, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(even, odd, 0x31));
  }
}

#endif

}  // namespace

void PhiloxBlocks(Philox::Key key, uint32_t first, Words* words) {
#if defined(__x86_64__)
  static const bool has_lanes = __builtin_cpu_supports("avx2");
  if (has_lanes) return InLanes(key, first, words);
#endif
  OneByOne(key, first, words);
}

}  // namespace transect
