#include "launch/plan/weights_fit.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_id.h"
#include "launch/inputs/found_weights.h"

namespace transect {
namespace {

// Of a list of cells on the screen.
constexpr size_t kMostNames = 12;

// Labels of the cells of runs, each once.
std::vector<std::string> Names(const std::vector<int>& jobs,
                               const Expansion& expansion, int first_run) {
  std::vector<std::string> names;
  for (const DesignCells& design : expansion.designs) {
    for (const Cell& cell : design.cells) {
      const bool has = std::ranges::any_of(cell.runs, [&](int run) {
        return std::ranges::find(jobs, first_run + run) != jobs.end();
      });
      if (has && std::ranges::find(names, cell.label) == names.end()) {
        names.push_back(cell.label);
      }
    }
  }
  return names;
}

std::string ListText(std::vector<std::string> names) {
  if (names.size() > kMostNames) {
    const size_t more = names.size() - kMostNames;
    names.resize(kMostNames);
    return absl::StrCat(absl::StrJoin(names, ", "), " and ", more, " more");
  }
  std::string last = std::move(names.back());
  names.pop_back();
  return names.empty()
             ? last
             : absl::StrCat(absl::StrJoin(names, ", "), " and ", last);
}

}  // namespace

std::vector<WeightsFit> FitWeights(
    absl::Span<const std::pair<std::string, std::string>> directories,
    absl::Span<const Training> trainings) {
  std::vector<WeightsFit> fits;
  for (const auto& [role, path] : directories) {
    WeightsFit& fit = fits.emplace_back();
    fit.role = role;
    fit.path = path;
  }
  if (fits.empty()) return fits;
  std::vector<const RunSpec*> runs;
  for (const Training& training : trainings) runs.push_back(training.run);
  const std::vector<WeightsFitByRole> by_run =
      CheckFoundWeights(runs, {directories.begin(), directories.end()});
  for (size_t i = 0; i < trainings.size(); ++i) {
    for (const auto& [role, status] : by_run[i]) {
      WeightsFit& fit = *std::ranges::find(fits, role, &WeightsFit::role);
      if (status.ok()) {
        fit.fits.push_back(trainings[i].job);
      } else {
        fit.misfits.emplace_back(trainings[i].job, status.message());
      }
    }
  }
  return fits;
}

std::string WeightsRoleText(const std::string& role) {
  return absl::StrCat(KindName(Input::Kind::kWeights), " role '", role, "'");
}

std::string MissingText(const absl::Status& problem,
                        const std::vector<int>& jobs,
                        const Expansion& expansion, int first_run) {
  const std::vector<std::string> cells = Names(jobs, expansion, first_run);
  const bool one = cells.size() == 1;
  return absl::StrCat(
      problem.message(), "; ", ListText(cells),
      one ? " needs it and is not started" : " need it and are not started");
}

std::string FitText(const WeightsFit& fit, const Expansion& expansion,
                    int first_run) {
  const std::vector<std::string> good = Names(fit.fits, expansion, first_run);
  std::vector<int> misfits;
  for (const auto& [job, why] : fit.misfits) misfits.push_back(job);
  const std::vector<std::string> bad = Names(misfits, expansion, first_run);
  const std::string& problem = fit.misfits.front().second;
  if (good.empty() || bad.empty()) {
    return absl::StrCat(WeightsRoleText(fit.role), ": ", problem);
  }
  return absl::StrCat(
      WeightsRoleText(fit.role), " (", fit.path, ") fits ", ListText(good),
      ", not ", ListText(bad), ", which ",
      bad.size() == 1 ? "is not started: " : "are not started; the first: ",
      problem);
}

}  // namespace transect
