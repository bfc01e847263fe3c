#include "launch/plan/found_contents.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "launch/plan/jobs.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The content that gives the input its identity; a role may stand for two data
// sets, one in each layout.
absl::StatusOr<std::string> ContentOf(InputName name, const Input& input,
                                      absl::Span<const FoundInput> found,
                                      const std::string& identity,
                                      const RunSpec& run) {
  for (const FoundInput& candidate : found) {
    if (candidate.kind != input.kind || candidate.role != input.role) continue;
    TRANSECT_ASSIGN_OR_RETURN(
        const RunInputs inputs,
        ListInputs(run, {{FoundKey(input.kind, input.role, input.format()),
                          candidate.identity}}));
    if (inputs.reads[name] == identity) return candidate.identity;
  }
  return absl::InternalError(
      absl::StrCat("no content that was found has the identity ", identity,
                   " of the ", InfoOf(name).noun));
}

}  // namespace

absl::Status AddFoundContents(absl::Span<const FoundInput> found,
                              const JobInputs& inputs, TrainJob* train) {
  TRANSECT_ASSIGN_OR_RETURN(const auto sources, SourcesOf(train->run()));
  const Reads reads = ReadsOf(inputs);
  train->clear_found();
  for (const auto& [name, input] : sources) {
    if (input.made()) continue;
    TRANSECT_ASSIGN_OR_RETURN(
        const std::string sha256,
        ContentOf(name, input, found, reads[name], train->run()));
    FoundContent* const content = train->add_found();
    content->set_input(std::string(InfoOf(name).text));
    content->set_sha256(sha256);
  }
  return absl::OkStatus();
}

}  // namespace transect
