#include "launch/worker/request.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/data/check_data_request.h"
#include "launch/worker/data/export_data_request.h"
#include "launch/worker/data/export_items_request.h"
#include "launch/worker/data/gallery_request.h"
#include "launch/worker/data/synthesize_data_request.h"
#include "launch/worker/evaluate_request.h"
#include "launch/worker/export_request.h"
#include "launch/worker/predict_request.h"

namespace transect {

absl::StatusOr<ExitCode::Code> RunRequest(const WorkerRequest& request) {
  switch (request.request_case()) {
    case WorkerRequest::kSynthesizeData:
      return SynthesizeData(request.synthesize_data());
    case WorkerRequest::kGallery:
      return WriteGallery(request.gallery());
    case WorkerRequest::kPredict:
      return Predict(request.predict());
    case WorkerRequest::kEvaluate:
      return EvaluateRun(request.evaluate());
    case WorkerRequest::kDrawItems:
      return DrawItems(request.draw_items());
    case WorkerRequest::kCheckData:
      return CheckData(request.check_data());
    case WorkerRequest::kCheckUsedData:
      return CheckUsedData(request.check_used_data());
    case WorkerRequest::kExportData:
      return ExportData(request.export_data());
    case WorkerRequest::kExportItems:
      return ExportItems(request.export_items());
    case WorkerRequest::kExportWeights:
      return ExportWeights(request.export_weights());
    case WorkerRequest::REQUEST_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("the request asks for nothing");
}

}  // namespace transect
