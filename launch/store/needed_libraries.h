/// \file
/// Which shared libraries the loader maps for a program, asked from the loader
/// itself.
#ifndef TRANSECT_LAUNCH_STORE_NEEDED_LIBRARIES_H_
#define TRANSECT_LAUNCH_STORE_NEEDED_LIBRARIES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// A library that a program needs, itself or through another library.
struct NeededLibrary {
  /// As the program asks for it, such as "libz.so.1".
  std::string name;
  /// Where the loader finds it, not resolved further; empty where it does not.
  std::string path;
};

/// The libraries of the program or shared library `file`, in the loader's
/// order, as it resolves them in an empty environment (`ld.so --list`, what
/// `ldd` calls). The loader itself and the kernel's own library are left out.
/// Runs nothing of `file`; takes some 30 ms for 200 libraries.
/// kFailedPrecondition if the loader refuses the file, with what it says.
absl::StatusOr<std::vector<NeededLibrary>> ListNeededLibraries(
    const std::string& file);

/// Whether a library of that name belongs to the machine and not to a program:
/// those of glibc, which must match the loader, and those of the GPU driver,
/// which must match the kernel. The machine's identity covers them (machine.h).
bool BelongsToMachine(absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_NEEDED_LIBRARIES_H_
