#include "launch/worker/data_file_requests.h"

#include <cstdint>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/index/check.h"
#include "data/index/check_report.pb.h"
#include "data/index/export_jsonl.h"
#include "data/index/index_cache.h"
#include "google/protobuf/util/json_util.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<std::string> Json(const DataCheckReport& report) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status =
      google::protobuf::util::MessageToJsonString(report, &text, options);
  if (!status.ok()) {
    return absl::InternalError(
        absl::StrCat("cannot print the report as JSON: ", status.ToString()));
  }
  return text;
}

}  // namespace

absl::StatusOr<ExitCode::Code> CheckData(const CheckDataRequest& request) {
  CheckOptions options;
  options.tokenizer = request.tokenizer();
  options.max_tokens = request.max_tokens();
  options.examples = request.examples();
  options.cache_dir = IndexCacheDir();
  int64_t told = 0;
  options.progress = [&told](int64_t done, int64_t total) {
    if (total > 0 && 10 * done / total != told) {
      told = 10 * done / total;
      std::cerr << done << " of " << total << " records\n";
    }
  };
  TRANSECT_ASSIGN_OR_RETURN(
      DataCheckReport report,
      CheckDataset(request.format(), request.root(), options));
  report.set_identity(request.identity());
  if (request.output() == CheckDataRequest::JSON) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text, Json(report));
    std::cout << text << std::flush;
  } else {
    std::cout << RenderDataCheck(report) << std::flush;
  }
  return StopsRun(report) ? ExitCode::FOUND : ExitCode::OK;
}

absl::StatusOr<ExitCode::Code> ExportData(const ExportDataRequest& request) {
  TRANSECT_ASSIGN_OR_RETURN(
      const int64_t rows,
      ExportJsonl(request.format(), request.root(), request.jsonl()));
  std::cerr << rows << " rows\n";
  std::cout << request.jsonl() << std::endl;
  return ExitCode::OK;
}

}  // namespace transect
