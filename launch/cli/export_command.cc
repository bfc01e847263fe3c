#include "launch/cli/export_command.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/cli/commands.h"
#include "launch/cli/run_files.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/site.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<int> ExportCommand(const CommandContext& context,
                                  const ExportOptions& options) {
  if (options.peft.empty() && options.merged.empty()) {
    return absl::InvalidArgumentError(
        "nothing to export: name a directory with --peft or --merged");
  }
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
  TRANSECT_ASSIGN_OR_RETURN(const Store store,
                            Store::Open(StoreRoot(context.store, site)));
  TRANSECT_ASSIGN_OR_RETURN(const BuiltWorker worker,
                            FindWorker(context.argv[0]));
  TRANSECT_ASSIGN_OR_RETURN(const std::string code, CodePart(worker));
  TRANSECT_ASSIGN_OR_RETURN(const FoundRun run,
                            FindRun(store, code, options.run));
  // Adapters are what was trained; a merged model is that on its base.
  TRANSECT_ASSIGN_OR_RETURN(
      const RunFiles files,
      FilesOfRun(
          store, run,
          options.merged.empty() ? InputsUsed::kNone : InputsUsed::kWeights));
  WorkerRequest request;
  ExportRequest& what = *request.mutable_export_weights();
  *what.mutable_train() = files.job();
  what.set_trained_weights(files.trained_weights_path());
  if (!options.peft.empty()) what.set_peft(options.peft);
  if (!options.merged.empty()) what.set_merged(options.merged);
  return RunWorkerRequest(context, request);
}

}  // namespace transect
