#include "launch/worker/data/check_data_request.h"

#include <iostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/index/check.h"
#include "data/index/check_report.pb.h"
#include "data/index/index_cache.h"
#include "data/io/proto_json.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/data/progress.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> CheckData(const CheckDataRequest& request) {
  CheckOptions options;
  options.tokenizer = request.tokenizer();
  options.max_tokens = request.max_tokens();
  options.examples = request.examples();
  options.cache_dir = IndexCacheDir();
  options.progress = PrintTenths("records");
  TRANSECT_ASSIGN_OR_RETURN(
      DataCheckReport report,
      CheckDataset(request.reading(), request.root(), options));
  report.set_identity(request.identity());
  if (request.output() == CheckDataRequest::JSON) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text, PrintProtoJson(report));
    std::cout << text << std::flush;
  } else {
    std::cout << RenderDataCheck(report) << std::flush;
  }
  return StopsRun(report) ? ExitCode::FOUND : ExitCode::OK;
}

absl::StatusOr<ExitCode::Code> CheckUsedData(
    const CheckUsedDataRequest& request) {
  CheckOptions options;
  options.examples = request.examples();
  options.cache_dir = IndexCacheDir();
  ExitCode::Code code = ExitCode::OK;
  for (const CheckUsedDataRequest::Use& use : request.use()) {
    options.progress = PrintTenths("records");
    const std::vector<std::string> splits(use.split().begin(),
                                          use.split().end());
    TRANSECT_ASSIGN_OR_RETURN(
        const DataCheckReport report,
        CheckUsedSplits(use.data(), use.root(), splits, options));
    if (!StopsRun(report)) continue;
    code = ExitCode::FOUND;
    std::cerr << RenderDataCheck(report) << std::flush;
  }
  return code;
}

}  // namespace transect
