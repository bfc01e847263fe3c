#include "launch/cli/report_input.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "analysis/aggregate.h"
#include "analysis/load_runs.h"
#include "analysis/published.h"
#include "data/spec.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/run/run_notes.h"
#include "experiments/training/train_length.h"
#include "google/protobuf/util/message_differencer.h"
#include "launch/cli/later_evaluations.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::google::protobuf::util::MessageDifferencer;

// What is wrong with the found inputs that the run reads or is made from, all
// of it; "" if nothing is known to be.
std::string InputProblem(const Plan& plan, const Job& job) {
  std::vector<std::string> problems;
  const int run = static_cast<int>(&job - plan.Runs().data());
  for (const int i : InputsOfRun(plan.expansion, run)) {
    const Input& input = plan.expansion.inputs[i];
    for (const FoundInput& found : plan.found) {
      if (!input.made() && found.kind == input.kind &&
          found.role == input.role && !found.problem.ok() &&
          std::ranges::find(problems, found.problem.message()) ==
              problems.end()) {
        problems.emplace_back(found.problem.message());
      }
    }
  }
  if (problems.size() < 2) return absl::StrJoin(problems, "");
  std::string text = absl::StrCat(problems.size(), " reasons");
  for (size_t i = 0; i < problems.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? ": " : "; ", "(", i + 1, ") ", problems[i]);
  }
  return text;
}

std::string WhyMissing(const Plan& plan, const Job& job) {
  if (job.state == JobState::kNew || job.state == JobState::kPending) {
    const std::string problem = InputProblem(plan, job);
    if (!problem.empty()) return problem;
    if (!job.misfit.empty()) return job.misfit;
  }
  switch (job.state) {
    case JobState::kFailed:
      return FailureText(job.equal_failures, job.note);
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

// Whether `split` of `a` and of `b` are the same images: one recipe as far as
// it decides the split, or one place in the site file, whatever the policy does
// to its records.
bool IsSameSource(const DataSpec& a, const DataSpec& b,
                  const std::string& split) {
  if (a.has_found()) {
    return b.has_found() && a.found().role() == b.found().role();
  }
  return b.has_synthesis() &&
         MessageDifferencer::Equals(SplitRecipe(a.synthesis(), split),
                                    SplitRecipe(b.synthesis(), split));
}

// Splits of the run's data set that it trained on, itself or through the
// trainings of its initial weights. What made published weights is not known.
std::set<std::string> TrainedSplits(const RunSpec& run) {
  std::set<std::string> splits;
  for (const RunSpec* each = &run; each != nullptr;
       each = each->weights().has_trained() ? &each->weights().trained().run()
                                            : nullptr) {
    const std::string& split = each->data().train_split();
    if (Trains(each->training()) &&
        IsSameSource(run.data(), each->data(), split)) {
      splits.insert(split);
    }
  }
  return splits;
}

// The initial weights of a run as something that all seeds share; "" if each
// seed draws its own.
std::string SharedWeights(const WeightsSpec& weights) {
  if (weights.has_trained()) {
    return absl::StrCat("initial weights, trained once (seed ",
                        weights.trained().run().seed(), ")");
  }
  return weights.has_found() ? "published initial weights" : "";
}

// What `name` gives for all runs of a design; "" if it differs.
template <typename Name>
std::string SameForAll(const DesignCells& design, Name name) {
  std::set<std::string> names;
  for (const Cell& cell : design.cells) {
    for (const int run : cell.runs) {
      names.insert(name(run));
    }
  }
  return names.size() == 1 ? *names.begin() : "";
}

// What a table says about its data and its seeds.
void DescribeInputs(const Plan& plan, const DesignCells& design,
                    TableInput* table) {
  const Expansion& expansion = plan.expansion;
  const auto spec_of = [&plan](int run) -> const RunSpec& {
    return plan.jobs[plan.first_run + run].launch.train().run();
  };
  table->dataset = SameForAll(design, [&](int run) {
    return DatasetName(spec_of(run).data(),
                       expansion.reads[run][InputName::kData]);
  });
  table->published_dataset = SameForAll(
      design, [&](int run) { return PublishedDataset(spec_of(run).data()); });
  const std::string splits = SameForAll(design, [&](int run) {
    return absl::StrJoin(spec_of(run).data().eval_splits(), " ");
  });
  table->planned_splits = absl::StrSplit(splits, ' ', absl::SkipEmpty());
  const std::string resolution = SameForAll(design, [&](int run) {
    return absl::StrCat(spec_of(run).evaluation().resolution());
  });
  if (!absl::SimpleAtoi(resolution, &table->planned_resolution)) {
    table->planned_resolution = 0;
  }
  table->shared_by_seeds = {"the data set", "the tokenizer"};
  std::set<std::string> weights;
  // By note the rows that it is about.
  std::map<std::string, std::set<std::string>> notes;
  for (const Cell& cell : design.cells) {
    for (const int run : cell.runs) {
      weights.insert(SharedWeights(spec_of(run).weights()));
      for (const std::string& note : NotesOf(spec_of(run))) {
        notes[note].insert(cell.label);
      }
    }
  }
  for (const auto& [note, rows] : notes) {
    table->training_notes.push_back(
        rows.size() == design.cells.size()
            ? note
            : absl::StrCat(absl::StrJoin(rows, "; "), ": ", note));
  }
  weights.erase("");
  table->shared_by_seeds.insert(table->shared_by_seeds.end(), weights.begin(),
                                weights.end());
}

RunInput LoadOne(const Plan& plan, const Job& job,
                 std::vector<std::string>* problems) {
  RunInput run;
  const RunSpec& spec = job.launch.train().run();
  if (spec.has_seed()) {
    run.seed = spec.seed();
  }
  run.trained_splits = TrainedSplits(spec);
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
    AddEvaluation(job, evaluation.split(), *loaded, items.get(), &run);
  }
  run.items = std::move(items);
  return run;
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
    const size_t before = chosen.size();
    TRANSECT_RETURN_IF_ERROR(add(choice.name(), choice.design()));
    if (chosen.size() > before) {
      chosen.back().other_splits = choice.other_splits();
      chosen.back().other_rules = choice.other_rules();
    }
  }
  return chosen;
}

