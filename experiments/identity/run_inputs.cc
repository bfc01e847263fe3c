#include "experiments/identity/run_inputs.h"

#include "absl/status/status.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Source = absl::StatusOr<std::optional<Input>>;

Input FoundWeightsOf(const std::string& role) {
  Input input;
  input.kind = InputKind::kWeights;
  input.role = role;
  return input;
}

Source DataSource(const DataSpec& spec) {
  Input input;
  input.kind = InputKind::kData;
  if (spec.has_found()) {
    input.role = spec.found().role();
    input.reading = spec.found();
    input.reading.clear_role();
  } else if (spec.has_synthesis()) {
    input.recipe = spec.synthesis();
  } else {
    return absl::InvalidArgumentError("data: say found or synthesis");
  }
  return input;
}

Source TokenizerSource(const TokenizerSpec& spec) {
  Input input;
  input.kind = InputKind::kTokenizer;
  if (spec.has_found()) {
    input.role = spec.found().role();
  } else if (spec.has_sentencepiece()) {
    input.recipe = spec.sentencepiece();
  } else {
    return absl::InvalidArgumentError("tokenizer: say found or sentencepiece");
  }
  return input;
}

Source TrainedSource(const WeightsSpec& spec) {
  if (spec.source_case() == WeightsSpec::SOURCE_NOT_SET) {
    return absl::InvalidArgumentError("weights: say random, trained or found");
  }
  if (!spec.has_trained()) return std::nullopt;
  Input input;
  input.kind = InputKind::kWeights;
  input.recipe = spec.trained().run();
  return input;
}

}  // namespace

absl::string_view KindName(InputKind kind) {
  switch (kind) {
    case InputKind::kData:
      return "data";
    case InputKind::kTokenizer:
      return "tokenizer";
    case InputKind::kWeights:
      return "weights";
  }
  return "";
}

std::vector<std::string> Reads::all() const {
  std::vector<std::string> identities;
  for (const std::string& identity : identities_) {
    if (!identity.empty()) identities.push_back(identity);
  }
  return identities;
}

Input CorpusOf(const SentencepieceSpec& spec) {
  Input input;
  input.kind = InputKind::kData;
  if (spec.has_found_corpus()) {
    const FoundCorpus& corpus = spec.found_corpus();
    input.role = corpus.role();
    input.reading.set_format(corpus.format());
    input.reading.set_sentence_field(corpus.sentence_field());
  } else {
    input.recipe = spec.corpus();
  }
  return input;
}

absl::StatusOr<std::optional<Input>> SourceOf(InputName name,
                                              const RunSpec& run) {
  const WeightsSpec& weights = run.weights();
  switch (name) {
    case InputName::kData:
      return DataSource(run.data());
    case InputName::kTokenizer:
      return TokenizerSource(run.tokenizer());
    case InputName::kWeights:
      return TrainedSource(weights);
    case InputName::kSiglip:
      if (!weights.found().has_siglip_role()) break;
      return FoundWeightsOf(weights.found().siglip_role());
    case InputName::kSam:
      if (!weights.found().has_sam_role()) break;
      return FoundWeightsOf(weights.found().sam_role());
    case InputName::kAdapters:
      if (!weights.has_adapters()) break;
      return FoundWeightsOf(weights.adapters().role());
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<std::pair<InputName, Input>>> SourcesOf(
    const RunSpec& run) {
  std::vector<std::pair<InputName, Input>> sources;
  for (const InputInfo& info : kRunInputs) {
    TRANSECT_ASSIGN_OR_RETURN(std::optional<Input> source,
                              SourceOf(info.name, run));
    if (source.has_value()) sources.emplace_back(info.name, *std::move(source));
  }
  return sources;
}

void ClearSources(RunSpec* run) {
  run->mutable_data()->clear_source();
  run->mutable_tokenizer()->clear_source();
  run->mutable_weights()->clear_source();
  if (run->weights().has_adapters()) {
    run->mutable_weights()->mutable_adapters()->clear_role();
  }
}

}  // namespace transect
