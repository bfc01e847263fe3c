#include "launch/cli/report_input.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "analysis/aggregate.h"
#include "analysis/load_runs.h"
#include "analysis/published.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string WhyMissing(const Plan& plan, const Job& job) {
  switch (job.state) {
    case JobState::kFailed:
      return absl::StrCat("failed: ", job.note);
    case JobState::kRunning:
      return "still running";
    case JobState::kCorrupt:
      return "its result.textproto is invalid";
    case JobState::kPending:
      return "its found inputs are not hashed yet";
    case JobState::kTrained:
      return job.note;
    case JobState::kStale:
      return plan.code.empty()
                 ? absl::StrCat(job.note, ", and the present code is unknown")
                 : absl::StrCat("stale: ", job.note);
    default:
      return job.note.empty() ? "not run yet" : job.note;
  }
}

RunInput LoadOne(const Plan& plan, const Job& job,
                 std::vector<std::string>* problems) {
  RunInput run;
  run.seed = job.launch.train().run().seed();
  run.spec_id = job.id;
  run.code = job.result.has_code() ? job.result.code() : plan.code;
  if (job.state != JobState::kDone) {
    run.missing = WhyMissing(plan, job);
    return run;
  }
  auto items = std::make_shared<std::vector<EvalItem>>();
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    const absl::StatusOr<LoadedEvaluation> loaded = LoadEvaluation(
        EvaluationDir(job.dir, evaluation.split(), evaluation.id()));
    if (!loaded.ok()) {
      run.missing = "its metric logs cannot be read";
      problems->push_back(absl::StrCat("run ", ShownId(job.id), " (", job.name,
                                       "): ", loaded.status().message()));
      return run;
    }
    items->insert(items->end(), loaded->items->begin(), loaded->items->end());
  }
  run.items = std::move(items);
  return run;
}

// As PublishedSet::dataset has it.
std::string DatasetName(const DataSpec& data) {
  if (data.has_synthesis()) {
    return "synthetic";
  }
  switch (data.found().format()) {
    case FoundDataset::RRSISD:
      return "RRSIS-D";
    case FoundDataset::REFSEGRS:
      return "RefSegRS";
    case FoundDataset::RISBENCH:
      return "RISBench";
    default:
      return "";
  }
}

// The data set of all runs of a design; "" if they differ.
std::string DatasetOf(const Plan& plan, const DesignCells& design) {
  std::set<std::string> names;
  for (const Cell& cell : design.cells) {
    for (const int run : cell.runs) {
      const Job& job = plan.jobs[plan.first_run + run];
      names.insert(DatasetName(job.launch.train().run().data()));
    }
  }
  return names.size() == 1 ? *names.begin() : "";
}

}  // namespace

absl::StatusOr<std::vector<ShownPublished>> ChoosePublished(
    const ReportSpec& spec, absl::Span<const std::string> names) {
  std::vector<ShownPublished> chosen;
  std::set<std::pair<std::string, std::string>> known;
  const auto add = [&](const std::string& name,
                       const std::string& design) -> absl::Status {
    if (known.count({name, ""}) > 0 || !known.emplace(name, design).second) {
      return absl::OkStatus();
    }
    TRANSECT_ASSIGN_OR_RETURN(PublishedSet set, FindPublished(name));
    chosen.push_back({design, std::move(set)});
    return absl::OkStatus();
  };
  for (const std::string& name : names) {
    TRANSECT_RETURN_IF_ERROR(add(name, ""));
  }
  for (const PublishedChoice& choice : spec.published()) {
    TRANSECT_RETURN_IF_ERROR(add(choice.name(), choice.design()));
  }
  return chosen;
}

LoadedReport LoadReport(const Plan& plan,
                        absl::Span<const ShownPublished> published) {
  LoadedReport report;
  const Expansion& expansion = plan.expansion;
  std::vector<RunInput> runs;
  for (const Job& job : plan.Runs()) {
    runs.push_back(job.selected ? LoadOne(plan, job, &report.problems)
                                : RunInput());
  }
  report.input.title =
      expansion.title.empty() ? expansion.name : expansion.title;
  const int left_out = static_cast<int>(runs.size()) - plan.CountSelected();
  if (left_out > 0) {
    absl::StrAppend(&report.input.title, ", without ", left_out, " of ",
                    runs.size(), " runs, which were not selected");
  }
  for (const DesignCells& design : expansion.designs) {
    TableInput table;
    table.name = design.name;
    table.base_settings = expansion.base_settings;
    table.dataset = DatasetOf(plan, design);
    for (const ShownPublished& shown : published) {
      if (shown.design.empty() || shown.design == design.name) {
        table.published.push_back(shown.set);
      }
    }
    for (const Cell& cell : design.cells) {
      RowInput row;
      row.label = cell.label;
      row.settings = cell.settings;
      row.is_base = cell.is_base;
      for (const int run : cell.runs) {
        if (plan.jobs[plan.first_run + run].selected) {
          row.runs.push_back(runs[run]);
        }
      }
      if (!row.runs.empty()) {
        table.rows.push_back(std::move(row));
      }
    }
    if (!table.rows.empty()) {
      report.input.tables.push_back(std::move(table));
    }
  }
  return report;
}

}  // namespace transect
