#include "launch/worker/request.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/launch.pb.h"
#include "launch/worker/data_requests.h"
#include "launch/worker/export_request.h"
#include "launch/worker_request.pb.h"

namespace transect {

absl::StatusOr<ExitCode::Code> RunRequest(const WorkerRequest& request) {
  switch (request.request_case()) {
    case WorkerRequest::kSynthesizeData:
      return SynthesizeData(request.synthesize_data());
    case WorkerRequest::kExportWeights:
      return ExportWeights(request.export_weights());
    case WorkerRequest::REQUEST_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("the request asks for nothing");
}

}  // namespace transect
