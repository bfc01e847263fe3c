/// \file
/// Which jobs of a plan found weights fit: a directory of adapters fits the
/// cells of one rank and not those of another.
#ifndef TRANSECT_LAUNCH_PLAN_WEIGHTS_FIT_H_
#define TRANSECT_LAUNCH_PLAN_WEIGHTS_FIT_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "launch/plan/jobs.h"

namespace transect {

/// The directory of one role under `weights` in the site file. Jobs are indices
/// into Plan::jobs.
struct WeightsFit {
  std::string role;
  std::string path;
  /// The trainings that ask for it, themselves or through what they start from:
  /// those whose network it fits, and the others.
  std::vector<int> fits;
  std::vector<int> misfits;
  /// Why it does not fit the first of `misfits`.
  std::string problem;
};

/// Looks at every directory of weights among `found` that is there, and writes
/// Job::misfit. In the order of `found`; reads configurations and headers, no
/// tensor.
std::vector<WeightsFit> FitWeights(absl::Span<const FoundInput> found,
                                   std::vector<Job>* jobs);

/// Of a directory with misfits: its problem where it fits none, else such as
/// "weights role 'mine' (/a/b) fits rank=16, not rank=8 and rank=32, which are
/// not started; the first: r is 16, must be 8". Cells are called as tables call
/// them.
std::string FitText(const WeightsFit& fit, const Expansion& expansion,
                    int first_run);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_WEIGHTS_FIT_H_
