// What validation says of runs that a test makes.
#ifndef TRANSECT_TESTS_EXPERIMENTS_RUN_PROBLEMS_OF_H_
#define TRANSECT_TESTS_EXPERIMENTS_RUN_PROBLEMS_OF_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "experiments/run/validate_run.h"

namespace transect {

inline std::vector<std::string> Lines(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return lines;
}

inline std::vector<std::string> ProblemsOf(RunSpec run) {
  ResolveRun(&run);
  Problems problems;
  RunValidator().Validate(run, "", &problems);
  return Lines(problems);
}

inline RunSpec* Inner(RunSpec* run) {
  return run->mutable_weights()->mutable_trained()->mutable_run();
}

inline RsRefSegSpec* Model(RunSpec* run) {
  return run->mutable_model()->mutable_rsrefseg();
}

}  // namespace transect

#endif  // TRANSECT_TESTS_EXPERIMENTS_RUN_PROBLEMS_OF_H_
