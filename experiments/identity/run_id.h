/// \file
/// Identities of runs and of what they read.
///
/// An input (data set, tokenizer, initial weights) is *found* on this machine,
/// and its identity is a digest of its content, or *made* by a recipe, and its
/// identity is the digest of the resolved recipe and of the version of its
/// maker, so that it is known before it exists. The spec part of a run's id is
/// the digest of the resolved run with each input replaced by its identity:
/// names and places of inputs do not enter. All take resolved specs
/// (resolve.h).
///
/// The other part of a run's id, the digest of the code, is the launcher's.
#ifndef TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_
#define TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Version of the trainer as a maker of weights. Raise it when a change of the
/// training code changes the weights that one spec gives.
inline constexpr int kTrainingVersion = 1;

/// Content digests of found inputs, as far as they are known: key FoundKey,
/// "data/ROLE", "tokenizer/ROLE" or "weights/ROLE" with the role of the site
/// file and behind it " (FORMAT)" where a data set has another layout than
/// RRSISD; value any text that stands for the content.
using InputIdentities = std::map<std::string, std::string>;

/// Start of identities that rest on a found input whose content is not hashed
/// yet. What follows tells pending identities apart and is no place in the
/// store.
inline constexpr absl::string_view kPendingPrefix = "pending:";
bool IsPending(absl::string_view identity);

/// Identities of what a job reads; "" for what it does not read.
struct Reads {
  std::string data;
  std::string tokenizer;
  /// Weights that another run trained.
  std::string weights;
  /// Published weights.
  std::string siglip;
  std::string sam;
  /// What is laid over the initial weights.
  std::string adapters;

  /// All that are not "".
  std::vector<std::string> all() const;

  friend bool operator==(const Reads&, const Reads&) = default;
};

/// One thing that a run reads, directly or through what makes it.
struct Input {
  enum class Kind { kData, kTokenizer, kWeights };

  Kind kind = Kind::kData;
  /// 32 hexadecimal digits, or IsPending.
  std::string identity;
  /// Name in the site file where it is found; "" where it is made.
  std::string role;
  /// Layout of a found data set.
  FoundDataset::Format format = FoundDataset::RRSISD;
  /// How it is made, resolved: a SynthesisSpec for data, a SentencepieceSpec
  /// for a tokenizer, the training run for weights. Nothing where it is found:
  /// as weights that is a directory of published weights or of adapters.
  std::variant<std::monostate, SynthesisSpec, SentencepieceSpec, RunSpec>
      recipe;
  /// What its making reads: a tokenizer `data`, its corpus; weights all that
  /// their run reads.
  Reads reads;

  bool made() const { return recipe.index() != 0; }
};

/// What a run reads.
struct RunInputs {
  /// The run's own inputs.
  Reads reads;
  /// Those and everything that making them reads, each once, after all that it
  /// reads itself: the order in which they can be made.
  std::vector<Input> inputs;
};

/// "data", "tokenizer" or "weights".
absl::string_view KindName(Input::Kind kind);

/// Key of a found input in InputIdentities.
std::string FoundKey(Input::Kind kind, absl::string_view role,
                     FoundDataset::Format format);

/// Lists what the resolved `run` reads. kInvalidArgument for a spec that says
/// no source (ValidateRun finds it first).
absl::StatusOr<RunInputs> ListInputs(const RunSpec& run,
                                     const InputIdentities& found);

/// Spec part of the run's id, given the identities of what it reads: 32
/// hexadecimal digits, or IsPending where one of those is. Fields with the
/// option `operational` do not enter.
absl::StatusOr<std::string> RunId(const RunSpec& run, const Reads& reads);

/// Identity of a made data set: recipe and kSynthesisVersion.
absl::StatusOr<std::string> MadeDataId(const SynthesisSpec& spec);

/// Identity of a made tokenizer: recipe and kTokenizerVersion, the corpus by
/// its identity.
absl::StatusOr<std::string> MadeTokenizerId(const SentencepieceSpec& spec);

/// Identity of the weights that `run` makes: its id and kTrainingVersion.
absl::StatusOr<std::string> TrainedWeightsId(const RunSpec& run,
                                             const InputIdentities& found);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_IDENTITY_RUN_ID_H_
