/// \file
/// What a reader of a table must know about how a run computes.
#ifndef TRANSECT_EXPERIMENTS_RUN_RUN_NOTES_H_
#define TRANSECT_EXPERIMENTS_RUN_RUN_NOTES_H_

#include <string>
#include <vector>

#include "experiments/experiment.pb.h"

namespace transect {

/// Sentences for the caption of a table that shows `run`, which is resolved;
/// equal sentences of several runs are said once. They are about:
/// - a training whose result depends on how many ranks share a batch although
///   nothing in the description of the model says so: pads up to the longest
///   sentence (`siglip.text_padding` LONGEST) on several ranks;
/// - weights that are not those of the last step that the schedule has
///   (`training.validation`).
std::vector<std::string> NotesOf(const RunSpec& run);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_RUN_NOTES_H_
