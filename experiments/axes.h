/// \file
/// The axes of an experiment, checked against the schema.
#ifndef TRANSECT_EXPERIMENTS_AXES_H_
#define TRANSECT_EXPERIMENTS_AXES_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/experiment.pb.h"
#include "experiments/field_path.h"

namespace transect {

/// A value that fits its axis.
struct AxisValue {
  /// Canonical text.
  std::string text;
  /// Where the file has it: "axis[1].values[0]".
  std::string field;
};

/// An axis, checked.
struct CheckedAxis {
  std::string name;
  /// Nothing where the field is wrong, which ReadAxes has reported.
  std::optional<FieldPath> path;
  /// Each value once.
  std::vector<AxisValue> values;
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

/// The axes in the order of the file, as many as it has. Problems: names as
/// above, and the words "seed" and "state", which selectors use; fields that do
/// not exist, that are lists or messages, the seed, operational fields; values
/// that do not fit the field or are given twice in whatever spelling.
std::vector<CheckedAxis> ReadAxes(const Experiment& experiment,
                                  Problems* problems);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_AXES_H_
