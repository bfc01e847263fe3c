/// \file
/// Reads experiment files.
///
/// Output: an Experiment as the researcher wrote it, includes merged, nothing
/// resolved or validated yet (resolve.h, validate.h).
#ifndef TRANSECT_EXPERIMENTS_READING_LOAD_H_
#define TRANSECT_EXPERIMENTS_READING_LOAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// Largest experiment file, in bytes.
inline constexpr int64_t kMaxExperimentBytes = 10'000'000;

/// Most files in a chain of includes, the first one counted.
inline constexpr int kMaxIncludeChain = 16;

/// Reads `path` and the files it includes, each merged under the one that
/// includes it (merge.h). The path of an include is relative to the directory
/// of the file that has it. `include` is absent from the result.
///
/// Errors: kInvalidArgument for text that is not an Experiment, with
/// `file:line:column` and the nearest right names; for a cycle of includes,
/// naming the chain; for a chain longer than kMaxIncludeChain.
/// kResourceExhausted for a file above kMaxExperimentBytes; the codes of
/// ReadFile for one that cannot be read. An error in an included file says
/// which file included it. Nothing is written anywhere.
///
/// `sources`, if given, becomes the places of the fields of the result.
absl::StatusOr<Experiment> LoadExperiment(const std::string& path,
                                          SourceMap* sources = nullptr);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_LOAD_H_
