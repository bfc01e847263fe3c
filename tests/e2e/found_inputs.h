/// \file
/// What experiments on RRSIS-D find on a machine, in small: a data set with the
/// defects of the published one, a tokenizer, directories of weights.
#ifndef TRANSECT_TESTS_E2E_FOUND_INPUTS_H_
#define TRANSECT_TESTS_E2E_FOUND_INPUTS_H_

#include <string>

#include "experiments/expanding/expand.h"

namespace transect {

/// Records of each split of the data set, and those of them with a defect: as
/// many as RRSIS-D has (experiments/bases/rsrefseg_b.textproto lists them).
inline constexpr int kRecordsOfTrain = 24;
inline constexpr int kRecordsOfVal = 6;
inline constexpr int kRecordsOfTest = 10;

/// Writes the data set in the layout RRSISD below `root`, which it makes:
/// images and masks of 64 x 64; in train 2 empty masks and 9 images of another
/// size than their mask, in val 2 of these, in test 1 and 3 and 2 boxes far
/// from their mask. The box of one of the images that are too small reaches
/// beyond it, as far as the mask does.
void WriteDefectiveRrsisd(const std::string& root);

/// Path of a site file with every role that the runs of `expansion` ask for:
/// each data set is the one above, at `data_root`. Tokenizer and weights come
/// from runs with random weights in `store`, which start where they are not
/// done yet. Ends the test where that fails.
std::string SiteFor(const Expansion& expansion, const std::string& data_root,
                    const std::string& store);

}  // namespace transect

#endif  // TRANSECT_TESTS_E2E_FOUND_INPUTS_H_
