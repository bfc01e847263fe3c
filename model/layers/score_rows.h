/// \file
/// What attention does to rows of scores between its matrix products, by
/// vectors of the processor at hand.
///
/// A row holds the scores of one query with the keys of `rows` rows of a grid,
/// `columns` each, a multiple of kScoreLanes. The score of a key is
///
///   scale * product + of_row[its row] + of_column[its column]
///
/// in fp32, or in double for inputs in double.
#ifndef TRANSECT_MODEL_LAYERS_SCORE_ROWS_H_
#define TRANSECT_MODEL_LAYERS_SCORE_ROWS_H_

#include <cstdint>

namespace transect {

/// Columns are filled up to a multiple of this.
inline constexpr int64_t kScoreLanes = 16;

/// The `of_column` of columns that only fill up: their probability is exactly
/// zero.
inline constexpr float kNoKey = -1e30F;

/// What is added to the products of a query with the keys of a block.
template <typename S>
struct ScorePlaces {
  int64_t rows, columns;
  S scale;
  const S* of_row;     ///< [rows]
  const S* of_column;  ///< [columns]
};

/// Products become scores. \returns the largest of them and of `largest`.
float PlaceScores(const ScorePlaces<float>& places, float largest,
                  float* scores);
double PlaceScores(const ScorePlaces<double>& places, double largest,
                   double* scores);

/// Scores become exp(score - shift), within 2 units in the last place and 0
/// below exp(-87) in fp32. \returns their sum.
float Exponentials(int64_t count, float shift, float* scores);
double Exponentials(int64_t count, double shift, double* scores);

/// Of the backward pass, for one query.
template <typename S>
struct ScoreGradient {
  S log_sum;     ///< log of the sum of exp(score)
  S delta;       ///< sum of gradient times result
  S* of_row;     ///< [rows], added to; or null for both
  S* of_column;  ///< [columns], added to
};

/// `products` become probabilities p; `gradients`, those of p, become those of
/// the scores: p (gradient - delta).
void DifferentiateScores(const ScorePlaces<float>& places,
                         const ScoreGradient<float>& gradient, float* products,
                         float* gradients);
void DifferentiateScores(const ScorePlaces<double>& places,
                         const ScoreGradient<double>& gradient,
                         double* products, double* gradients);

/// To bfloat16 bits, to nearest and ties to even; what is not a number stays
/// so.
void RoundRow(int64_t count, const float* from, uint16_t* to);

/// The same for two rows, of which elements alternate in `to`.
void RoundRowPair(int64_t count, const float* first, const float* second,
                  uint16_t* to);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_SCORE_ROWS_H_
