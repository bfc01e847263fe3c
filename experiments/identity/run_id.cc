#include "experiments/identity/run_id.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/spec.h"
#include "data/synthetic/version.h"
#include "data/text/version.h"
#include "experiments/identity/canonical.h"
#include "experiments/training/training_spec.h"
#include "google/protobuf/message.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// An identity that rests on `parts` is pending where one of them is.
std::string PendingIf(bool pending, std::string digest) {
  return pending ? absl::StrCat(kPendingPrefix, digest) : digest;
}

// The identity of a found input: its content, and how it is read. Which parts
// of weights are read is the run's; the directory is what it is.
absl::StatusOr<std::string> FoundId(const Input& input,
                                    const InputIdentities& found) {
  const std::string key = FoundKey(input.kind, input.role, input.format());
  const auto content = found.find(key);
  const bool pending = content == found.end();
  const FoundTokenizer tokenizer;
  const FoundWeights weights;
  const google::protobuf::Message* spec = &input.reading;
  if (input.kind == InputKind::kTokenizer) spec = &tokenizer;
  if (input.kind == InputKind::kWeights) spec = &weights;
  TRANSECT_ASSIGN_OR_RETURN(
      std::string digest,
      SpecDigest(*spec, pending ? absl::StrCat("role=", key)
                                : absl::StrCat("content=", content->second)));
  return PendingIf(pending, std::move(digest));
}

absl::StatusOr<std::string> MadeDataId(const SynthesisSpec& spec) {
  return SpecDigest(spec, absl::StrCat("maker=", SynthesisMaker()));
}

// Identity of what a reader of `split` sees of the data set of the run. A found
// one has one identity for all of its splits.
absl::StatusOr<std::string> SplitId(const DataSpec& data,
                                    absl::string_view split,
                                    const Reads& reads) {
  const std::string& whole = reads[InputName::kData];
  if (!data.has_synthesis()) return whole;
  TRANSECT_ASSIGN_OR_RETURN(const std::string today,
                            MadeDataId(data.synthesis()));
  // Made when its maker was another one.
  if (!whole.empty() && whole != today) return whole;
  return MadeDataId(SplitRecipe(data.synthesis(), split));
}

// Identity of a tokenizer that is made of `corpus`. Of a made data set its
// split train is the corpus; a found one has one identity for all splits.
absl::StatusOr<std::string> MadeTokenizerId(const SentencepieceSpec& spec,
                                            std::string corpus) {
  SentencepieceSpec own = spec;
  own.clear_source();
  if (spec.has_corpus()) {
    TRANSECT_ASSIGN_OR_RETURN(
        corpus, MadeDataId(SplitRecipe(spec.corpus(), kSplitNames[0])));
  }
  TRANSECT_ASSIGN_OR_RETURN(
      std::string digest,
      SpecDigest(
          own, absl::StrCat("maker=", TokenizerMaker(), "\ncorpus=", corpus)));
  return PendingIf(IsPending(corpus), std::move(digest));
}

void AddOnce(Input input, std::vector<Input>* inputs) {
  const auto same = [&input](const Input& other) {
    return other.kind == input.kind && other.identity == input.identity;
  };
  if (std::none_of(inputs->begin(), inputs->end(), same)) {
    inputs->push_back(std::move(input));
  }
}

absl::StatusOr<Reads> AddInputs(const RunSpec& run,
                                const InputIdentities& found,
                                std::vector<Input>* inputs);

// Fills in the identity of `input` and adds it after what its making reads.
absl::StatusOr<std::string> AddInput(Input input, const InputIdentities& found,
                                     std::vector<Input>* inputs) {
  if (const auto* data = std::get_if<SynthesisSpec>(&input.recipe)) {
    TRANSECT_ASSIGN_OR_RETURN(input.identity, MadeDataId(*data));
  } else if (const auto* pieces =
                 std::get_if<SentencepieceSpec>(&input.recipe)) {
    std::string& corpus_id = input.reads[InputName::kData];
    TRANSECT_ASSIGN_OR_RETURN(corpus_id,
                              AddInput(CorpusOf(*pieces), found, inputs));
    TRANSECT_ASSIGN_OR_RETURN(input.identity,
                              MadeTokenizerId(*pieces, corpus_id));
  } else if (const auto* trained = std::get_if<RunSpec>(&input.recipe)) {
    TRANSECT_ASSIGN_OR_RETURN(input.reads, AddInputs(*trained, found, inputs));
    TRANSECT_ASSIGN_OR_RETURN(const std::string id,
                              RunId(*trained, input.reads));
    input.identity = WeightsId(id);
  } else {
    TRANSECT_ASSIGN_OR_RETURN(input.identity, FoundId(input, found));
  }
  std::string identity = input.identity;
  AddOnce(std::move(input), inputs);
  return identity;
}

