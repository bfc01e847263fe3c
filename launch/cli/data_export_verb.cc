// `transect data export`.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "launch/cli/coco_results.h"
#include "launch/cli/output.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/find_run.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct DataExportOptions {
  // Either a run with the split (empty: the only one) and the file (empty:
  // stdout), ...
  RunReferenceOptions run;
  std::string split;
  std::string out;
  // ... or a data set.
  ExportDataRequest request;
};

absl::Status CheckOptions(const DataExportOptions& options) {
  const bool of_run = !options.run.run.empty();
  if (of_run == options.request.has_root()) {
    return absl::InvalidArgumentError(
        "give either --run ID (its predictions as COCO run lengths) or DIR "
        "with --jsonl OUT (a data set's annotations)");
  }
  if (of_run && options.request.has_jsonl()) {
    return absl::InvalidArgumentError("--jsonl goes with DIR, not with --run");
  }
  if (!of_run && (!options.out.empty() || !options.split.empty())) {
    return absl::InvalidArgumentError("--out and --split go with --run");
  }
  if (!of_run && !options.request.has_jsonl()) {
    return absl::InvalidArgumentError("DIR needs --jsonl OUT");
  }
  return absl::OkStatus();
}

absl::StatusOr<int> ExportData(const CommandContext& context,
                               const DataExportOptions& options) {
  TRANSECT_RETURN_IF_ERROR(CheckOptions(options));
  if (options.run.run.empty()) {
    TRANSECT_RETURN_IF_ERROR(
        CheckReading(options.request.reading(), options.request.root()));
    WorkerRequest request;
    *request.mutable_export_data() = options.request;
    return RunWorkerRequest(context, request);
  }
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.run.spec));
  TRANSECT_ASSIGN_OR_RETURN(const ReferredRun referred,
                            references.FindDone(options.run.run));
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            CocoResults(*referred.found, options.split));
  if (options.out.empty()) {
    TRANSECT_RETURN_IF_ERROR(PrintOut(text, Printed::kDocument));
  } else {
    TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(options.out, text));
    TRANSECT_RETURN_IF_ERROR(PrintOut(absl::StrCat(options.out, "\n")));
  }
  return 0;
}

}  // namespace

void AddDataExportVerb(CLI::App* data, CommandLine* line) {
  CLI::App* verb = data->add_subcommand(
      "export",
      "Write a run's predictions as COCO results (--run ID), or a data set's "
      "annotations as JSON lines (DIR --jsonl OUT).");
  const auto options = std::make_shared<DataExportOptions>();
  AddField(verb, "DIR", "root", &options->request, "Root of a data set.");
  AddReadingFlags(verb, options->request.mutable_reading());
  AddField(verb, "--jsonl", "jsonl", &options->request,
           "Directory to make for DIR's annotations in the form that RSRefSeg "
           "reads, beside a link to the images.");
  AddRunReference(verb, line, &options->run);
  verb->add_option("--split", options->split,
                   "Split of the predictions, where a run has several.");
  verb->add_option("--out", options->out,
                   "File for the predictions. Default: standard output.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, ExportData);
}

}  // namespace transect
