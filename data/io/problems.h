/// \file
/// The result of validation: every problem with the path of its field, so that
/// a user can fix all of them at once.
#ifndef TRANSECT_DATA_IO_PROBLEMS_H_
#define TRANSECT_DATA_IO_PROBLEMS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// One finding.
struct Problem {
  /// Path from the root message, like "data.synthesis.image_size"; "" for the
  /// whole.
  std::string field;
  /// The value and the allowed range, like "is 7, must be 32 to 1024".
  std::string message;
};

/// Findings in the order in which they were made.
class Problems {
 public:
  void Add(absl::string_view field, absl::string_view message) {
    all_.push_back({std::string(field), std::string(message)});
  }
  bool empty() const { return all_.empty(); }
  const std::vector<Problem>& all() const { return all_; }

 private:
  std::vector<Problem> all_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_IO_PROBLEMS_H_
