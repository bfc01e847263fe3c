/// \file
/// `--set PATH=VALUE`: fields of the base set on the command line.
#ifndef TRANSECT_EXPERIMENTS_READING_OVERRIDE_H_
#define TRANSECT_EXPERIMENTS_READING_OVERRIDE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// Merges `assignments` over the base of `experiment`, whose includes are
/// merged, by the rule of merge.h. Each is PATH=VALUE: a field of RunSpec
/// (`training.optimizer.lr=3e-4`, also as `base.training.optimizer.lr=3e-4`)
/// and a value as in an experiment file. Strings may go without quotes, lists
/// stand in brackets (`weights.parts=[SAM]`), messages in braces
/// (`weights.random={}`); another member of a oneof replaces the base's. The
/// assignments are added to the title, so that tables show them.
///
/// kInvalidArgument, one line for each assignment that is wrong, "--set
/// ASSIGNMENT: ...", with the nearest right names; then `experiment` is as it
/// was. Two that write one field are wrong. `sources`, if given, has "--set" as
/// the place of the fields afterwards.
absl::Status ApplyOverrides(absl::Span<const std::string> assignments,
                            Experiment* experiment, SourceMap* sources);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_OVERRIDE_H_
