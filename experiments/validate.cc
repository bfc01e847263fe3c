#include "experiments/validate.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace transect {

void ValidateCells(const CellTable& table, Problems* problems) {
  std::set<std::pair<std::string, std::string>> known;
  const auto add_new = [&known, problems](const Problems& found,
                                          absl::string_view where) {
    for (const Problem& problem : found.all()) {
      if (known.emplace(problem.field, problem.message).second) {
        problems->Add(problem.field, absl::StrCat(problem.message, where));
      }
    }
  };
  RunValidator validator;
  Problems base;
  validator.Validate(table.base, "base", &base);
  add_new(base, "");
  for (const DesignSpec& design : table.designs) {
    for (const CellSpec& cell : design.cells) {
      if (!cell.is_base) {
        Problems found;
        validator.Validate(cell.run, "base", &found);
        add_new(found, absl::StrCat(" (", cell.where, ")"));
      }
    }
  }
}

Problems ValidateExperiment(const Experiment& experiment) {
  Problems problems;
  const CellTable table = MakeCells(experiment, &problems);
  ValidateCells(table, &problems);
  return problems;
}

absl::Status ToStatus(const Problems& problems) {
  if (problems.empty()) {
    return absl::OkStatus();
  }
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    if (lines.size() == kMaxProblemLines) {
      lines.push_back(absl::StrCat("and ", problems.all().size() - lines.size(),
                                   " more problems"));
      break;
    }
    lines.push_back(problem.field.empty()
                        ? problem.message
                        : absl::StrCat(problem.field, ": ", problem.message));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

}  // namespace transect
