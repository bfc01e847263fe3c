#include "launch/plan/found_contents.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "google/protobuf/repeated_field.h"
#include "launch/plan/jobs.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Adds the content that gives the input its identity; a role may stand for two
// data sets, one in each layout.
absl::Status AddContentOf(
    InputName name, const Input& input, absl::Span<const FoundInput> found,
    const JobInputs& inputs,
    google::protobuf::RepeatedPtrField<FoundContent>* contents) {
  const std::string identity = ReadsOf(inputs)[name];
  for (const FoundInput& candidate : found) {
    if (candidate.kind != input.kind || candidate.role != input.role) continue;
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string own,
        FoundInputId(input, {{FoundKey(input.kind, input.role, input.format()),
                              candidate.identity}}));
    if (own != identity) continue;
    FoundContent* const content = contents->Add();
    content->set_input(std::string(InfoOf(name).text));
    content->set_sha256(candidate.identity);
    return absl::OkStatus();
  }
  return absl::InternalError(
      absl::StrCat("no content that was found has the identity ", identity,
                   " of the ", InfoOf(name).noun));
}

}  // namespace

absl::Status AddFoundContents(absl::Span<const FoundInput> found,
                              const JobInputs& inputs, TrainJob* train) {
  TRANSECT_ASSIGN_OR_RETURN(const auto sources, SourcesOf(train->run()));
  train->clear_found();
  for (const auto& [name, input] : sources) {
    if (input.made()) continue;
    TRANSECT_RETURN_IF_ERROR(
        AddContentOf(name, input, found, inputs, train->mutable_found()));
  }
  return absl::OkStatus();
}

absl::Status AddFoundContents(absl::Span<const FoundInput> found,
                              const JobInputs& inputs,
                              TokenizerJob* tokenizer) {
  tokenizer->clear_found();
  const Input corpus = CorpusOf(tokenizer->spec());
  return corpus.made() ? absl::OkStatus()
                       : AddContentOf(InputName::kData, corpus, found, inputs,
                                      tokenizer->mutable_found());
}

}  // namespace transect
