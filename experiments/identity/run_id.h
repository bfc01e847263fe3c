/// \file
/// Identities of runs and of what they read.
///
/// An input (run_inputs.h) is *found* on this machine, and its identity is a
/// digest of its content, or *made* by a recipe, and its identity is the digest
/// of the resolved recipe and of the version of its maker, so that it is known
/// before it exists. The spec part of a run's id is the digest of what trains:
/// the resolved run without its evaluation, each input replaced by its
/// identity. Names and places of inputs do not enter. Each evaluation of a run
/// on a split has an identity of its own, so that another split or control
/// trains nothing again. All functions take resolved specs
/// (experiments/run/resolve.h).
///
/// A made data set is identified split by split where only a split is read: a
/// recipe with more test images trains the same run.
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

/// The same of the evaluation: its integers, its controls.
inline constexpr int kEvaluationVersion = 1;

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

/// The identity of an input that is not made: its content, and how it is read.
absl::StatusOr<std::string> FoundInputId(const Input& input,
                                         const InputIdentities& found);

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
/// hexadecimal digits, or IsPending where one of those is. `evaluation` (but
/// its `batch`, where validations decide about the weights),
/// `data.eval_splits` and fields with the option `operational` do not enter,
/// nor does what a made data set has beyond the split that the run trains on
/// and, where validations decide about its weights, the one that they evaluate.
absl::StatusOr<std::string> RunId(const RunSpec& run, const Reads& reads);

/// What the id of the run has of its data set: of a made one the identity of
/// the split that it trains on and, where validations decide about the weights,
/// of the split that they evaluate; else reads[kData].
absl::StatusOr<std::string> TrainDataId(const RunSpec& run, const Reads& reads);

/// RunId with that identity, whatever makes such data today.
absl::StatusOr<std::string> RunIdOnData(const RunSpec& run,
                                        absl::string_view train_data,
                                        const Reads& reads);

/// Identity of the weights that the run with this id makes.
std::string WeightsId(absl::string_view run_id);

/// Identity of the evaluation of the run `run_id` on `split` as the resolved
/// `run.evaluation` says: 32 hexadecimal digits, or IsPending where `run_id`
/// is. `reads` are those of the run; a data set that was made by another maker
/// than today's counts as a whole.
absl::StatusOr<std::string> EvaluationId(const RunSpec& run,
                                         absl::string_view run_id,
                                         absl::string_view split,
                                         const Reads& reads);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_
