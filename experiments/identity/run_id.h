/// \file
/// Identities of runs and of what they read.
///
/// An input (run_inputs.h) is *found* on this machine, and its identity is a
/// digest of its content, or *made* by a recipe, and its identity is the digest
/// of the resolved recipe and of the version of its maker, so that it is known
/// before it exists. The spec part of a run's id is the digest of the resolved
/// run with each input replaced by its identity: names and places of inputs do
/// not enter. All functions take resolved specs
/// (experiments/run/resolve.h).
///
/// The other part of a run's id, the digest of the code, is the launcher's.
#ifndef TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_
#define TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_inputs.h"

namespace transect {

/// Version of the trainer as a maker of weights. Raise it when a change of the
/// training code changes the weights that one spec gives.
inline constexpr int kTrainingVersion = 1;

/// Content digests of found inputs, as far as they are known: key FoundKey,
/// value any text that stands for the content.
using InputIdentities = std::map<std::string, std::string>;

/// Key of a found input in InputIdentities: "data/ROLE", "tokenizer/ROLE" or
/// "weights/ROLE" with the role of the site file, followed by " (FORMAT)" where
/// a data set has another layout than RRSISD.
std::string FoundKey(InputKind kind, absl::string_view role,
                     FoundDataset::Format format);

/// Start of identities that rest on a found input whose content is not hashed
/// yet. What follows tells pending identities apart and is no place in the
/// store.
inline constexpr absl::string_view kPendingPrefix = "pending:";
bool IsPending(absl::string_view identity);

/// What a run reads.
struct RunInputs {
  /// The run's own inputs.
  Reads reads;
  /// Those and everything that making them reads, each once, after all that it
  /// reads itself: the order in which they can be made.
  std::vector<Input> inputs;
};

/// Lists what the resolved `run` reads. Errors as SourcesOf's.
absl::StatusOr<RunInputs> ListInputs(const RunSpec& run,
                                     const InputIdentities& found);

/// Spec part of the run's id, given the identities of what it reads: 32
/// hexadecimal digits, or IsPending where one of those is. Fields with the
/// option `operational` do not enter.
absl::StatusOr<std::string> RunId(const RunSpec& run, const Reads& reads);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_
