/// \file
/// The command line of `transect`.
#ifndef TRANSECT_LAUNCH_CLI_CLI_H_
#define TRANSECT_LAUNCH_CLI_CLI_H_

namespace transect {

/// Parses the command line, does what it says and returns the exit code
/// (verb.h). Under `bazel run`, which starts programs in their runfiles, first
/// changes to the directory where the command was typed, so that relative paths
/// mean what they say there.
int TransectMain(int argc, char** argv);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_CLI_H_
