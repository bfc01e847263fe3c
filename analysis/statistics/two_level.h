/// \file
/// Bootstrap over seeds, then items: about any seed and any item.
///
/// Input: for every run of two rows its replicates under the resamples of items
/// (item_bootstrap.h), which all runs share; output: replicates of the
/// difference of the rows' means. Draw b takes the items of resample b and
/// draws runs of each row with replacement:
///
///     T*_b = A_b + c_a (A'_b - A_b) - (B_b + c_b (B'_b - B_b))
///
/// where A_b is the mean over all runs of row A under resample b and A'_b the
/// mean over the drawn ones. A plain bootstrap (c = 1) of n runs knows their
/// spread too small by the root of (n - 1)/n and takes it for known, so for few
/// runs c = t / z sqrt(n / (n - 1)), with t and z the quantiles of Student's
/// distribution of f degrees of freedom and of the normal one at the confidence
/// asked for; f is n - 1 for pairs and n_a + n_b - 2 else. This is the widening
/// by which Student's interval differs from the bootstrap's of a mean
/// (Hesterberg, "What teachers should know about the bootstrap", The American
/// Statistician 69, 2015, section 3.2). coverage.h says how well it holds.
#ifndef TRANSECT_ANALYSIS_STATISTICS_TWO_LEVEL_H_
#define TRANSECT_ANALYSIS_STATISTICS_TWO_LEVEL_H_

#include <vector>

#include "absl/types/span.h"
#include "analysis/statistics/ratio.h"

namespace transect {

/// Replicates of one run under the resamples of items.
using RunReplicates = absl::Span<const double>;

/// Replicates of mean(a) - mean(b), as many as each run has. Both rows need two
/// runs at least; with `paired`, run s of `a` belongs to run s of `b`, there
/// are as many, and they are drawn together.
std::vector<double> TwoLevelDifferences(absl::Span<const RunReplicates> a,
                                        absl::Span<const RunReplicates> b,
                                        bool paired, double confidence,
                                        uint64_t seed);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_TWO_LEVEL_H_
