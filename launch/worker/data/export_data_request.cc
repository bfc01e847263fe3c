#include "launch/worker/data/export_data_request.h"

#include <iostream>

#include "absl/status/statusor.h"
#include "data/index/export_jsonl.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> ExportData(const ExportDataRequest& request) {
  TRANSECT_ASSIGN_OR_RETURN(
      const ExportedRows exported,
      ExportJsonl(request.reading(), request.root(), request.jsonl()));
  std::cerr << exported.rows << " rows\n";
  if (exported.with_ignored > 0) {
    std::cerr << exported.with_ignored
              << " of them have ignored pixels, which JSON lines cannot say: "
                 "they are background there\n";
  }
  std::cout << request.jsonl() << std::endl;
  return ExitCode::OK;
}

}  // namespace transect
