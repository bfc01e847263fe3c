#include "launch/report_input.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/aggregate.h"
#include "analysis/load_runs.h"
#include "experiments/expand.h"
#include "launch/plan.h"
#include "launch/store.h"

namespace transect {
namespace {

std::string WhyMissing(const Plan& plan, const Job& job) {
  switch (job.state) {
    case JobState::kFailed:
      return absl::StrCat("failed: ", job.note);
    case JobState::kRunning:
      return "still running";
    case JobState::kCorrupt:
      return "its result.textproto does not hold";
    case JobState::kPending:
      return "its found inputs are not hashed yet";
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
  run.code = plan.code;
  if (job.state != JobState::kDone) {
    run.missing = WhyMissing(plan, job);
    return run;
  }
  absl::StatusOr<LoadedRun> loaded = LoadRun(job.dir);
  if (loaded.ok()) {
    run.items = std::move(loaded->items);
  } else {
    run.missing = "its metric logs cannot be read";
    problems->push_back(absl::StrCat("run ", ShownId(job.id), " (", job.name,
                                     "): ", loaded.status().message()));
  }
  return run;
}

}  // namespace

LoadedReport LoadReport(const Plan& plan) {
  LoadedReport report;
  const Expansion& expansion = plan.expansion;
  std::vector<RunInput> runs;
  for (size_t i = plan.first_run; i < plan.jobs.size(); ++i) {
    runs.push_back(LoadOne(plan, plan.jobs[i], &report.problems));
  }
  report.input.title =
      expansion.title.empty() ? expansion.name : expansion.title;
  for (const DesignCells& design : expansion.designs) {
    TableInput table;
    table.name = design.name;
    table.base_settings = expansion.base_settings;
    for (const Cell& cell : design.cells) {
      RowInput row;
      row.label = cell.label;
      row.settings = cell.settings;
      row.is_base = cell.is_base;
      for (const int run : cell.runs) {
        row.runs.push_back(runs[run]);
      }
      table.rows.push_back(std::move(row));
    }
    report.input.tables.push_back(std::move(table));
  }
  return report;
}

}  // namespace transect