ReportInput CellsOf(const Expansion& expansion) {
  ReportInput input;
  for (const DesignCells& design : expansion.designs) {
    TableInput& table = input.tables.emplace_back();
    table.name = design.name;
    table.base_settings = expansion.base_settings;
    for (const Cell& cell : design.cells) {
      RowInput& row = table.rows.emplace_back();
      row.label = cell.label;
      row.settings = cell.settings;
      row.is_base = cell.is_base;
    }
  }
  return input;
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
  std::map<std::string, std::vector<LaterEvaluation>> later;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].items == nullptr) continue;
    later[runs[i].spec_id] =
        LaterEvaluations(plan.Runs()[i], runs[i], &report.problems);
  }
  report.input.title =
      expansion.title.empty() ? expansion.name : expansion.title;
  const int left_out = static_cast<int>(runs.size()) - plan.CountSelected();
  report.input.selected = left_out > 0;
  if (left_out > 0) {
    absl::StrAppend(&report.input.title, ", without ", left_out, " of ",
                    runs.size(), " runs, which were not selected");
  }
  for (const DesignCells& design : expansion.designs) {
    TableInput table;
    table.name = design.name;
    table.base_settings = expansion.base_settings;
    for (const CheckedAxis& axis : expansion.axes) {
      if (axis.path.has_value()) {
        table.axis_fields[axis.name] = axis.path->text();
      }
    }
    DescribeInputs(plan, design, &table);
    for (const ShownPublished& shown : published) {
      if (shown.design.empty() || shown.design == design.name) {
        table.published.push_back(shown.set);
        const std::string& name = shown.set.name();
        if (shown.other_splits) table.anyway.other_splits.insert(name);
        if (shown.other_rules) table.anyway.other_rules.insert(name);
      }
    }
    for (const Cell& cell : design.cells) {
      RowInput row;
      row.label = cell.label;
      row.settings = cell.settings;
      row.is_base = cell.is_base;
      // A run that no seed enters stands for all seeds, and counts once.
      std::set<int> seen;
      for (const int run : cell.runs) {
        if (seen.insert(run).second &&
            plan.jobs[plan.first_run + run].selected) {
          row.runs.push_back(runs[run]);
        }
      }
      if (!row.runs.empty()) {
        table.rows.push_back(std::move(row));
      }
    }
    if (!table.rows.empty()) {
      std::vector<TableInput> later_tables;
      AddLaterTables(table, later, &later_tables);
      report.input.tables.push_back(std::move(table));
      std::ranges::move(later_tables, std::back_inserter(report.input.tables));
    }
  }
  return report;
}

}  // namespace transect
