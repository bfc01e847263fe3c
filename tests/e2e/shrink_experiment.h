/// \file
/// Makes an experiment small enough to be run by a test, and nothing else of
/// it: designs, axes, controls, tables and the switches of networks stay.
#ifndef TRANSECT_TESTS_E2E_SHRINK_EXPERIMENT_H_
#define TRANSECT_TESTS_E2E_SHRINK_EXPERIMENT_H_

#include <string>

#include "experiments/experiment.pb.h"

namespace transect {

/// Where Shrink leaves an experiment.
inline constexpr int kSmallSteps = 2;
inline constexpr int kSmallImage = 64;
inline constexpr int kSmallTrainImages = 40;
inline constexpr int kSmallEvalImages = 4;

/// `experiment`, includes merged, in small. In the base, in the options of the
/// axes and in the trainings that make initial weights:
/// - towers have the sizes of the TINY variants; SAM's larger variants become
///   towers of one and two layers more, so that they stay other networks;
/// - made data sets have a few images of 64 pixels; a split without images has
///   none;
/// - two steps of two images, on one rank of the CPU; a model that is only
///   evaluated has none.
/// Data, tokenizers and weights that are found stay so.
Experiment Shrink(Experiment experiment);

/// What is still too large for a test in a resolved run, or in a run that makes
/// its initial weights; empty if nothing is. A new experiment may have an axis
/// over a size, of which Shrink knows nothing.
std::string TooLarge(const RunSpec& run);

}  // namespace transect

#endif  // TRANSECT_TESTS_E2E_SHRINK_EXPERIMENT_H_
