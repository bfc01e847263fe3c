/// \file
/// `bazel run //:install -- PREFIX`: Transect in a folder that needs neither
/// Bazel nor the checkout nor packages beyond glibc.
///
///     PREFIX/bin/transect           looks at this machine's glibc, then starts
///                                   the program (start.cc); linked statically
///     PREFIX/lib/transect/          all that the program uses:
///       bin/transect                the program,
///       program_libraries/          its libraries,
///       glibc.txt                   the oldest glibc that has what all of it
///                                   asks for, such as "2.36"
///       launch/, data/, _solib_*/,  the worker, its modules and libraries in
///       system_libraries/           the places that they have in a bundle
///       third_party/                what is part of the code part besides
///     PREFIX/share/                 completions, experiments, documents
///
/// All files are copies, so the checkout may be changed or removed. An install
/// over an older one replaces PREFIX/lib/transect by two renames: who starts
/// `transect` gets the old one or the new one. What runs goes on with what it
/// has, and attempts execute the bundle of their store.
///
/// An installed worker gives the same code part as the build it was copied
/// from.
#ifndef TRANSECT_LAUNCH_UPKEEP_INSTALL_INSTALL_H_
#define TRANSECT_LAUNCH_UPKEEP_INSTALL_INSTALL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "launch/store/program/built_worker.h"

namespace transect {

/// A file that is installed as it is.
struct SharedFile {
  std::string source;
  /// Below PREFIX.
  std::string place;
};

/// What is installed.
struct Installable {
  BuiltWorker worker;
  /// Paths of `transect` and of start.cc's program.
  std::string program;
  std::string start;
  /// Experiments, completions, documents.
  std::vector<SharedFile> shared;
};

/// Installs `what` in the directory `prefix`, which is made if it is missing.
/// kFailedPrecondition if prefix/lib/transect is something else than an
/// installation; the system's error, with the path, where something cannot be
/// written: then an older installation is as it was.
absl::Status Install(const Installable& what, const std::string& prefix);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_UPKEEP_INSTALL_INSTALL_H_
