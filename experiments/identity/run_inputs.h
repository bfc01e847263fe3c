/// \file
/// What a run may read: the one list of the inputs of a run.
///
/// Whatever walks over inputs walks over kRunInputs: run ids, the identities
/// and places in a job's files (launch/store/job_inputs.h), the checks of files
/// that were found on this machine, `transect why` and `transect diff`. To add
/// an input, add a name, a row here and its source in run_inputs.cc; the
/// compiler and tests/launch/store:store_test then ask for the fields of
/// launch/store/job.proto that record it.
#ifndef TRANSECT_EXPERIMENTS_IDENTITY_RUN_INPUTS_H_
#define TRANSECT_EXPERIMENTS_IDENTITY_RUN_INPUTS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Inputs by name, in the order in which ids list them.
enum class InputName {
  kData,
  kTokenizer,
  /// Weights that another run trained.
  kWeights,
  /// Published weights.
  kSiglip,
  kSam,
  /// Trained parts of another run, on top of the initial weights.
  kAdapters,
};

/// What an input is, which decides how it is found, hashed and made.
enum class InputKind { kData, kTokenizer, kWeights };

/// "data", "tokenizer" or "weights": also the section of the site file.
absl::string_view KindName(InputKind kind);

/// A row of the list.
struct InputInfo {
  InputName name;
  /// In ids, in inputs.textproto and in messages.
  absl::string_view text;
  InputKind kind;
  /// What messages call the thing on disk.
  absl::string_view noun;
  /// The field of RunSpec, or the start of its path, that names the source.
  absl::string_view field;
};

inline constexpr std::array<InputInfo, 6> kRunInputs = {{
    {InputName::kData, "data", InputKind::kData, "data set", "data."},
    {InputName::kTokenizer, "tokenizer", InputKind::kTokenizer, "tokenizer",
     "tokenizer."},
    {InputName::kWeights, "weights", InputKind::kWeights, "initial weights",
     "weights.trained."},
    {InputName::kSiglip, "siglip", InputKind::kWeights, "SigLIP weights",
     "weights.found.siglip_role"},
    {InputName::kSam, "sam", InputKind::kWeights, "SAM weights",
     "weights.found.sam_role"},
    {InputName::kAdapters, "adapters", InputKind::kWeights, "adapters",
     "weights.adapters.role"},
}};

inline constexpr const InputInfo& InfoOf(InputName name) {
  return kRunInputs[static_cast<size_t>(name)];
}

/// The identity of each input that a job reads, 32 hexadecimal digits or
/// IsPending (run_id.h); "" for what it does not read.
class Reads {
 public:
  const std::string& operator[](InputName name) const {
    return identities_[static_cast<size_t>(name)];
  }
  std::string& operator[](InputName name) {
    return identities_[static_cast<size_t>(name)];
  }

  /// All that are not "", in the order of the list.
  std::vector<std::string> all() const;

  friend bool operator==(const Reads&, const Reads&) = default;

 private:
  std::array<std::string, kRunInputs.size()> identities_;
};

/// One thing that a run reads, directly or through what makes it.
struct Input {
  using Kind = InputKind;

  Kind kind = Kind::kData;
  /// 32 hexadecimal digits, or IsPending.
  std::string identity;
  /// Name in the site file where it is found; "" where it is made.
  std::string role;
  /// How a found data set is read; has no role.
  FoundDataset reading;
  /// How it is made, resolved: a SynthesisSpec for data, a SentencepieceSpec
  /// for a tokenizer, the training run for weights. Nothing where it is found:
  /// as weights that is a directory of published weights or of adapters.
  std::variant<std::monostate, SynthesisSpec, SentencepieceSpec, RunSpec>
      recipe;
  /// What its making reads: a tokenizer kData, its corpus; weights all that
  /// their run reads.
  Reads reads;

  bool made() const { return recipe.index() != 0; }
  FoundDataset::Format format() const { return reading.format(); }
};

/// The data set whose sentences a tokenizer is made of; as below.
Input CorpusOf(const SentencepieceSpec& spec);

/// The input that the resolved `run` reads under `name`, or nothing. Its
/// identity and what its making reads are left open (run_id.h fills them in).
/// kInvalidArgument for a spec without a source, which validation finds first.
absl::StatusOr<std::optional<Input>> SourceOf(InputName name,
                                              const RunSpec& run);

/// All that the run reads itself, in the order of the list. Errors as above.
absl::StatusOr<std::vector<std::pair<InputName, Input>>> SourcesOf(
    const RunSpec& run);

/// Erases from `run` all that SourcesOf reads: what is left of the spec does
/// not depend on where the inputs come from.
void ClearSources(RunSpec* run);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_IDENTITY_RUN_INPUTS_H_
