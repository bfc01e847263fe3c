// Completion of the command line by a shell, generated from the command line's
// own description, so that it cannot name a verb or flag that does not exist.
#ifndef TRANSECT_LAUNCH_CLI_COMPLETION_H_
#define TRANSECT_LAUNCH_CLI_COMPLETION_H_

#include <string>

#include "CLI/CLI.hpp"

namespace transect {

// Script that bash sources: `source <(transect completion bash)`. Completes
// verbs, flags, the values of flags that have a closed set of them, and files
// elsewhere. Needs no package of completions.
std::string BashCompletion(const CLI::App& app);

// The same for zsh, as the file `_transect` of a directory in `fpath` or
// sourced after `compinit`; shows what verbs and flags mean.
std::string ZshCompletion(const CLI::App& app);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_COMPLETION_H_
