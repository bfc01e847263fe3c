#include "experiments/identity/run_id.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/synthetic/version.h"
#include "data/text/version.h"
#include "experiments/identity/canonical.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// An identity that rests on `parts` is pending where one of them is.
std::string PendingIf(bool pending, std::string digest) {
  return pending ? absl::StrCat(kPendingPrefix, digest) : digest;
}

// The identity of a found input: its content, and in `spec`, cleared of the
// role, how it is read.
absl::StatusOr<std::string> FoundId(const google::protobuf::Message& spec,
                                    const std::string& key,
                                    const InputIdentities& found) {
  const auto content = found.find(key);
  const bool pending = content == found.end();
  TRANSECT_ASSIGN_OR_RETURN(
      std::string digest,
      SpecDigest(spec, pending ? absl::StrCat("role=", key)
                               : absl::StrCat("content=", content->second)));
  return PendingIf(pending, std::move(digest));
}

void AddOnce(Input input, std::vector<Input>* inputs) {
  const auto same = [&input](const Input& other) {
    return other.kind == input.kind && other.identity == input.identity;
  };
  if (std::none_of(inputs->begin(), inputs->end(), same)) {
    inputs->push_back(std::move(input));
  }
}

absl::StatusOr<std::string> AddData(const DataSpec& spec,
                                    const InputIdentities& found,
                                    std::vector<Input>* inputs) {
  Input input;
  input.kind = Input::Kind::kData;
  switch (spec.source_case()) {
    case DataSpec::kFound: {
      input.role = spec.found().role();
      input.format = spec.found().format();
      FoundDataset without_role = spec.found();
      without_role.clear_role();
      TRANSECT_ASSIGN_OR_RETURN(
          input.identity,
          FoundId(without_role, FoundKey(input.kind, input.role, input.format),
                  found));
      break;
    }
    case DataSpec::kSynthesis: {
      input.recipe = spec.synthesis();
      TRANSECT_ASSIGN_OR_RETURN(input.identity, MadeDataId(spec.synthesis()));
      break;
    }
    case DataSpec::SOURCE_NOT_SET:
      return absl::InvalidArgumentError("data: say found or synthesis");
  }
  std::string identity = input.identity;
  AddOnce(std::move(input), inputs);
  return identity;
}

absl::StatusOr<std::string> AddTokenizer(const TokenizerSpec& spec,
                                         const InputIdentities& found,
                                         std::vector<Input>* inputs) {
  Input input;
  input.kind = Input::Kind::kTokenizer;
  switch (spec.source_case()) {
    case TokenizerSpec::kFound: {
      input.role = spec.found().role();
      FoundTokenizer without_role = spec.found();
      without_role.clear_role();
      TRANSECT_ASSIGN_OR_RETURN(
          input.identity,
          FoundId(without_role, FoundKey(input.kind, input.role, input.format),
                  found));
      break;
    }
    case TokenizerSpec::kSentencepiece: {
      DataSpec corpus;
      *corpus.mutable_synthesis() = spec.sentencepiece().corpus();
      TRANSECT_ASSIGN_OR_RETURN(input.reads.data,
                                AddData(corpus, found, inputs));
      input.recipe = spec.sentencepiece();
      TRANSECT_ASSIGN_OR_RETURN(input.identity,
                                MadeTokenizerId(spec.sentencepiece()));
      break;
    }
    case TokenizerSpec::SOURCE_NOT_SET:
      return absl::InvalidArgumentError(
          "tokenizer: say found or sentencepiece");
  }
  std::string identity = input.identity;
  AddOnce(std::move(input), inputs);
  return identity;
}

absl::StatusOr<Reads> AddInputs(const RunSpec& run,
                                const InputIdentities& found,
                                std::vector<Input>* inputs);

// Identity of the weights that a run with this id makes.
std::string WeightsId(absl::string_view run_id) {
  return PendingIf(
      IsPending(run_id),
      TextDigest("transect.TrainedWeights",
                 absl::StrCat("run=", run_id, "\nmaker=", kTrainingVersion)));
}

absl::StatusOr<std::string> AddFoundWeights(absl::string_view role,
                                            const InputIdentities& found,
                                            std::vector<Input>* inputs) {
  Input input;
  input.kind = Input::Kind::kWeights;
  input.role = std::string(role);
  // Which parts are read is the run's; the directory is what it is.
  TRANSECT_ASSIGN_OR_RETURN(
      input.identity,
      FoundId(FoundWeights(), FoundKey(input.kind, input.role, input.format),
              found));
  std::string identity = input.identity;
  AddOnce(std::move(input), inputs);
  return identity;
}