absl::StatusOr<Reads> AddInputs(const RunSpec& run,
                                const InputIdentities& found,
                                std::vector<Input>* inputs) {
  TRANSECT_ASSIGN_OR_RETURN(auto sources, SourcesOf(run));
  Reads reads;
  for (auto& [name, input] : sources) {
    TRANSECT_ASSIGN_OR_RETURN(reads[name],
                              AddInput(std::move(input), found, inputs));
  }
  return reads;
}

}  // namespace

std::string FoundKey(InputKind kind, absl::string_view role,
                     FoundDataset::Format format) {
  return absl::StrCat(
      KindName(kind), "/", role,
      format == FoundDataset::RRSISD
          ? ""
          : absl::StrCat(" (", FoundDataset::Format_Name(format), ")"));
}

bool IsPending(absl::string_view identity) {
  return absl::StartsWith(identity, kPendingPrefix);
}

absl::StatusOr<std::string> FoundInputId(const Input& input,
                                         const InputIdentities& found) {
  return FoundId(input, found);
}

absl::StatusOr<RunInputs> ListInputs(const RunSpec& run,
                                     const InputIdentities& found) {
  RunInputs result;
  TRANSECT_ASSIGN_OR_RETURN(result.reads,
                            AddInputs(run, found, &result.inputs));
  return result;
}

absl::StatusOr<std::string> TrainDataId(const RunSpec& run,
                                        const Reads& reads) {
  const TrainingSpec& training = run.training();
  TRANSECT_ASSIGN_OR_RETURN(
      std::string trained,
      SplitId(run.data(), run.data().train_split(), reads));
  if (!ValidationDecides(training)) return trained;
  TRANSECT_ASSIGN_OR_RETURN(
      const std::string validated,
      SplitId(run.data(), training.validation().split(), reads));
  if (validated == trained) return trained;
  return TextDigest("transect.TrainAndValidationData",
                    absl::StrCat("train=", trained, "\nvalidated=", validated));
}

absl::StatusOr<std::string> RunId(const RunSpec& run, const Reads& reads) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string data, TrainDataId(run, reads));
  return RunIdOnData(run, data, reads);
}

absl::StatusOr<std::string> RunIdOnData(const RunSpec& run,
                                        absl::string_view train_data,
                                        const Reads& reads) {
  // Identities stand in for the sources; what else the messages say remains.
  RunSpec own = run;
  ClearSources(&own);
  own.clear_evaluation();
  own.mutable_data()->clear_eval_splits();
  Reads read = reads;
  read[InputName::kData] = std::string(train_data);
  std::vector<std::string> inputs;
  for (const InputInfo& info : kRunInputs) {
    if (!read[info.name].empty()) {
      inputs.push_back(absl::StrCat(info.text, "=", read[info.name]));
    }
  }
  // A kernel may round in another way at another size of the batch, and the
  // validations be decided by it.
  if (ValidationDecides(run.training())) {
    inputs.push_back(
        absl::StrCat("validation_batch=", run.evaluation().batch()));
  }
  TRANSECT_ASSIGN_OR_RETURN(std::string digest,
                            SpecDigest(own, absl::StrJoin(inputs, "\n")));
  const std::vector<std::string> all = read.all();
  return PendingIf(std::any_of(all.begin(), all.end(), IsPending),
                   std::move(digest));
}

std::string WeightsId(absl::string_view run_id) {
  return PendingIf(
      IsPending(run_id),
      TextDigest("transect.TrainedWeights",
                 absl::StrCat("run=", run_id, "\nmaker=", kTrainingVersion)));
}

absl::StatusOr<std::string> EvaluationId(const RunSpec& run,
                                         absl::string_view run_id,
                                         absl::string_view split,
                                         const Reads& reads) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string data,
                            SplitId(run.data(), split, reads));
  TRANSECT_ASSIGN_OR_RETURN(
      std::string digest,
      SpecDigest(run.evaluation(),
                 absl::StrCat("run=", run_id, "\nsplit=", split, "\ndata=",
                              data, "\nmaker=", kEvaluationVersion)));
  return PendingIf(IsPending(run_id), std::move(digest));
}

}  // namespace transect
