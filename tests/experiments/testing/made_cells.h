/// \file
/// The cells of an experiment, as tests look at them.
#ifndef TRANSECT_TESTS_EXPERIMENTS_TESTING_MADE_CELLS_H_
#define TRANSECT_TESTS_EXPERIMENTS_TESTING_MADE_CELLS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "experiments/expanding/cells.h"
#include "experiments/experiment.pb.h"

namespace transect {

struct MadeCells {
  CellTable table;
  /// "field: message".
  std::vector<std::string> problems;
};
MadeCells Make(const Experiment& experiment);

/// SampleExperiment with other designs, and whatever else the text has. Its
/// base is rank=16 text=FULL prompts=SPARSE_AND_DENSE; the other values of the
/// axes are 2, ZERO and SPARSE.
Experiment WithDesigns(absl::string_view designs);

std::vector<std::string> Labels(const DesignSpec& design);

}  // namespace transect

#endif  // TRANSECT_TESTS_EXPERIMENTS_TESTING_MADE_CELLS_H_
