/// \file
/// From an experiment to its runs: each distinct training once, with its id and
/// what it reads, and the tables whose rows point to them.
///
/// Output: what `plan` prints, `run` launches and `report` fills.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_EXPAND_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_EXPAND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "experiments/expanding/cells.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// A row of a table.
struct Cell {
  /// As in CellSpec (cells.h).
  std::vector<AxisSetting> settings;
  std::vector<std::string> without;
  /// Row label.
  std::string label;
  bool is_base = false;
  /// Indices into Expansion::runs, one per seed, in the order of the seeds; all
  /// the same where no seed enters the run (resolve.h).
  std::vector<int> runs;
};

/// A table.
struct DesignCells {
  std::string name;
  std::vector<Cell> cells;
};

/// A split that a run evaluates.
struct SplitEvaluation {
  std::string split;
  /// EvaluationId (run_id.h).
  std::string id;

  friend bool operator==(const SplitEvaluation&,
                         const SplitEvaluation&) = default;
};

/// Everything that an experiment asks for.
struct Expansion {
  /// Of the experiment.
  std::string name;
  std::string title;
  /// Distinct resolved runs, in the order in which designs, cells and seeds
  /// first ask for them. Two that train the same and evaluate differently are
  /// two runs with one id.
  std::vector<RunSpec> runs;
  /// Spec part of each run's id; IsPending where a found input is not hashed.
  std::vector<std::string> spec_ids;
  /// What each run evaluates, in the order of its `data.eval_splits`.
  std::vector<std::vector<SplitEvaluation>> evaluations;
  /// What each run reads.
  std::vector<Reads> reads;
  /// All inputs of all runs, each once, after all that its making reads.
  std::vector<Input> inputs;
  std::vector<DesignCells> designs;
  std::vector<CheckedAxis> axes;
  /// Values of the axes in the base.
  std::vector<AxisSetting> base_settings;
  std::vector<uint64_t> seeds;
};

/// The cells in the order in which a budget pays for them: the base, then the
/// others by design.
std::vector<const Cell*> CellsInOrder(const Expansion& expansion);

/// Resolves, validates and expands `experiment`. Runs with one spec id and the
/// same evaluations are one run, whichever designs ask for them. A pure
/// function of its arguments. kInvalidArgument lists all problems, with their
/// places if `sources` has them (validate.h, load.h).
absl::StatusOr<Expansion> Expand(const Experiment& experiment,
                                 const InputIdentities& found,
                                 const SourceMap* sources = nullptr);

/// `expansion` with the ids that the contents `found` of found inputs give:
/// what Expand would return with them, without making the cells again. Runs
/// that turn out to be the same become one.
absl::StatusOr<Expansion> Identify(Expansion expansion,
                                   const InputIdentities& found);

/// Inputs of run `run` of `expansion` and of what makes them, as indices into
/// Expansion::inputs, ascending: the order in which they can be made.
std::vector<int> InputsOfRun(const Expansion& expansion, int run);

/// The resolved spec of a run as a text file that names its id and the
/// identities of its inputs in comments: what `transect spec --resolved`
/// prints. Reads back as a RunSpec with the same id.
std::string PrintResolved(const Expansion& expansion, int run);

/// Whether `text` is a file that PrintResolved wrote: the spec of one run, not
/// an experiment.
bool IsResolvedRun(absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_EXPAND_H_
