/// \file
/// Whether the libraries that this process has mapped are those of its bundle.
///
/// The code part of a run's id covers the bytes of the bundle's libraries, so a
/// rank computes with these or not at all. The launcher compares the bytes with
/// the code part before it starts a rank (`CheckBundle` in bundle.h). A rank
/// checks that the loader took them from there: when it starts, and again
/// before it writes its result, for what was loaded in between. The rank asks
/// the loader and not /proc/self/maps: the kernel names the files behind links,
/// whose names are not those that programs ask for.
#ifndef TRANSECT_LAUNCH_WORKER_MAPPED_LIBRARIES_H_
#define TRANSECT_LAUNCH_WORKER_MAPPED_LIBRARIES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "launch/store/code.pb.h"

namespace transect {

/// Paths of the libraries that the loader has mapped into this process so far,
/// in its order and as it opened them, the program itself left out.
std::vector<std::string> MappedLibraries();

/// Checks that each of the `mapped` paths whose file name is that of a library
/// or module of `parts` is that file below `bundle`. A name that the bundle
/// does not hold, such as that of glibc, may come from anywhere.
/// \returns kInternal with the library, where it was mapped from and where it
///   should have been.
absl::Status CheckMappedLibraries(const std::string& bundle,
                                  const CodeParts& parts,
                                  const std::vector<std::string>& mapped);

/// The same for this process and the bundle that its program lies in. OK for a
/// program outside of a bundle, with no code.textproto at the root of its tree:
/// there is no code part that its numbers could be taken for. kDataLoss if the
/// file is there and cannot be read.
absl::Status CheckOwnLibraries();

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_MAPPED_LIBRARIES_H_
