#include "tests/experiments/testing/made_cells.h"

#include "absl/strings/str_cat.h"
#include "data/io/problems.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {

MadeCells Make(const Experiment& experiment) {
  Problems problems;
  MadeCells made = {MakeCells(experiment, &problems), {}};
  for (const Problem& problem : problems.all()) {
    made.problems.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return made;
}

Experiment WithDesigns(absl::string_view designs) {
  Experiment experiment = SampleExperiment();
  experiment.clear_design();
  experiment.MergeFrom(FromText<Experiment>(designs));
  return experiment;
}

std::vector<std::string> Labels(const DesignSpec& design) {
  std::vector<std::string> labels;
  for (const CellSpec& cell : design.cells) {
    labels.push_back(cell.label);
  }
  return labels;
}

}  // namespace transect
