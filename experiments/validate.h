/// \file
/// Everything that is wrong with an experiment, at once, before anything
/// starts.
///
/// A field, mode or enumerator that nothing implements yet is refused here: it
/// is never parsed and ignored.
#ifndef TRANSECT_EXPERIMENTS_VALIDATE_H_
#define TRANSECT_EXPERIMENTS_VALIDATE_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/cells.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Most runs inside runs (`weights.trained.run`).
inline constexpr int kMaxTrainedDepth = 4;

/// Adds all problems of a resolved run. `path` is the field path of `run`, ""
/// for a run by itself. Besides the rules of the components: every enum is
/// specified and every number finite; sentences fit the text tower, the pieces
/// of the tokenizer its token table; the splits that are used exist and have
/// images; weights come from a run that trains every parameter, with the same
/// tokenizer and tensors of the same shapes in the parts that are taken.
void ValidateRun(const RunSpec& run, absl::string_view path,
                 Problems* problems);

/// The problems of the experiment's own fields (cells.h), then those of its
/// base, then those that a cell has and the base has not.
Problems ValidateExperiment(const Experiment& experiment);

/// The second half of ValidateExperiment, for cells that are made already.
void ValidateCells(const CellTable& table, Problems* problems);

/// OK if there are none; else kInvalidArgument with a line `field: message` per
/// problem, the first kMaxProblemLines of them and the number of the others.
inline constexpr int kMaxProblemLines = 50;
absl::Status ToStatus(const Problems& problems);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_VALIDATE_H_
