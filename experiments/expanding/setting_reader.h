/// \file
/// Names and settings of axes in designs: which axes, at which values.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_SETTING_READER_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_SETTING_READER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/expanding/axes.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/source_map.h"
#include "google/protobuf/repeated_field.h"

namespace transect {

/// Neither MakeCells nor ValidateCells looks for more problems than about this
/// many: no one reads more, and finding them takes time.
inline constexpr size_t kManyProblems = 1000;

/// Reads lists of a design. What is wrong goes to the problems, under `field`,
/// the path of the list.
class SettingReader {
 public:
  using Settings = google::protobuf::RepeatedPtrField<Setting>;
  using Names = google::protobuf::RepeatedPtrField<std::string>;

  /// `axes` are those of `experiment`, `in_base` has the value of each in the
  /// base (AxisValues::in_base), `sources`, which may be null, the places of
  /// its fields. All are kept by reference.
  SettingReader(const Experiment& experiment,
                const std::vector<CheckedAxis>& axes,
                const std::vector<std::optional<std::string>>& in_base,
                const SourceMap* sources, Problems* problems);

  /// Indices of the named axes that a design can vary. `good` becomes false if
  /// there are none or others are among them.
  std::vector<size_t> ReadAxisNames(const Names& names,
                                    const std::string& field, bool* good);

  /// The settings; nothing, after a report, if one of them is wrong.
  std::optional<std::vector<AxisChoice>> ReadSettings(const Settings& settings,
                                                      const std::string& field);

  /// The same for settings that must differ from the base.
  std::optional<std::vector<AxisChoice>> ReadWithout(const Settings& settings,
                                                     const std::string& field);

  /// Number of values that the axis has in the file, right or wrong.
  int ValuesInFile(size_t axis) const;

  /// Whether there are kManyProblems.
  bool Enough() const;

 private:
  const Experiment& experiment_;
  const std::vector<CheckedAxis>& axes_;
  const std::vector<std::optional<std::string>>& in_base_;
  const SourceMap* sources_;
  Problems* problems_;
};

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_SETTING_READER_H_
