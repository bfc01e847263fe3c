#include "launch/plan/weights_fit.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_id.h"
#include "launch/inputs/found_weights.h"

namespace transect {
namespace {

// Of a list of cells on the screen.
constexpr size_t kMostNames = 12;

std::string RoleText(const std::string& role) {
  return absl::StrCat(KindName(Input::Kind::kWeights), " role '", role, "'");
}

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

std::vector<WeightsFit> FitWeights(absl::Span<const FoundInput> found,
                                   std::vector<Job>* jobs) {
  std::map<std::string, std::string> directories;
  std::vector<WeightsFit> fits;
  for (const FoundInput& input : found) {
    if (input.kind != Input::Kind::kWeights || !input.problem.ok()) continue;
    if (!directories.emplace(input.role, input.path).second) continue;
    WeightsFit& fit = fits.emplace_back();
    fit.role = input.role;
    fit.path = input.path;
  }
  if (fits.empty()) return fits;
  std::vector<int> trainings;
  std::vector<const RunSpec*> runs;
  for (size_t i = 0; i < jobs->size(); ++i) {
    if (!(*jobs)[i].launch.has_train()) continue;
    trainings.push_back(static_cast<int>(i));
    runs.push_back(&(*jobs)[i].launch.train().run());
  }
  const std::vector<WeightsFitByRole> by_run =
      CheckFoundWeights(runs, directories);
  for (size_t i = 0; i < trainings.size(); ++i) {
    for (const auto& [role, status] : by_run[i]) {
      WeightsFit& fit = *std::ranges::find(fits, role, &WeightsFit::role);
      if (status.ok()) {
        fit.fits.push_back(trainings[i]);
        continue;
      }
      fit.misfits.push_back(trainings[i]);
      if (fit.problem.empty()) fit.problem = std::string(status.message());
      std::string& misfit = (*jobs)[trainings[i]].misfit;
      absl::StrAppend(&misfit, misfit.empty() ? "" : "; ", RoleText(role), ": ",
                      status.message());
    }
  }
  return fits;
}

std::string FitText(const WeightsFit& fit, const Expansion& expansion,
                    int first_run) {
  const std::vector<std::string> good = Names(fit.fits, expansion, first_run);
  const std::vector<std::string> bad = Names(fit.misfits, expansion, first_run);
  if (good.empty() || bad.empty()) {
    return absl::StrCat(RoleText(fit.role), ": ", fit.problem);
  }
  return absl::StrCat(
      RoleText(fit.role), " (", fit.path, ") fits ", ListText(good), ", not ",
      ListText(bad), ", which ",
      bad.size() == 1 ? "is not started: " : "are not started; the first: ",
      fit.problem);
}

}  // namespace transect
