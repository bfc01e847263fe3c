#include "model/layers/score_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

// A function is compiled for processors with vectors of 512 bits, of 256 bits
// with fused products, and for all; which one runs is chosen at start.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define TRANSECT_EACH_PROCESSOR \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TRANSECT_EACH_PROCESSOR
#endif
#define TRANSECT_INLINE inline __attribute__((always_inline))

namespace transect {
namespace {

// Loops over these lanes have a fixed length, so that they become vectors and
// sums have one order on all processors.
constexpr int64_t kLanes = kScoreLanes;
typedef float Floats __attribute__((vector_size(kLanes * sizeof(float))));
typedef int32_t Ints __attribute__((vector_size(kLanes * sizeof(int32_t))));
typedef uint16_t Shorts __attribute__((vector_size(kLanes * sizeof(uint16_t))));

TRANSECT_INLINE void Load(const float* from, Floats* x) {
  std::memcpy(x, from, sizeof(*x));
}
TRANSECT_INLINE void Store(const Floats& x, float* to) {
  std::memcpy(to, &x, sizeof(x));
}

// exp(x) for x <= 0 or a little above: 2^n e^r with |r| <= log(2) / 2, and the
// series of e^r; log(2) in two parts, of which the first has few bits.
TRANSECT_INLINE void Exp(Floats* in) {
  constexpr float kLowest = -87, kLog2E = 1.44269504F, kRound = 12582912;
  constexpr float kLog2High = 0.693359375F, kLog2Low = -2.12194440e-4F;
  const Ints vanishes = *in < kLowest;
  const Floats x = vanishes ? Floats{} : *in;
  const Floats shifted = x * kLog2E + kRound;
  const Floats n = shifted - kRound;
  const Floats r = (x - n * kLog2High) - n * kLog2Low;
  Floats p = r * (1.0F / 5040) + 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = p * r * r + r + 1;
  // The lowest bits of `shifted` are n.
  Ints bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  bits = (bits << 23) + (127 << 23);
  Floats power;
  std::memcpy(&power, &bits, sizeof(power));
  *in = vanishes ? Floats{} : p * power;
}

TRANSECT_INLINE float SumOf(const Floats& lanes) {
  float sums[kLanes];
  Store(lanes, sums);
  for (int64_t step = kLanes / 2; step > 0; step /= 2) {
    for (int64_t i = 0; i < step; ++i) sums[i] += sums[i + step];
  }
  return sums[0];
}

// The upper halves of `out` are rounded.
TRANSECT_INLINE void Round(const float* from, Ints* out) {
  Ints bits;
  std::memcpy(&bits, from, sizeof(bits));
  // Rounding carries a NaN of full mantissa over into the sign.
  const Ints is_nan = (bits & 0x7FFFFFFF) > 0x7F800000;
  const Ints rounded = bits + 0x7FFF + ((bits >> 16) & 1);
  *out = is_nan ? (bits | 0x00400000) : rounded;
}

}  // namespace

TRANSECT_EACH_PROCESSOR
float PlaceScores(const ScorePlaces<float>& places, float largest,
                  float* scores) {
  Floats most = Floats{} + largest;
  for (int64_t a = 0; a < places.rows; ++a) {
    for (int64_t c = 0; c < places.columns; c += kLanes) {
      Floats s, of_column;
      Load(scores, &s);
      Load(places.of_column + c, &of_column);
      s = s * places.scale + (of_column + places.of_row[a]);
      most = s > most ? s : most;
      Store(s, scores);
      scores += kLanes;
    }
  }
  for (int64_t i = 0; i < kLanes; ++i) largest = std::max(largest, most[i]);
  return largest;
}

TRANSECT_EACH_PROCESSOR
float Exponentials(int64_t count, float shift, float* scores) {
  Floats sum = {};
  for (int64_t i = 0; i < count; i += kLanes) {
    Floats s;
    Load(scores + i, &s);
    s -= shift;
    Exp(&s);
    sum += s;
    Store(s, scores + i);
  }
  return SumOf(sum);
}

TRANSECT_EACH_PROCESSOR
void DifferentiateScores(const ScorePlaces<float>& places,
                         const ScoreGradient<float>& gradient, float* products,
                         float* gradients) {
  for (int64_t a = 0; a < places.rows; ++a) {
    const float shift = places.of_row[a] - gradient.log_sum;
    Floats sum = {};
    for (int64_t c = 0; c < places.columns; c += kLanes) {
      Floats p, dp, of_column;
      Load(products, &p);
      Load(gradients, &dp);
      Load(places.of_column + c, &of_column);
      p = p * places.scale + (of_column + shift);
      Exp(&p);
      dp = p * (dp - gradient.delta);
      Store(p, products);
      Store(dp, gradients);
      products += kLanes;
      gradients += kLanes;
      if (gradient.of_row == nullptr) continue;
      sum += dp;
      Floats of_columns;
      Load(gradient.of_column + c, &of_columns);
      Store(of_columns + dp, gradient.of_column + c);
    }
    if (gradient.of_row != nullptr) gradient.of_row[a] += SumOf(sum);
  }
}

TRANSECT_EACH_PROCESSOR
void RoundRow(int64_t count, const float* from, uint16_t* to) {
  for (int64_t i = 0; i < count; i += kLanes) {
    Ints bits;
    Round(from + i, &bits);
    const Shorts shorts = __builtin_convertvector(bits >> 16, Shorts);
    std::memcpy(to + i, &shorts, sizeof(shorts));
  }
}

TRANSECT_EACH_PROCESSOR
void RoundRowPair(int64_t count, const float* first, const float* second,
                  uint16_t* to) {
  for (int64_t i = 0; i < count; i += kLanes) {
    Ints low, high;
    Round(first + i, &low);
    Round(second + i, &high);
    // The first element of a pair comes first in memory.
    const Ints both = (high & ~0xFFFF) | ((low >> 16) & 0xFFFF);
    std::memcpy(to + 2 * i, &both, sizeof(both));
  }
}

double PlaceScores(const ScorePlaces<double>& places, double largest,
                   double* scores) {
  for (int64_t a = 0; a < places.rows; ++a) {
    for (int64_t c = 0; c < places.columns; ++c, ++scores) {
      *scores = *scores * places.scale + places.of_row[a] + places.of_column[c];
      largest = std::max(largest, *scores);
    }
  }
  return largest;
}

double Exponentials(int64_t count, double shift, double* scores) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    scores[i] = std::exp(scores[i] - shift);
    sum += scores[i];
  }
  return sum;
}

void DifferentiateScores(const ScorePlaces<double>& places,
                         const ScoreGradient<double>& gradient,
                         double* products, double* gradients) {
  for (int64_t a = 0; a < places.rows; ++a) {
    for (int64_t c = 0; c < places.columns; ++c, ++products, ++gradients) {
      *products = std::exp(*products * places.scale + places.of_row[a] +
                           places.of_column[c] - gradient.log_sum);
      *gradients = *products * (*gradients - gradient.delta);
      if (gradient.of_row == nullptr) continue;
      gradient.of_row[a] += *gradients;
      gradient.of_column[c] += *gradients;
    }
  }
}

}  // namespace transect
