#include "launch/worker/verify_inputs.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/identity/run_inputs.h"
#include "google/protobuf/repeated_field.h"
#include "launch/inputs/found_input.h"
#include "launch/inputs/made_input.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

void AddDigest(InputName name, std::string sha256, Result* result) {
  InputDigest* const digest = result->add_input();
  digest->set_input(std::string(InfoOf(name).text));
  digest->set_sha256(std::move(sha256));
}

absl::Status VerifyMade(InputName name, const std::string& place,
                        Result* result) {
  TRANSECT_ASSIGN_OR_RETURN(std::string sha256,
                            CheckMadeInput(InfoOf(name).kind, place));
  AddDigest(name, std::move(sha256), result);
  return absl::OkStatus();
}

// `contents` are those that the plan tells of.
absl::Status VerifyFound(
    InputName name, const Input& input, const std::string& place,
    const google::protobuf::RepeatedPtrField<FoundContent>& contents,
    const LaunchPlan& plan, Result* result) {
  for (const FoundContent& content : contents) {
    if (content.input() != InfoOf(name).text) continue;
    TRANSECT_ASSIGN_OR_RETURN(const Store store, Store::Open(plan.store()));
    TRANSECT_RETURN_IF_ERROR(CheckFoundInput(store, input.kind, place,
                                             content.sha256(), input.format()));
    AddDigest(name, content.sha256(), result);
  }
  return absl::OkStatus();
}

absl::Status VerifyTraining(const LaunchPlan& plan, Result* result) {
  TRANSECT_ASSIGN_OR_RETURN(const auto sources, SourcesOf(plan.train().run()));
  for (const auto& [name, input] : sources) {
    const std::string& place = PlaceOf(name, plan.train());
    TRANSECT_RETURN_IF_ERROR(input.made() ? VerifyMade(name, place, result)
                                          : VerifyFound(name, input, place,
                                                        plan.train().found(),
                                                        plan, result));
  }
  return absl::OkStatus();
}

absl::Status VerifyCorpus(const LaunchPlan& plan, Result* result) {
  const TokenizerJob& job = plan.tokenizer();
  const Input corpus = CorpusOf(job.spec());
  return corpus.made()
             ? VerifyMade(InputName::kData, job.corpus_root(), result)
             : VerifyFound(InputName::kData, corpus, job.corpus_root(),
                           job.found(), plan, result);
}

}  // namespace

absl::Status VerifyInputs(const LaunchPlan& plan, int rank, Result* result) {
  if (rank != 0) return absl::OkStatus();
  absl::Status status;
  if (plan.has_train()) {
    status = VerifyTraining(plan, result);
  } else if (plan.has_tokenizer()) {
    status = VerifyCorpus(plan, result);
  }
  return MarkExitCode(std::move(status), ExitCode::DATA);
}

}  // namespace transect
