/// \file
/// Everything that is wrong with an experiment, at once, before anything
/// starts. What is wrong with one run is validate_run.h's.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_VALIDATE_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_VALIDATE_H_

#include "absl/status/status.h"
#include "data/io/problems.h"
#include "experiments/expanding/cells.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"
#include "experiments/run/validate_run.h"

namespace transect {

/// Makes the cells and adds to `problems` those of the experiment's own fields
/// (cells.h), then those of its base, then those that a cell has and the base
/// has not; the latter under the field that asks for the cell. Whether there
/// are such published results as `report` names is for who has them
/// (analysis/published.h). `sources` as for MakeCells.
CellTable MakeValidCells(const Experiment& experiment, Problems* problems,
                         const SourceMap* sources = nullptr);

/// OK if there are none; else kInvalidArgument with a line `field: message` per
/// problem, the first kMaxProblemLines of them and the number of the others.
/// Where `sources` knows the place of a field, the line starts with
/// `file:line:column: `.
inline constexpr int kMaxProblemLines = 50;
absl::Status ToStatus(const Problems& problems,
                      const SourceMap* sources = nullptr);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_VALIDATE_H_
