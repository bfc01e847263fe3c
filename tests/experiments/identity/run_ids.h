// Identities of runs that a test makes.
#ifndef TRANSECT_TESTS_EXPERIMENTS_IDENTITY_RUN_IDS_H_
#define TRANSECT_TESTS_EXPERIMENTS_IDENTITY_RUN_IDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/run/resolve.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {

inline absl::StatusOr<std::string> TryId(RunSpec run,
                                         const InputIdentities& found = {}) {
  ResolveRun(&run);
  const absl::StatusOr<RunInputs> inputs = ListInputs(run, found);
  if (!inputs.ok()) return inputs.status();
  return RunId(run, inputs->reads);
}

// The id of the resolved run, which has one: two errors are not two ids.
inline std::string Id(const RunSpec& run, const InputIdentities& found = {}) {
  const absl::StatusOr<std::string> id = TryId(run, found);
  EXPECT_THAT(id, IsOk());
  return id.value_or("");
}

// The run that makes the weights of `run`.
inline RunSpec* Inner(RunSpec* run) {
  return run->mutable_weights()->mutable_trained()->mutable_run();
}

}  // namespace transect

#endif  // TRANSECT_TESTS_EXPERIMENTS_IDENTITY_RUN_IDS_H_
