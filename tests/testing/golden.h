/// \file
/// Tests against files that hold what is expected: screens, ids. This library
/// brings main(), in place of gtest_main, so that the files can be written
/// again:
///
///   bazel run //tests/launch/plan:plan_text_test -- --update
#ifndef TRANSECT_TESTS_TESTING_GOLDEN_H_
#define TRANSECT_TESTS_TESTING_GOLDEN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// Expects that the file `path` (from the root of the source tree, among the
/// data of the test) holds exactly `text`. With --update, writes `text` to that
/// file of the source tree instead and fails only if it cannot.
void ExpectGolden(const std::string& path, absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_TESTS_TESTING_GOLDEN_H_
