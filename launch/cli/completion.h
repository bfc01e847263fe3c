/// \file
/// Shell completion, generated from the parser's own description of verbs and
/// flags, so it names none that do not exist.
#ifndef TRANSECT_LAUNCH_CLI_COMPLETION_H_
#define TRANSECT_LAUNCH_CLI_COMPLETION_H_

#include <string>

#include "CLI/CLI.hpp"

namespace transect {

/// Script that bash sources: `source <(transect completion bash)`. Completes
/// verbs, flags, the values of flags that take one of a few, and files
/// elsewhere; it asks `transect complete` for fields, selectors, runs and
/// published sets. Needs bash 4. Does not need the bash-completion package.
std::string BashCompletion(const CLI::App& app);

/// The same for zsh, as the file `_transect` of a directory in `fpath` or
/// sourced after `compinit`; shows what verbs and flags mean.
std::string ZshCompletion(const CLI::App& app);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_COMPLETION_H_
