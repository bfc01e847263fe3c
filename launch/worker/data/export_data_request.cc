#include "launch/worker/data/export_data_request.h"

#include <cstdint>
#include <iostream>

#include "absl/status/statusor.h"
#include "data/index/export_jsonl.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> ExportData(const ExportDataRequest& request) {
  TRANSECT_ASSIGN_OR_RETURN(
      const int64_t rows,
      ExportJsonl(request.format(), request.root(), request.jsonl()));
  std::cerr << rows << " rows\n";
  std::cout << request.jsonl() << std::endl;
  return ExitCode::OK;
}

}  // namespace transect
