/// \file
/// Which jobs of a plan found weights fit: a directory of adapters fits the
/// cells of one rank and not those of another.
#ifndef TRANSECT_LAUNCH_PLAN_WEIGHTS_FIT_H_
#define TRANSECT_LAUNCH_PLAN_WEIGHTS_FIT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// The directory of one role under `weights` in the site file. Jobs are indices
/// into Plan::jobs.
struct WeightsFit {
  std::string role;
  std::string path;
  /// The trainings that ask for it, themselves or through what they start from:
  /// those whose network it fits, and the others with the reason.
  std::vector<int> fits;
  std::vector<std::pair<int, std::string>> misfits;
};

/// A job that trains.
struct Training {
  int job = 0;
  const RunSpec* run = nullptr;
};

/// Looks at every directory of weights, given as role and path, each role once.
/// Reads configurations and headers, no tensor.
std::vector<WeightsFit> FitWeights(
    absl::Span<const std::pair<std::string, std::string>> directories,
    absl::Span<const Training> trainings);

/// "weights role 'mine'".
std::string WeightsRoleText(const std::string& role);

/// Of a found input that cannot be used and the runs that wait for it, such as
/// "weights role 'sam-l': not in the site file ...; backbone=l needs it and is
/// not started". Runs are given as jobs and called as tables call their cells.
std::string MissingText(const absl::Status& problem,
                        const std::vector<int>& jobs,
                        const Expansion& expansion, int first_run);

/// Of a directory with misfits: its problem where it fits none, else such as
/// "weights role 'mine' (/a/b) fits rank=16, not rank=8 and rank=32, which are
/// not started; the first: r is 16, must be 8". Cells are called as tables call
/// them.
std::string FitText(const WeightsFit& fit, const Expansion& expansion,
                    int first_run);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_WEIGHTS_FIT_H_
