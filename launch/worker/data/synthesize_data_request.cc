#include "launch/worker/data/synthesize_data_request.h"

#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "data/data.pb.h"
#include "data/spec.h"
#include "data/synthetic/blind_bounds.h"
#include "data/synthetic/synthesis.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/data/progress.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<ExitCode::Code> SynthesizeData(
    const SynthesizeDataRequest& request) {
  DataSpec spec;
  *spec.mutable_synthesis() = request.spec();
  ResolveDataSpec(&spec);
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<BlindBound> bounds,
      WriteSyntheticDataset(spec.synthesis(), request.out(),
                            PrintTenths("images")));
  std::cout << request.out() << "\n";
  for (const BlindBound& bound : bounds) {
    std::cout << absl::StrFormat(
        "%-5s %6d images; gIoU without reading the sentence: all objects "
        "%.2f %%, most frequent place %.2f %%\n",
        bound.split, bound.images, 100 * bound.all_objects,
        100 * bound.frequent_place);
  }
  std::cout.flush();
  return ExitCode::OK;
}

}  // namespace transect
