#include "experiments/expanding/expand.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "experiments/expanding/validate.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Line that marks a file as one run.
constexpr absl::string_view kRunMark = "# proto-message: transect.RunSpec\n";

// Runs with their ids and inputs, each once.
class RunTable {
 public:
  // Adds to the runs of `expansion`; both arguments must outlive this.
  RunTable(const InputIdentities& found, Expansion* expansion)
      : found_(found), result_(*expansion) {}

  // Index of the run.
  absl::StatusOr<int> Add(RunSpec run) {
    TRANSECT_ASSIGN_OR_RETURN(const RunInputs* const inputs, InputsOf(run));
    TRANSECT_ASSIGN_OR_RETURN(std::string id, RunId(run, inputs->reads));
    std::vector<SplitEvaluation> evaluations;
    std::string key = id;
    for (const std::string& split : run.data().eval_splits()) {
      TRANSECT_ASSIGN_OR_RETURN(std::string evaluation,
                                EvaluationId(run, id, split, inputs->reads));
      absl::StrAppend(&key, " ", evaluation);
      evaluations.push_back({split, std::move(evaluation)});
    }
    const auto [known, is_new] =
        index_.emplace(std::move(key), static_cast<int>(result_.runs.size()));
    if (is_new) {
      result_.runs.push_back(std::move(run));
      result_.spec_ids.push_back(std::move(id));
      result_.evaluations.push_back(std::move(evaluations));
      result_.reads.push_back(inputs->reads);
      for (const Input& input : inputs->inputs) {
        if (input_ids_.insert(input.identity).second) {
          result_.inputs.push_back(input);
        }
      }
    }
    return known->second;
  }

 private:
  // ListInputs, once for all runs that read the same: a fifth of the time of
  // large experiments went into digests of recipes that all cells share.
  absl::StatusOr<const RunInputs*> InputsOf(const RunSpec& run) {
    std::string key;
    for (const std::string& bytes :
         {run.data().SerializeAsString(), run.tokenizer().SerializeAsString(),
          run.weights().SerializeAsString()}) {
      absl::StrAppend(&key, bytes.size(), ":", bytes);
    }
    const auto known = inputs_.find(key);
    if (known != inputs_.end()) {
      return &known->second;
    }
    TRANSECT_ASSIGN_OR_RETURN(RunInputs inputs, ListInputs(run, found_));
    return &inputs_.emplace(key, std::move(inputs)).first->second;
  }

  const InputIdentities& found_;
  Expansion& result_;
  std::map<std::string, int> index_;
  std::set<std::string> input_ids_;
  std::map<std::string, RunInputs> inputs_;
};

// The runs of `run`, one per seed; the same one for all where resolving found
// that no seed enters.
absl::StatusOr<std::vector<int>> AddSeeds(RunSpec run,
                                          const std::vector<uint64_t>& seeds,
                                          RunTable* table) {
  std::vector<int> runs;
  for (const uint64_t seed : seeds) {
    if (run.has_seed()) run.set_seed(seed);
    TRANSECT_ASSIGN_OR_RETURN(const int index, table->Add(run));
    runs.push_back(index);
  }
  return runs;
}

void AddClosure(const std::map<std::string, int>& index,
                const Expansion& expansion, const Reads& reads,
                std::set<int>* closure) {
  for (const std::string& identity : reads.all()) {
    const auto found = index.find(identity);
    if (found != index.end() && closure->insert(found->second).second) {
      AddClosure(index, expansion, expansion.inputs[found->second].reads,
                 closure);
    }
  }
}

}  // namespace

std::vector<const Cell*> CellsInOrder(const Expansion& expansion) {
  std::vector<const Cell*> cells;
  for (const bool base : {true, false}) {
    for (const DesignCells& design : expansion.designs) {
      for (const Cell& cell : design.cells) {
        if (cell.is_base == base && !(base && !cells.empty())) {
          cells.push_back(&cell);
        }
      }
    }
  }
  return cells;
}

absl::StatusOr<Expansion> Expand(const Experiment& experiment,
                                 const InputIdentities& found,
                                 const SourceMap* sources) {
  Problems problems;
  CellTable table = MakeValidCells(experiment, &problems, sources);
  TRANSECT_RETURN_IF_ERROR(ToStatus(problems, sources));
  Expansion result;
  RunTable runs(found, &result);
  for (DesignSpec& design : table.designs) {
    DesignCells cells = {std::move(design.name), {}};
    for (CellSpec& cell : design.cells) {
      // The spec is moved out of the table, so that large experiments are not
      // held twice.
      TRANSECT_ASSIGN_OR_RETURN(
          std::vector<int> of_cell,
          AddSeeds(std::move(cell.run), table.seeds, &runs));
      cells.cells.push_back({std::move(cell.settings), std::move(cell.without),
                             std::move(cell.label), cell.is_base,
                             std::move(of_cell)});
    }
    result.designs.push_back(std::move(cells));
  }
  result.name = experiment.name();
  result.title = experiment.title();
  result.axes = std::move(table.axes);
  result.base_settings = std::move(table.base_settings);
  result.seeds = std::move(table.seeds);
  return result;
}

absl::StatusOr<Expansion> Identify(Expansion expansion,
                                   const InputIdentities& found) {
  std::vector<RunSpec> runs = std::exchange(expansion.runs, {});
  expansion.spec_ids.clear();
  expansion.evaluations.clear();
  expansion.reads.clear();
  expansion.inputs.clear();
  RunTable table(found, &expansion);
  std::vector<int> index;
  for (RunSpec& run : runs) {
    TRANSECT_ASSIGN_OR_RETURN(index.emplace_back(), table.Add(std::move(run)));
  }
  for (DesignCells& design : expansion.designs) {
    for (Cell& cell : design.cells) {
      for (int& run : cell.runs) run = index[run];
    }
  }
  return expansion;
}

std::vector<int> InputsOfRun(const Expansion& expansion, int run) {
  std::map<std::string, int> index;
  for (size_t i = 0; i < expansion.inputs.size(); ++i) {
    index.emplace(expansion.inputs[i].identity, static_cast<int>(i));
  }
  std::set<int> closure;
  AddClosure(index, expansion, expansion.reads[run], &closure);
  return std::vector<int>(closure.begin(), closure.end());
}

std::string PrintResolved(const Expansion& expansion, int run) {
  std::string text =
      absl::StrCat("# proto-file: experiments/experiment.proto\n", kRunMark,
                   "# id: ", expansion.spec_ids[run], "\n");
  for (int i : InputsOfRun(expansion, run)) {
    const Input& input = expansion.inputs[i];
    absl::StrAppend(&text, "# ", KindName(input.kind), ": ", input.identity,
                    input.made() ? " (made)" : " (found)", "\n");
  }
  absl::StrAppend(&text, "\n", PrintTextproto(expansion.runs[run]));
  return text;
}

bool IsResolvedRun(absl::string_view text) {
  return absl::StrContains(text, kRunMark);
}

}  // namespace transect
