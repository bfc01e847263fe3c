#include "launch/cli/later_evaluations.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "analysis/measure_name.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/machine.h"
#include "launch/store/store.h"
#include "launch/watch/certificate.h"

namespace transect {
namespace {

// Fills what the evaluation read where that is not the run's own data
// (`transect evaluate --data`): only then it wrote it down.
void DescribeOtherData(const std::string& dir, LaterEvaluation* later) {
  const std::string attempt = AttemptDir(dir, 1);
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(attempt));
  const absl::StatusOr<JobInputs> inputs =
      ReadTextproto<JobInputs>(InputsPath(attempt));
  if (!launch.ok() || !inputs.ok()) return;
  const DataSpec& data = launch->train().run().data();
  later->dataset = DatasetName(data, ReadsOf(*inputs)[InputName::kData]);
  later->published_dataset = PublishedDataset(data);
}

}  // namespace

void AddEvaluation(const Job& job, const std::string& split,
                   const LoadedEvaluation& loaded, std::vector<EvalItem>* items,
                   RunInput* run) {
  if (loaded.result.has_content_digest()) {
    run->content_digests[split] = loaded.result.content_digest();
  }
  if (loaded.result.has_resolution()) {
    run->resolutions[split] = loaded.result.resolution();
  }
  if (loaded.result.has_frequent_place_giou()) {
    run->frequent_place_gious[split] = loaded.result.frequent_place_giou();
  }
  // It may have been evaluated later and elsewhere.
  const std::string trained_on = MachineKind(job.result.machine());
  const std::string there = MachineKind(loaded.result.machine());
  if (!trained_on.empty() || !there.empty()) {
    run->machines[split] =
        there == trained_on
            ? there
            : absl::StrCat(
                  "trained on ", trained_on.empty() ? "unknown" : trained_on,
                  ", evaluated on ", there.empty() ? "unknown" : there);
  }
  if (AreCertified(job.dir, split, *loaded.items)) {
    run->certified_splits.insert(split);
  }
  items->insert(items->end(), loaded.items->begin(), loaded.items->end());
}

std::string PublishedDataset(const DataSpec& data) {
  if (!data.has_found()) {
    return "";
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

std::string DatasetName(const DataSpec& data, const std::string& identity) {
  const std::string id =
      identity.empty() || IsPending(identity) ? "" : ShownId(identity);
  if (data.has_synthesis()) {
    return absl::StrCat("synthetic data set", id.empty() ? "" : " ", id);
  }
  return absl::StrCat("data set ", data.found().role(), " (",
                      FoundDataset::Format_Name(data.found().format()),
                      id.empty() ? "" : ", ", id, ")");
}

std::vector<LaterEvaluation> LaterEvaluations(
    const Job& job, const RunInput& planned,
    std::vector<std::string>* problems) {
  std::vector<LaterEvaluation> all;
  std::set<std::string> dirs;
  std::set<std::string> seen;
  for (const EvaluateJob& evaluation : job.launch.train().evaluation()) {
    dirs.insert(EvaluationDir(job.dir, evaluation.split(), evaluation.id()));
  }
  for (const auto& [split, digest] : planned.content_digests) {
    seen.insert(absl::StrCat(split, "\n", digest));
  }
  for (const std::string& name : EvaluationNames(job.dir)) {
    const std::string dir = absl::StrCat(EvaluationsDir(job.dir), "/", name);
    if (dirs.count(dir) > 0) continue;
    const absl::StatusOr<LoadedEvaluation> loaded = LoadEvaluation(dir);
    if (absl::IsNotFound(loaded.status())) continue;
    if (!loaded.ok()) {
      problems->push_back(absl::StrCat("run ", ShownId(job.id), " (", job.name,
                                       "), evaluation ", name, ": ",
                                       loaded.status().message()));
      continue;
    }
    // Without a digest nobody knows whether it is what another run has.
    if (loaded->items->empty() || !loaded->result.has_content_digest()) {
      continue;
    }
    LaterEvaluation later;
    later.split = loaded->items->front().split();
    later.what =
        absl::StrCat(later.split, "\n", loaded->result.content_digest());
    if (!seen.insert(later.what).second) continue;
    later.run = planned;
    later.run.content_digests.clear();
    later.run.frequent_place_gious.clear();
    later.run.resolutions.clear();
    later.run.machines.clear();
    later.run.certified_splits.clear();
    auto items = std::make_shared<std::vector<EvalItem>>();
    AddEvaluation(job, later.split, *loaded, items.get(), &later.run);
    later.run.items = std::move(items);
    DescribeOtherData(dir, &later);
    // Another data set has splits of the same names.
    if (!later.dataset.empty()) later.run.trained_splits.clear();
    all.push_back(std::move(later));
  }
  return all;
}

void AddLaterTables(
    const TableInput& table,
    const std::map<std::string, std::vector<LaterEvaluation>>& later,
    std::vector<TableInput>* tables) {
  // By what was evaluated; the order of tables is that of splits and digests.
  std::map<std::string, const LaterEvaluation*> whats;
  for (const RowInput& row : table.rows) {
    for (const RunInput& run : row.runs) {
      const auto of_run = later.find(run.spec_id);
      if (of_run == later.end()) continue;
      for (const LaterEvaluation& each : of_run->second) {
        whats.emplace(each.what, &each);
      }
    }
  }
  for (const auto& [what, example] : whats) {
    TableInput added = table;
    if (!example->dataset.empty()) {
      added.dataset = example->dataset;
      added.published_dataset = example->published_dataset;
    }
    added.evaluated_later = added.dataset;
    if (const int side = example->resolution(); side != 0) {
      absl::StrAppend(&added.evaluated_later, " at ", ResolutionName(side));
    }
    for (RowInput& row : added.rows) {
      for (RunInput& run : row.runs) {
        const LaterEvaluation* found = nullptr;
        if (const auto of_run = later.find(run.spec_id);
            of_run != later.end()) {
          const auto same =
              std::ranges::find(of_run->second, what, &LaterEvaluation::what);
          if (same != of_run->second.end()) found = &*same;
        }
        if (found != nullptr) {
          run = found->run;
        } else if (run.items != nullptr) {
          run.items = nullptr;
          run.missing = "not evaluated on this; transect evaluate does it";
        }
      }
    }
    tables->push_back(std::move(added));
  }
}

}  // namespace transect
