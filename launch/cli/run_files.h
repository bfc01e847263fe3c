// From a run in the store, or a spec by itself, to what the worker needs to use
// its network (`RunFiles`, launch/requests/worker_request.proto): `transect
// predict`, `transect evaluate` and `transect export`.
#ifndef TRANSECT_LAUNCH_CLI_RUN_FILES_H_
#define TRANSECT_LAUNCH_CLI_RUN_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/inputs/site.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/find_run.h"
#include "launch/store/store.h"

namespace transect {

// Which inputs of a run somebody is about to read again; each has those before
// it too.
enum class InputsUsed { kNone, kWeights, kTokenizer, kData };

// What a finished run was trained with and what it made. Errors: NotFound for
// an input in use that is not where the run found it; FailedPrecondition for a
// found one whose contents are no longer those that the run read: a number for
// them would not be the run's.
absl::StatusOr<RunFiles> FilesOfRun(const Store& store, const FoundRun& run,
                                    InputsUsed used);

// The network of the spec in file `path`, as it is before training: a run's
// spec (as the store keeps it and `transect spec --resolved` prints it), or an
// experiment, of which the base is taken. Its tokenizer and weights are in the
// store where a recipe makes them, under the code part `code`, or found through
// the site file. Errors: everything that is wrong with the spec; NotFound for
// an input that nobody made yet, with the command that makes it.
absl::StatusOr<RunFiles> FilesOfSpec(const Store& store, const SiteFile& site,
                                     const std::string& code,
                                     const std::string& path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_RUN_FILES_H_
