/// \file
/// From a run in the store, or a spec by itself, to what the worker needs to
/// use its network (`RunFiles`, launch/requests/worker_request.proto).
#ifndef TRANSECT_LAUNCH_CLI_RUN_FILES_H_
#define TRANSECT_LAUNCH_CLI_RUN_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "experiments/expanding/expand.h"
#include "launch/inputs/site.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/find_run.h"
#include "launch/store/store.h"

namespace transect {

/// Which inputs of a run are about to be read again; each includes those before
/// it.
enum class InputsUsed { kNone, kWeights, kTokenizer, kData };

/// What a finished run was trained with and what it made, as its ranks were
/// told it: a run of an older schema says nothing of fields that came later
/// (CompleteOldSpec, experiments/run/old_spec.h). Errors: NotFound for an input
/// in use that is no longer where the run found it; FailedPrecondition for a
/// found input whose contents have changed since the run read them.
absl::StatusOr<RunFiles> FilesOfRun(const Store& store, const FoundRun& run,
                                    InputsUsed used);

/// The same where only the data set is read, without the weights, whether or
/// not they are still there.
absl::StatusOr<RunFiles> DataOfRun(const Store& store, const FoundRun& run);

/// The runs of the file `path`: the one of a run's spec, as the store keeps it
/// and `transect spec --resolved` prints it, or those of an experiment. Such a
/// spec of an older schema says nothing of fields that came later; they are
/// what it meant. Errors: everything that is wrong with the file.
absl::StatusOr<Expansion> ExpandRunFile(const std::string& path);

/// The network of the spec in file `path`, as it is before training: a run's
/// spec (as the store keeps it and `transect spec --resolved` prints it), or
/// the base of an experiment. Its tokenizer and weights are in the store under
/// the code part `code` if a recipe makes them, or found through the site file.
/// Errors: everything that is wrong with the spec; NotFound for an input that
/// has not been made yet, with the command that makes it.
absl::StatusOr<RunFiles> FilesOfSpec(const Store& store, const SiteFile& site,
                                     const std::string& code,
                                     const std::string& path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_RUN_FILES_H_
