/// \file
/// Slurm's programs as functions: what they say, within a time.
///
/// The controller may be away for minutes, and its clients then wait and fail.
/// A failure is told as one; it is never an empty answer.
#ifndef TRANSECT_LAUNCH_SLURM_COMMAND_H_
#define TRANSECT_LAUNCH_SLURM_COMMAND_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace transect {

/// Longest wait for one of Slurm's programs. They give up themselves after 9 to
/// 18 s without an answer.
inline constexpr std::chrono::seconds kCommandTimeout{30};

/// What the program `words[0]`, found by PATH, printed to stdout. kUnavailable,
/// in one line with the program and what it said last, if it cannot be started,
/// takes longer than `timeout` (then it is killed) or ends with another code
/// than 0. It sees no variable by which a job would change what it does. It has
/// the descriptor `inherited` too, if that is not -1.
absl::StatusOr<std::string> RunCommand(
    const std::vector<std::string>& words,
    std::chrono::milliseconds timeout = kCommandTimeout, int inherited = -1);

/// Path of `program` in PATH; kNotFound with the way out.
absl::StatusOr<std::string> FindProgram(const std::string& program);

/// This process's environment for one of Slurm's programs. `inside` of a job it
/// keeps what says which job that is.
std::vector<std::string> SlurmEnvironment(bool inside);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_COMMAND_H_
