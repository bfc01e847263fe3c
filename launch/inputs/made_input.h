/// \file
/// What the jobs that make inputs left behind, held against what they said of
/// it when they were done.
#ifndef TRANSECT_LAUNCH_INPUTS_MADE_INPUT_H_
#define TRANSECT_LAUNCH_INPUTS_MADE_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "experiments/identity/run_inputs.h"

namespace transect {

/// Reads every byte of a made input: at `place` lies what a run reads, in the
/// directory of the job that made it (launch/store/store.h). A data set is
/// data/ there: each file that the job listed in data.sha256 must be as it was,
/// and the list itself as result.textproto says. A tokenizer or trained weights
/// is a file whose digest is in result.textproto.
///
/// Returns the SHA-256 of data.sha256 or of the file. kDataLoss names the file
/// that is gone or has other bytes, and the directory to remove.
absl::StatusOr<std::string> CheckMadeInput(InputKind kind,
                                           const std::string& place);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_INPUTS_MADE_INPUT_H_
