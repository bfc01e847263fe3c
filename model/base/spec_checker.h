/// \file
/// Range checks of a spec's fields, with one form of message for each.
#ifndef TRANSECT_MODEL_BASE_SPEC_CHECKER_H_
#define TRANSECT_MODEL_BASE_SPEC_CHECKER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"

namespace transect {

/// Collects problems below one field path. Functions that return bool return
/// whether the value is right.
class SpecChecker {
 public:
  /// \param problems outlives the checker.
  SpecChecker(absl::string_view path, Problems* problems)
      : path_(path), problems_(problems) {}

  SpecChecker Below(absl::string_view field) const;
  void Add(absl::string_view field, const std::string& message) const;

  bool Range(absl::string_view field, int64_t value, int64_t low,
             int64_t high) const;
  /// A multiple of `factor`, from `factor` to `high`.
  bool Multiple(absl::string_view field, int64_t value, int64_t factor,
                int64_t high) const;
  bool Divides(absl::string_view field, int64_t divisor, int64_t value,
               absl::string_view what) const;
  /// Enums: zero is "unspecified" and is not a choice.
  void Chosen(absl::string_view field, int value) const;

  /// Problems found so far, on any path.
  size_t num_problems() const { return problems_->all().size(); }

 private:
  std::string path_;
  Problems* problems_;
};

}  // namespace transect

#endif  // TRANSECT_MODEL_BASE_SPEC_CHECKER_H_
