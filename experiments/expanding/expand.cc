#include "experiments/expanding/expand.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "experiments/expanding/validate.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

class Expander {
 public:
  Expander(CellTable table, const InputIdentities& found)
      : table_(std::move(table)), found_(found) {}

  absl::StatusOr<Expansion> Expand() {
    for (DesignSpec& design : table_.designs) {
      DesignCells cells = {std::move(design.name), {}};
      for (CellSpec& cell : design.cells) {
        TRANSECT_ASSIGN_OR_RETURN(std::vector<int> runs, AddRuns(cell.run));
        cells.cells.push_back({std::move(cell.settings),
                               std::move(cell.without), std::move(cell.label),
                               cell.is_base, std::move(runs)});
      }
      result_.designs.push_back(std::move(cells));
    }
    result_.axes = std::move(table_.axes);
    result_.base_settings = std::move(table_.base_settings);
    result_.seeds = std::move(table_.seeds);
    return std::move(result_);
  }

 private:
  // The runs of a cell, one per seed. What a run reads does not depend on its
  // seed.
  absl::StatusOr<std::vector<int>> AddRuns(const RunSpec& cell) {
    TRANSECT_ASSIGN_OR_RETURN(const RunInputs* const known_inputs,
                              InputsOf(cell));
    const RunInputs& inputs = *known_inputs;
    std::vector<int> runs;
    for (uint64_t seed : table_.seeds) {
      RunSpec run = cell;
      run.set_seed(seed);
      TRANSECT_ASSIGN_OR_RETURN(std::string id, RunId(run, inputs.reads));
      const auto [known, is_new] =
          index_.emplace(id, static_cast<int>(result_.runs.size()));
      if (is_new) {
        result_.runs.push_back(std::move(run));
        result_.spec_ids.push_back(std::move(id));
        result_.reads.push_back(inputs.reads);
      }
      runs.push_back(known->second);
    }
    for (const Input& input : inputs.inputs) {
      if (input_ids_.insert(input.identity).second) {
        result_.inputs.push_back(input);
      }
    }
    return runs;
  }

  // ListInputs, once for all cells that read the same: a fifth of the time of
  // large experiments went into digests of recipes that all cells share.
  absl::StatusOr<const RunInputs*> InputsOf(const RunSpec& cell) {
    std::string key;
    for (const std::string& bytes :
         {cell.data().SerializeAsString(), cell.tokenizer().SerializeAsString(),
          cell.weights().SerializeAsString()}) {
      absl::StrAppend(&key, bytes.size(), ":", bytes);
    }
    const auto known = inputs_.find(key);
    if (known != inputs_.end()) {
      return &known->second;
    }
    TRANSECT_ASSIGN_OR_RETURN(RunInputs inputs, ListInputs(cell, found_));
    return &inputs_.emplace(key, std::move(inputs)).first->second;
  }

  CellTable table_;
  const InputIdentities& found_;
  Expansion result_;
  std::map<std::string, int> index_;
  std::set<std::string> input_ids_;
  std::map<std::string, RunInputs> inputs_;
};

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

absl::StatusOr<Expansion> Expand(const Experiment& experiment,
                                 const InputIdentities& found,
                                 const SourceMap* sources) {
  Problems problems;
  CellTable table = MakeCells(experiment, &problems);
  ValidateReportSpec(experiment, &problems);
  ValidateCells(table, &problems);
  TRANSECT_RETURN_IF_ERROR(ToStatus(problems, sources));
  TRANSECT_ASSIGN_OR_RETURN(Expansion result,
                            Expander(std::move(table), found).Expand());
  result.name = experiment.name();
  result.title = experiment.title();
  return result;
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
  std::string text = absl::StrCat(
      "# proto-file: experiments/experiment.proto\n"
      "# proto-message: transect.RunSpec\n"
      "# id: ",
      expansion.spec_ids[run], "\n");
  for (int i : InputsOfRun(expansion, run)) {
    const Input& input = expansion.inputs[i];
    absl::StrAppend(&text, "# ", KindName(input.kind), ": ", input.identity,
                    input.made() ? " (made)" : " (found)", "\n");
  }
  absl::StrAppend(&text, "\n", PrintTextproto(expansion.runs[run]));
  return text;
}

}  // namespace transect
