#include "launch/data_commands.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "data/spec.h"
#include "launch/commands.h"
#include "launch/worker_command.h"
#include "launch/worker_request.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<int> DataSynthCommand(const CommandContext& context,
                                     const DataSynthOptions& options) {
  WorkerRequest request;
  SynthesizeDataRequest& synthesize = *request.mutable_synthesize_data();
  synthesize.set_out(options.out);
  if (!options.recipe.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(*synthesize.mutable_spec(),
                              ReadTextproto<SynthesisSpec>(options.recipe));
  }
  Problems problems;
  ValidateSynthesisSpec(synthesize.spec(), "", &problems);
  if (!problems.empty()) {
    std::string message;
    for (const Problem& problem : problems.all()) {
      absl::StrAppend(&message, message.empty() ? "" : "\n",
                      options.recipe.empty() ? "recipe" : options.recipe, ": ",
                      problem.field, " ", problem.message);
    }
    return absl::InvalidArgumentError(message);
  }
  return RunWorkerRequest(context, request);
}

}  // namespace transect
