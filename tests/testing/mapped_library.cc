#include "tests/testing/mapped_library.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace transect {

std::string MappedLibrary(absl::string_view name) {
  std::ifstream maps("/proc/self/maps");
  const std::string start = absl::StrCat("/", name);
  std::string line;
  while (std::getline(maps, line)) {
    const size_t path = line.find('/');
    if (path == std::string::npos || line.rfind(start) != line.rfind('/')) {
      continue;
    }
    std::ifstream file(line.substr(path), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  return "";
}

}  // namespace transect
