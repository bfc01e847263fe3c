#include "experiments/expanding/validate.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace transect {
namespace {

void ValidateCells(const CellTable& table, Problems* problems) {
  if (table.designs.empty()) {
    return;
  }
  RunValidator validator;
  Problems base;
  validator.Validate(table.base, "base", &base);
  // What is wrong with the base is wrong with most cells.
  std::set<std::pair<std::string, std::string>> known;
  for (const Problem& problem : base.all()) {
    problems->Add(problem.field, problem.message);
    known.emplace(problem.field, problem.message);
  }
  for (const DesignSpec& design : table.designs) {
    for (const CellSpec& cell : design.cells) {
      if (cell.is_base || problems->all().size() > kManyProblems) {
        continue;
      }
      Problems found;
      validator.Validate(cell.run, "base", &found);
      for (const Problem& problem : found.all()) {
        if (known.emplace(problem.field, problem.message).second) {
          problems->Add(cell.field,
                        absl::StrCat("in cell ", cell.label, ", ",
                                     problem.field, ": ", problem.message));
        }
      }
    }
  }
}

void ValidateStatistics(const StatisticsSpec& spec, Problems* problems) {
  constexpr absl::string_view kMetrics[] = {
      "Pr@0.5", "Pr@0.6", "Pr@0.7", "Pr@0.8", "Pr@0.9", "cIoU", "gIoU"};
  const std::string path = "report.statistics";
  if (!(spec.confidence() >= 0.5 && spec.confidence() <= 0.999)) {
    problems->Add(path + ".confidence", absl::StrCat("is ", spec.confidence(),
                                                     ", must be 0.5 to 0.999"));
  }
  if (spec.resamples() < 1000 || spec.resamples() > 1000000) {
    problems->Add(
        path + ".resamples",
        absl::StrCat("is ", spec.resamples(), ", must be 1000 to 1000000"));
  }
  std::set<std::string> seen;
  for (int i = 0; i < spec.primary_size(); ++i) {
    const std::string& metric = spec.primary(i);
    const bool known =
        std::ranges::find(kMetrics, metric) != std::end(kMetrics);
    if (!known || !seen.insert(metric).second) {
      problems->Add(absl::StrCat(path, ".primary[", i, "]"),
                    absl::StrCat("is \"", metric, "\", must be one of ",
                                 absl::StrJoin(kMetrics, ", "),
                                 known ? ", each once" : ""));
    }
  }
  const auto set = [&](bool has, int value, const char* field) {
    if (has && value == 0) {
      problems->Add(absl::StrCat(path, ".", field),
                    "is set to no value; leave it out for the default");
    }
  };
  set(spec.has_spread(), spec.spread(), "spread");
  set(spec.has_family(), spec.family(), "family");
  set(spec.has_test(), spec.test(), "test");
}

void ValidateReportSpec(const Experiment& experiment, Problems* problems) {
  ValidateStatistics(experiment.report().statistics(), problems);
  std::set<std::string> designs;
  for (const Design& design : experiment.design()) {
    designs.insert(design.name());
  }
  for (int i = 0; i < experiment.report().published_size(); ++i) {
    const PublishedChoice& choice = experiment.report().published(i);
    const std::string path = absl::StrCat("report.published[", i, "]");
    if (choice.name().empty()) {
      problems->Add(absl::StrCat(path, ".name"),
                    "is empty, must be the name of a set of published results");
    }
    if (choice.has_design() && designs.count(choice.design()) == 0) {
      problems->Add(absl::StrCat(path, ".design"),
                    absl::StrCat("is \"", choice.design(),
                                 "\", must be the name of a design: ",
                                 absl::StrJoin(designs, ", ")));
    }
  }
}

}  // namespace

CellTable MakeValidCells(const Experiment& experiment, Problems* problems,
                         const SourceMap* sources) {
  CellTable table = MakeCells(experiment, problems, sources);
  ValidateReportSpec(experiment, problems);
  ValidateCells(table, problems);
  return table;
}

absl::Status ToStatus(const Problems& problems, const SourceMap* sources) {
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
    std::string place = sources == nullptr ? "" : sources->Find(problem.field);
    lines.push_back(
        absl::StrCat(place, place.empty() ? "" : ": ", problem.field,
                     problem.field.empty() ? "" : ": ", problem.message));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

}  // namespace transect
