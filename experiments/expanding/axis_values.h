/// \file
/// Which value each axis has in the base and in the cells that depart from it.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_AXIS_VALUES_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_AXIS_VALUES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiments/expanding/axes.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Axis and value, as canonical text.
using AxisSetting = std::pair<std::string, std::string>;

/// How a cell differs from the base.
struct CellValues {
  /// Axes whose value is another than in the base.
  std::vector<AxisSetting> settings;
  /// Axes that have a value in the base only.
  std::vector<std::string> without;
  /// "axis=value" of the settings that were chosen; the others follow from
  /// them.
  std::vector<std::string> chosen;
};

class AxisValues {
 public:
  /// `base` is the base as the file has it, `resolved` the same resolved.
  /// `axes` is kept by reference.
  AxisValues(const std::vector<CheckedAxis>& axes, const RunSpec& base,
             const RunSpec& resolved);

  /// Of each axis the value in the base, as if all axes applied; nothing where
  /// the field cannot matter there or the base is none of the axis's options.
  /// Of several options that are the base the first counts. A name that
  /// resolution replaces by what it stands for (model.rsrefseg.variant) has the
  /// value that the file or the schema gives it.
  const std::vector<std::optional<std::string>>& in_base() const {
    return in_base_;
  }

  /// Whether any axis has conditions.
  bool conditional() const { return conditional_; }

  /// Of each axis, whether it applies in the base.
  const std::vector<bool>& applies_in_base() const { return applies_in_base_; }

  /// Of each axis, whether it applies in the cell with these choices.
  std::vector<bool> AppliesWith(const std::vector<AxisChoice>& choices) const;

  /// Every axis that applies in the base and has a value there.
  std::vector<AxisSetting> BaseSettings() const;

  /// The values in the cell with these choices, whose run resolves to
  /// `resolved`.
  CellValues InCell(const std::vector<AxisChoice>& choices,
                    const RunSpec& resolved) const;

 private:
  std::optional<std::string> ValueInCell(size_t axis, const AxisChoice* choice,
                                         const std::vector<AxisChoice>& choices,
                                         const RunSpec& resolved) const;
  // Whether one of the choices writes what the axis writes at `value`.
  bool Touched(const CheckedAxis& axis, const std::string& value,
               const std::vector<AxisChoice>& choices) const;

  const std::vector<CheckedAxis>& axes_;
  std::vector<std::optional<std::string>> in_base_;
  // Of each axis: whether its field is a name that the resolved base no longer
  // has, because it is replaced by what it stands for.
  std::vector<bool> replaced_;
  std::vector<bool> applies_in_base_;
  bool conditional_ = false;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_AXIS_VALUES_H_