absl::Status AddWeights(const WeightsSpec& spec, const InputIdentities& found,
                        std::vector<Input>* inputs, Reads* reads) {
  switch (spec.source_case()) {
    case WeightsSpec::kRandom:
      break;
    case WeightsSpec::kTrained: {
      Input input;
      input.kind = Input::Kind::kWeights;
      input.recipe = spec.trained().run();
      TRANSECT_ASSIGN_OR_RETURN(input.reads,
                                AddInputs(spec.trained().run(), found, inputs));
      TRANSECT_ASSIGN_OR_RETURN(const std::string id,
                                RunId(spec.trained().run(), input.reads));
      input.identity = WeightsId(id);
      reads->weights = input.identity;
      AddOnce(std::move(input), inputs);
      break;
    }
    case WeightsSpec::kFound:
      if (spec.found().has_siglip_role()) {
        TRANSECT_ASSIGN_OR_RETURN(
            reads->siglip,
            AddFoundWeights(spec.found().siglip_role(), found, inputs));
      }
      if (spec.found().has_sam_role()) {
        TRANSECT_ASSIGN_OR_RETURN(
            reads->sam,
            AddFoundWeights(spec.found().sam_role(), found, inputs));
      }
      break;
    case WeightsSpec::SOURCE_NOT_SET:
      return absl::InvalidArgumentError(
          "weights: say random, trained or found");
  }
  if (spec.has_adapters()) {
    TRANSECT_ASSIGN_OR_RETURN(
        reads->adapters,
        AddFoundWeights(spec.adapters().role(), found, inputs));
  }
  return absl::OkStatus();
}

absl::StatusOr<Reads> AddInputs(const RunSpec& run,
                                const InputIdentities& found,
                                std::vector<Input>* inputs) {
  Reads reads;
  TRANSECT_ASSIGN_OR_RETURN(reads.data, AddData(run.data(), found, inputs));
  TRANSECT_ASSIGN_OR_RETURN(reads.tokenizer,
                            AddTokenizer(run.tokenizer(), found, inputs));
  TRANSECT_RETURN_IF_ERROR(AddWeights(run.weights(), found, inputs, &reads));
  return reads;
}

}  // namespace

std::vector<std::string> Reads::all() const {
  std::vector<std::string> identities;
  for (const std::string* identity :
       {&data, &tokenizer, &weights, &siglip, &sam, &adapters}) {
    if (!identity->empty()) identities.push_back(*identity);
  }
  return identities;
}

bool IsPending(absl::string_view identity) {
  return absl::StartsWith(identity, kPendingPrefix);
}

absl::string_view KindName(Input::Kind kind) {
  switch (kind) {
    case Input::Kind::kData:
      return "data";
    case Input::Kind::kTokenizer:
      return "tokenizer";
    case Input::Kind::kWeights:
      return "weights";
  }
  return "";
}

std::string FoundKey(Input::Kind kind, absl::string_view role,
                     FoundDataset::Format format) {
  return absl::StrCat(
      KindName(kind), "/", role,
      format == FoundDataset::RRSISD
          ? ""
          : absl::StrCat(" (", FoundDataset::Format_Name(format), ")"));
}

absl::StatusOr<RunInputs> ListInputs(const RunSpec& run,
                                     const InputIdentities& found) {
  RunInputs result;
  TRANSECT_ASSIGN_OR_RETURN(result.reads,
                            AddInputs(run, found, &result.inputs));
  return result;
}

absl::StatusOr<std::string> RunId(const RunSpec& run, const Reads& reads) {
  // Identities stand in for the sources; what else the messages say remains.
  RunSpec own = run;
  own.mutable_data()->clear_source();
  own.mutable_tokenizer()->clear_source();
  own.mutable_weights()->clear_source();
  if (own.weights().has_adapters()) {
    own.mutable_weights()->mutable_adapters()->clear_role();
  }
  std::string inputs = absl::StrCat(
      "data=", reads.data, "\ntokenizer=", reads.tokenizer,
      "\nweights=", reads.weights.empty() ? "random" : reads.weights);
  if (!reads.siglip.empty())
    absl::StrAppend(&inputs, "\nsiglip=", reads.siglip);
  if (!reads.sam.empty()) absl::StrAppend(&inputs, "\nsam=", reads.sam);
  if (!reads.adapters.empty()) {
    absl::StrAppend(&inputs, "\nadapters=", reads.adapters);
  }
  TRANSECT_ASSIGN_OR_RETURN(std::string digest, SpecDigest(own, inputs));
  const std::vector<std::string> all = reads.all();
  return PendingIf(std::any_of(all.begin(), all.end(), IsPending),
                   std::move(digest));
}

absl::StatusOr<std::string> MadeDataId(const SynthesisSpec& spec) {
  return SpecDigest(spec, absl::StrCat("maker=", kSynthesisVersion));
}

absl::StatusOr<std::string> MadeTokenizerId(const SentencepieceSpec& spec) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string corpus,
                            MadeDataId(spec.corpus()));
  SentencepieceSpec own = spec;
  own.clear_corpus();
  return SpecDigest(
      own, absl::StrCat("maker=", kTokenizerVersion, "\ncorpus=", corpus));
}

absl::StatusOr<std::string> TrainedWeightsId(const RunSpec& run,
                                             const InputIdentities& found) {
  TRANSECT_ASSIGN_OR_RETURN(const RunInputs inputs, ListInputs(run, found));
  TRANSECT_ASSIGN_OR_RETURN(const std::string id, RunId(run, inputs.reads));
  return WeightsId(id);
}

}  // namespace transect
