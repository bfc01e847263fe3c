/// \file
/// Evaluation: a network and a split in, one `EvalItem` record per item out.
#ifndef TRANSECT_LAUNCH_EVALUATION_EVALUATOR_H_
#define TRANSECT_LAUNCH_EVALUATION_EVALUATOR_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/rank/train_task.h"

namespace transect {

/// Evaluates every item of `data` once, over all ranks (`EvalBatches`), and
/// appends the items of this rank to its log.
///
/// For each control with other sentences that `evaluation` asks for, every item
/// that has it (eval_items.h) is evaluated once more with that sentence,
/// against its own mask. Where `data.sentences` is CONSTANT, controls have the
/// constant sentence too.
///
/// Masks are compared, and logged, at `evaluation.resolution` (resolution.h).
///
/// Predicted masks go to the rank's log of masks; the first items of this rank
/// also to `sheet`.
///
/// Adapters are merged meanwhile (model/lora/merge.h). The network has the mode
/// afterwards that it had. Ranks do not communicate.
/// The integers depend on the weights, on `evaluation.batch` at most by
/// rounding, and not on the number of ranks.
/// \returns the number of items of this rank. Errors: DATA, MEMORY, INTERNAL.
absl::StatusOr<int64_t> Evaluate(const TrainTask& task,
                                 const DatasetIndex& data, SampleSheet* sheet);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_EVALUATOR_H_
