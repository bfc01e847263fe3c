/// \file
/// From designs to cells: which settings of the axes an experiment asks for,
/// and the resolved run spec of each.
///
/// Input: an Experiment (load.h). Output: a table of cells per design, before
/// seeds, identities and the sharing of runs, which are expand.h's.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_CELLS_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_CELLS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "data/io/problems.h"
#include "experiments/expanding/axes.h"
#include "experiments/expanding/axis_values.h"
#include "experiments/expanding/setting_reader.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// Most runs of an experiment, seeds counted.
inline constexpr int64_t kMaxRuns = 20'000;

/// A cell and its run, whose seed is that of the base.
struct CellSpec {
  /// Axes whose value differs from the base's, in the order in which the
  /// experiment declares axes; also those that differ because another axis
  /// brings it about.
  std::vector<AxisSetting> settings;
  /// Axes that have a value in the base and none in this cell, in that order:
  /// they do not apply, their field cannot matter in the resolved run, or the
  /// cell is none of their options.
  std::vector<std::string> without;
  /// The name that the file gives, else "rank=2 prompts=SPARSE"; "base" for the
  /// base.
  std::string label;
  bool is_base = false;
  /// Resolved.
  RunSpec run;
  /// Where the experiment asks for it: "axis[0].values[1]" for a value of a
  /// one_factor design, "design[0].list.cell[2]" for a listed cell,
  /// "axis[0].option[1]" for an option, "design[0].add_one.without[2]" for a
  /// component, "design[0].grid" for a
  /// cell of a grid (zip, add_one's bare cell), "design[0]" for the base that a
  /// design has by itself, "base" without a design.
  std::string field;
};

/// The cells of one design, in the order of the table's rows.
struct DesignSpec {
  std::string name;
  std::vector<CellSpec> cells;
};

struct CellTable {
  /// Without a design in the file, one with the experiment's name that has the
  /// base alone.
  std::vector<DesignSpec> designs;
  /// In the order of the file.
  std::vector<CheckedAxis> axes;
  /// AxisValues::BaseSettings.
  std::vector<AxisSetting> base_settings;
  /// The base, resolved.
  RunSpec base;
  /// Seeds; that of the base where the experiment has none.
  std::vector<uint64_t> seeds;
};

/// Makes the cells. Deterministic; the order of axes and designs in the file
/// changes the order of cells and nothing else.
///
/// What each kind of design asks for is said in experiment.proto. `one_factor`,
/// `leave_one_out` and `add_one` have the base by themselves; `list`, `grid`
/// and `zip` have it if their values are the base's.
///
/// Adds to `problems` everything that is wrong with the experiment's own
/// fields: names that are missing, malformed or given twice; paths and values
/// that the schema does not have; a setting other than the base's value that
/// changes nothing that the run resolves to; two settings of one cell that
/// write one field; settings of axes that do not apply; exclusions that match
/// no cell or leave none; cells of one design that are the same run; duplicate
/// seeds; more than kMaxRuns runs, excluded ones counted, or lists longer than
/// any such experiment needs. The table then holds what could be made; without
/// a base, and after the last two, it is empty. The runs themselves are not
/// validated here. `sources`, if given, tells which file lost an axis that is
/// missing to another's list.
CellTable MakeCells(const Experiment& experiment, Problems* problems,
                    const SourceMap* sources = nullptr);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_CELLS_H_
