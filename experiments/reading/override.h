/// \file
/// `--set PATH=VALUE`: fields of the base, seeds and values of axes set on the
/// command line.
#ifndef TRANSECT_EXPERIMENTS_READING_OVERRIDE_H_
#define TRANSECT_EXPERIMENTS_READING_OVERRIDE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// Sets `assignments` in `experiment`, whose includes are merged, as if a file
/// that includes it said so (merge.h). Each is one of
///
///     training.optimizer.lr=3e-4  a field of the base, also with `base.` ahead
///     data.eval_splits=val,test   a list: it replaces the list
///     weights.random={}           a message, in braces; another member of a
///                                 oneof replaces the base's
///     seeds=1,2                   the seeds
///     axis.rank.values=8,16       the values of axis `rank`; of an axis with
///                                 options those that stay, in this order
///
/// Values are as in an experiment file, but strings may go without quotes and
/// lists without brackets: `seeds=[1, 2]` and `axis.text.values=["FULL"]` are
/// right too. The assignments are added to the title, so that tables show them.
///
/// kInvalidArgument, one line for each assignment that is wrong, "--set
/// ASSIGNMENT: ...", with the nearest right names, and of an axis that a file
/// lost to another's list where that was (source_map.h); then `experiment` is
/// as it was. Two that write one field are wrong. What is no value of an axis's
/// field is said here, what validation finds later. `sources`, if given, has
/// "--set" as the place of the fields afterwards.
absl::Status ApplyOverrides(absl::Span<const std::string> assignments,
                            Experiment* experiment, SourceMap* sources);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_OVERRIDE_H_
