/// \file
/// The axes of an experiment, checked against the schema.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_AXES_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_AXES_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/field_path.h"
#include "experiments/reading/source_map.h"

namespace transect {

/// The first values, separated by commas, and the number of the others.
std::string ListedValues(const std::vector<std::string>& values);

/// What an option of an axis sets over the base.
struct AxisOverlay {
  RunSpec set;
  /// Paths of the fields that it writes, sorted: of scalars, lists and empty
  /// messages.
  std::vector<std::string> fields;
  /// Members of oneofs that it enters, by the path of the oneof, sorted.
  std::vector<std::pair<std::string, std::string>> oneofs;
};

/// A valid value of an axis.
struct AxisValue {
  /// Canonical text; the name of an option.
  std::string text;
  /// Where the file has it: "axis[1].values[0]", "axis[1].option[0]".
  std::string field;
  /// Of an option, else null.
  std::shared_ptr<const AxisOverlay> overlay;
};

/// An axis applies where another axis has one of some values.
struct CheckedCondition {
  /// Index of the other axis.
  size_t axis;
  /// Canonical.
  std::vector<std::string> values;
};

/// An axis, checked.
struct CheckedAxis {
  std::string name;
  /// The field it varies; nothing where it has options, and where the field is
  /// wrong, which ReadAxes has reported.
  std::optional<FieldPath> path;
  /// Whether its values are options.
  bool has_options = false;
  /// Each value once.
  std::vector<AxisValue> values;
  /// All must hold. Never leads back to the axis itself.
  std::vector<CheckedCondition> when;

  /// Whether cells can be made with it.
  bool usable() const { return path.has_value() || has_options; }

  /// The canonical text of a value: "5e-1" and "0.5" are both "0.5". A value
  /// of a field need not be listed, an option must be. kInvalidArgument says
  /// what is allowed. The axis must be usable.
  absl::StatusOr<std::string> Canonical(absl::string_view value) const;

  /// What the value, canonical, sets over the base; null for a field's.
  const AxisOverlay* Overlay(absl::string_view value) const;

  /// "applies only where text is HALF or FULL", for an axis with conditions.
  std::string WhereItApplies(const std::vector<CheckedAxis>& axes) const;

  /// The names of that axis and of those that its conditions name, as a grid
  /// has them: `"text", "rank"`.
  std::string GridOfConditions(const std::vector<CheckedAxis>& axes) const;

  /// What is wrong with a value, with those that the axis has, unless `wrong`
  /// names the nearest: "...; axis \"rank\" has the values 2, 4".
  std::string WithValues(absl::string_view wrong) const;
};

/// An axis, by its index in the file, at a value in canonical text.
struct AxisChoice {
  size_t axis;
  std::string value;
};

/// Names of one kind: 1 to 64 letters, digits, '_' and '-', each given once.
class NameChecker {
 public:
  /// `kind` is what messages call one, such as "a design".
  NameChecker(absl::string_view kind, Problems* problems)
      : kind_(kind), problems_(problems) {}

  /// Reports at `field` what is wrong with the next name.
  void Check(const std::string& name, absl::string_view field);

 private:
  std::string kind_;
  Problems* problems_;
  std::set<std::string> seen_;
};

/// Names of what selectors (selector.h) know besides axes.
inline constexpr absl::string_view kReservedAxisNames[] = {"seed", "state",
                                                           "design", "cell"};

/// Index of the axis; nothing, after a report at `field`, where there is none:
/// with the nearest names, or with the file that lost it to another's list of
/// axes if `sources`, which may be null, knows one.
std::optional<size_t> FindAxis(const std::vector<CheckedAxis>& axes,
                               const std::string& name, absl::string_view field,
                               const SourceMap* sources, Problems* problems);

/// The axes in the order of the file, as many as it has. Problems: names as
/// above, and kReservedAxisNames; fields that do not exist, that are lists or
/// messages, the seed, operational fields; values that the field does not take
/// or that are given twice in whatever spelling; conditions on axes or values
/// that do not exist or that form a circle; more than kMaxConditions conditions
/// or kMaxOptions options in all.
inline constexpr int kMaxConditions = 1000;
inline constexpr int kMaxOptions = 1000;
std::vector<CheckedAxis> ReadAxes(const Experiment& experiment,
                                  Problems* problems,
                                  const SourceMap* sources = nullptr);

/// For each axis, whether it applies in a cell: its conditions hold, and the
/// axes that they name apply themselves. `value` gives the canonical value of
/// an axis in the cell, or that of the base, as if all applied; null for none.
std::vector<bool> AxesThatApply(
    const std::vector<CheckedAxis>& axes,
    const std::function<const std::string*(size_t)>& value);

/// What both settings, an axis at a canonical value each, would write: a field,
/// or a oneof of which they enter different members; "" if there is nothing.
std::string SharedField(const CheckedAxis& a, absl::string_view a_value,
                        const CheckedAxis& b, absl::string_view b_value);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_AXES_H_
