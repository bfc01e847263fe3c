/// \file
/// Which shared libraries the loader maps for a program, and which glibc they
/// ask for, asked from the loader itself.
#ifndef TRANSECT_LAUNCH_STORE_PROGRAM_NEEDED_LIBRARIES_H_
#define TRANSECT_LAUNCH_STORE_PROGRAM_NEEDED_LIBRARIES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
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
/// order, as it resolves them in an empty environment (what `ldd -v` asks it).
/// The loader itself and the kernel's own library are left out.
/// Runs nothing of `file`; takes some 30 ms for 200 libraries.
/// kFailedPrecondition if the loader refuses the file, with what it says.
///
/// `glibc`, if given, is raised to the oldest version of glibc, such as "2.36",
/// that has all symbols which `file` and those libraries ask of it: the highest
/// GLIBC_x.y of their symbol versions.
absl::StatusOr<std::vector<NeededLibrary>> ListNeededLibraries(
    const std::string& file, std::string* glibc = nullptr);

/// Whether a library of that name belongs to the machine and not to a program:
/// those of glibc, which must match the loader, and those of the GPU driver,
/// which must match the kernel. The machine's identity covers them (machine.h).
bool BelongsToMachine(absl::string_view name);

/// Whether version `a` is older than `b`: numbers between dots are compared as
/// numbers, so 2.9 is older than 2.36. "" is older than all others.
bool OlderVersion(absl::string_view a, absl::string_view b);

/// kFailedPrecondition, with both versions and the way out, if the glibc of
/// this machine is older than `needed`, which ListNeededLibraries found for
/// `what`. OK where `needed` is "": nothing is known.
absl::Status CheckGlibc(absl::string_view needed, absl::string_view what);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_PROGRAM_NEEDED_LIBRARIES_H_
