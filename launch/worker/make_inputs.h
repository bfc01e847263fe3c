/// \file
/// The jobs that make inputs of runs: data sets and tokenizers. One rank, no
/// LibTorch.
///
/// input: a `LaunchPlan` with `synthesis` or `tokenizer`; output: files in the
/// job's directory, each complete or absent, then result.textproto. What
/// earlier attempts left behind is removed.
#ifndef TRANSECT_LAUNCH_WORKER_MAKE_INPUTS_H_
#define TRANSECT_LAUNCH_WORKER_MAKE_INPUTS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/store/job.pb.h"

namespace transect {

/// Writes the data set into data/ and its manifest.
absl::Status RunSynthesisJob(const LaunchPlan& plan);

/// Trains spiece.model on the train sentences of the corpus. DATA if the corpus
/// is not what its job made, or what it was when it was hashed
/// (verify_inputs.h), or has no such sentence.
absl::Status RunTokenizerJob(const LaunchPlan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_MAKE_INPUTS_H_
