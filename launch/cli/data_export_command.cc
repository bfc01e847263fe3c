// `transect data export`.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "launch/cli/coco_results.h"
#include "launch/cli/commands.h"
#include "launch/cli/data_commands.h"
#include "launch/cli/session.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/site.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> ExportRun(const CommandContext& context,
                              const DataExportOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
  TRANSECT_ASSIGN_OR_RETURN(const Store store,
                            Store::Open(StoreRoot(context.store, site)));
  std::string code;
  if (const absl::StatusOr<BuiltWorker> worker = FindWorker(context.argv[0]);
      worker.ok()) {
    TRANSECT_ASSIGN_OR_RETURN(code, CodePart(*worker));
  }
  TRANSECT_ASSIGN_OR_RETURN(const FoundRun run,
                            FindRun(store, code, options.run));
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            CocoResults(run, options.split));
  if (options.out.empty()) {
    TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  } else {
    TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(options.out, text));
    TRANSECT_RETURN_IF_ERROR(PrintOut(absl::StrCat(options.out, "\n")));
  }
  return 0;
}

}  // namespace

absl::StatusOr<int> DataExportCommand(const CommandContext& context,
                                      const DataExportOptions& options) {
  const bool of_run = !options.run.empty();
  const bool of_data = !options.root.empty();
  if (of_run == of_data) {
    return absl::InvalidArgumentError(
        "say either --run ID (its predictions as COCO run lengths) or DIR with "
        "--jsonl OUT (a data set's annotations)");
  }
  if (of_run && !options.jsonl.empty()) {
    return absl::InvalidArgumentError("--jsonl takes DIR, not --run");
  }
  if (of_data && (!options.out.empty() || !options.split.empty())) {
    return absl::InvalidArgumentError("--out and --split go with --run");
  }
  if (of_run) {
    return ExportRun(context, options);
  }
  if (options.jsonl.empty()) {
    return absl::InvalidArgumentError("DIR needs --jsonl OUT");
  }
  WorkerRequest request;
  ExportDataRequest& data = *request.mutable_export_data();
  TRANSECT_ASSIGN_OR_RETURN(const FoundDataset::Format format,
                            LayoutByName(options.format_of_data));
  data.set_root(options.root);
  data.set_format(format);
  data.set_jsonl(options.jsonl);
  return RunWorkerRequest(context, request);
}

}  // namespace transect
