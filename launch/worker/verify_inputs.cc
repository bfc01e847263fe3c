#include "launch/worker/verify_inputs.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/identity/run_inputs.h"
#include "launch/inputs/found_input.h"
#include "launch/inputs/made_input.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/exit_codes.h"
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

absl::Status VerifyFound(InputName name, const Input& input,
                         const LaunchPlan& plan, Result* result) {
  for (const FoundContent& content : plan.train().found()) {
    if (content.input() != InfoOf(name).text) continue;
    TRANSECT_ASSIGN_OR_RETURN(const Store store, Store::Open(plan.store()));
    TRANSECT_RETURN_IF_ERROR(CheckFoundInput(store, input.kind,
                                             PlaceOf(name, plan.train()),
                                             content.sha256(), input.format()));
    AddDigest(name, content.sha256(), result);
  }
  return absl::OkStatus();
}

absl::Status VerifyTraining(const LaunchPlan& plan, Result* result) {
  TRANSECT_ASSIGN_OR_RETURN(const auto sources, SourcesOf(plan.train().run()));
  for (const auto& [name, input] : sources) {
    TRANSECT_RETURN_IF_ERROR(
        input.made() ? VerifyMade(name, PlaceOf(name, plan.train()), result)
                     : VerifyFound(name, input, plan, result));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyInputs(const LaunchPlan& plan, int rank, Result* result) {
  if (rank != 0) return absl::OkStatus();
  absl::Status status;
  if (plan.has_train()) {
    status = VerifyTraining(plan, result);
  } else if (plan.has_tokenizer()) {
    status =
        VerifyMade(InputName::kData, plan.tokenizer().corpus_root(), result);
  }
  return MarkExitCode(std::move(status), ExitCode::DATA);
}

}  // namespace transect
