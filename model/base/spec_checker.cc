#include "model/base/spec_checker.h"

#include "absl/strings/str_cat.h"

namespace transect {

SpecChecker SpecChecker::Below(absl::string_view field) const {
  return SpecChecker(absl::StrCat(path_, ".", field), problems_);
}

void SpecChecker::Add(absl::string_view field,
                      const std::string& message) const {
  problems_->Add(absl::StrCat(path_, ".", field), message);
}

bool SpecChecker::Range(absl::string_view field, int64_t value, int64_t low,
                        int64_t high) const {
  if (low <= value && value <= high) return true;
  Add(field, absl::StrCat("is ", value, ", must be ", low, " to ", high));
  return false;
}

bool SpecChecker::Multiple(absl::string_view field, int64_t value,
                           int64_t factor, int64_t high) const {
  if (!Range(field, value, factor, high)) return false;
  if (value % factor == 0) return true;
  Add(field, absl::StrCat("is ", value, ", must be a multiple of ", factor));
  return false;
}

bool SpecChecker::Divides(absl::string_view field, int64_t divisor,
                          int64_t value, absl::string_view what) const {
  if (divisor > 0 && value % divisor == 0) return true;
  Add(field, absl::StrCat("is ", divisor, ", must divide ", what, " ", value));
  return false;
}

void SpecChecker::Chosen(absl::string_view field, int value) const {
  if (value == 0) Add(field, "must not be UNSPECIFIED");
}

}  // namespace transect
