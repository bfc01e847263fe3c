/// \file
/// Resolving: making a run spec say all that it means.
///
/// In a *resolved* run spec every default is written out and fields that cannot
/// matter are absent, so that two specs that mean the same run are the same
/// message, and a later change of a default in a .proto changes no spec that
/// was resolved before. Identities (run_id.h) are digests of resolved specs
/// only.
#ifndef TRANSECT_EXPERIMENTS_RUN_RESOLVE_H_
#define TRANSECT_EXPERIMENTS_RUN_RESOLVE_H_

#include "experiments/experiment.pb.h"

namespace transect {

/// Resolves `run` in place. Never fails, whatever is wrong with the spec, and a
/// second call changes nothing.
///
/// Written: the defaults of the schema; presets of sizes and default targets
/// (model/spec.h, data/spec.h); `weights.parts` and `weights.adapters.parts`,
/// all that there are where a list is empty, in the order of the enum;
/// `tokenizer` of a run under `weights.trained.run` that has none, from the run
/// around it.
///
/// Erased: what `inert_when` says beside a field; `weights.parts` with random
/// weights; `data.siglip_resize` and `data.sentences` without SigLIP and
/// `data.last_batch` without training; `seed` where nothing random enters, that
/// is without training and without parts that start from random values, so that
/// runs which differ in the seed alone are one run; `evaluation` and
/// `data.eval_splits` of a run under `weights.trained.run`, because weights do
/// not depend on them.
void ResolveRun(RunSpec* run);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_RUN_RESOLVE_H_
