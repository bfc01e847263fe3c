// Directories of published weights and of adapters that the site file names:
// which of their files count, and whether they match the runs that use them.
// Reads configurations and headers, no tensor, so that a mismatch is reported
// before anything starts.
#ifndef TRANSECT_LAUNCH_INPUTS_FOUND_WEIGHTS_H_
#define TRANSECT_LAUNCH_INPUTS_FOUND_WEIGHTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "model/checkpoint/adapters.h"

namespace transect {

// Paths, relative to `directory` and sorted, of the files that decide what a
// network takes from it: config.json and safetensors of published weights, else
// the adapters and rest.safetensors of an export. NotFound where it is neither;
// FailedPrecondition where there are pickles only.
absl::StatusOr<std::vector<std::string>> FoundWeightFiles(
    const std::string& directory);

// What the resolved spec asks of an adapters' directory.
AdapterParts PartsOf(const FoundAdapters& adapters);

// How the directories that one run asks for fit its network, by role: OK, or
// what is wrong.
using WeightsFitByRole = std::map<std::string, absl::Status>;

// Checks the directories of all roles that each of the resolved, valid `runs`,
// and the runs that make its weights, ask for. `directories` is by role; a role
// that it does not have is skipped. Returns an element for each of `runs`; the
// errors are those of model/checkpoint/hugging_face.h and adapters.h, the first
// of a role.
std::vector<WeightsFitByRole> CheckFoundWeights(
    absl::Span<const RunSpec* const> runs,
    const std::map<std::string, std::string>& directories);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_FOUND_WEIGHTS_H_
