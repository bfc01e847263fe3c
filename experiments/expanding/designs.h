/// \file
/// From a design to the cells it asks for, as settings of axes. cells.h makes
/// runs of them.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_DESIGNS_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_DESIGNS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/expanding/axes.h"
#include "experiments/expanding/axis_values.h"
#include "experiments/expanding/setting_reader.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// A cell that a design asks for.
struct AskedCell {
  /// Each axis at most once; none for the base.
  std::vector<AxisChoice> choices;
  /// The name that the file gives; empty if none.
  std::string name;
  /// As CellSpec::field.
  std::string field;
  /// A choice was taken away because its axis does not apply here, so that the
  /// cell may be one that is there already.
  bool reduced = false;
};

/// How much a design asks for.
struct DesignSize {
  int64_t cells = 0;
  /// Settings of all its cells and exclusions together.
  int64_t settings = 0;
};

/// Numbers in DesignSize stop here, so that no product overflows.
inline constexpr int64_t kCountedUpTo = 1'000'000'000'000;

/// An upper bound of what Read finds, without making any of it. Excluded cells
/// are counted. `values` has the number of values of each axis; an axis that is
/// not there counts nothing.
DesignSize CountDesign(const Design& design,
                       const std::map<absl::string_view, int64_t>& values);

/// Most settings of all exclusions of a design.
inline constexpr int kMaxExclusionSettings = 1000;

/// Reads the designs of one experiment.
class DesignReader {
 public:
  /// `axes` are those of `experiment`, `values` their values, `sources`, which
  /// may be null, the places of its fields. All are kept by reference.
  DesignReader(const Experiment& experiment,
               const std::vector<CheckedAxis>& axes, const AxisValues& values,
               const SourceMap* sources, Problems* problems);

  /// The cells of a design that no exclusion takes away, in the order of the
  /// table's rows. The caller has seen that CountDesign is small. What is wrong
  /// goes to the problems; the cells are then those that could be read.
  std::vector<AskedCell> Read(const Design& design, const std::string& field);

 private:
  using Cells = std::vector<AskedCell>;

  Cells ReadKind(const Design& design, const std::string& field);
  Cells ReadOneFactor(const OneFactor& design, const std::string& field);
  Cells ReadList(const CellList& design, const std::string& field);
  Cells ReadGrid(const Grid& design, const std::string& field);
  Cells ReadZip(const Zip& design, const std::string& field);
  Cells ReadLeaveOneOut(const LeaveOneOut& design, const std::string& field);
  Cells ReadAddOne(const AddOne& design, const std::string& field);
  // Takes away the choices of axes that do not apply.
  Cells Reduce(const std::string& field, Cells cells);
  Cells Exclude(const Design& design, const std::string& field, Cells cells);
  // Reports a value of an exclusion that its axis has in no cell; whether there
  // is one.
  bool ReportValueOfNoCell(const std::vector<AxisChoice>& where,
                           const std::string& field, const Cells& cells);
  // The value that the axis has in the cell, or in the base where the cell does
  // not set it, as if it applied; null for none.
  const std::string* ValueIn(const AskedCell& cell, size_t axis) const;
  // "; say set { axis: ..." for the condition of the axis that fails in the
  // cell with these choices.
  std::string WayToApply(size_t axis,
                         const std::vector<AxisChoice>& choices) const;
  // Whether the axis applies in the base; reports at `field` if it does not.
  bool CheckAppliesInBase(size_t axis, absl::string_view field);
  bool Holds(const std::vector<AxisChoice>& where, const AskedCell& cell) const;

  const std::vector<CheckedAxis>& axes_;
  const AxisValues& values_;
  Problems* problems_;
  SettingReader settings_;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_DESIGNS_H_
