// The shared libraries that a test really runs, whatever it was built against.
#ifndef TRANSECT_TESTS_TESTING_MAPPED_LIBRARY_H_
#define TRANSECT_TESTS_TESTING_MAPPED_LIBRARY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace transect {

// The bytes of the library that this process has mapped and whose file name
// starts with `name`; empty if there is none.
std::string MappedLibrary(absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_TESTS_TESTING_MAPPED_LIBRARY_H_
