// The verbs of the command line, group by group. cli.cc parses; each group adds
// its verbs and their flags in a file of its own.
#ifndef TRANSECT_LAUNCH_CLI_VERBS_H_
#define TRANSECT_LAUNCH_CLI_VERBS_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "launch/cli/commands.h"

namespace transect {

// The state of one parse. The callback of the verb that was typed sets
// `chosen`, which is called after parsing.
struct Verbs {
  CommandContext context;
  std::function<absl::StatusOr<int>()> chosen;
};

// Adds --store, --site and --color to a verb. Here and below `verbs` must
// outlive the app.
void AddPlaces(CLI::App* verb, Verbs* verbs);

// Adds --set to a verb.
void AddOverrides(CLI::App* verb, Verbs* verbs);

// `transect data ...`.
void AddDataVerbs(CLI::App* app, Verbs* verbs);

// `transect why` and `transect diff`.
void AddWhyVerbs(CLI::App* app, Verbs* verbs);

// `transect completion`: a script for a shell, made by a walk over the verbs
// and flags that `app` has when the verb runs.
void AddCompletionVerb(CLI::App* app, Verbs* verbs);
// `transect predict`, `transect evaluate`. As above.
void AddModelVerbs(CLI::App* app, Verbs* verbs);
// `transect export`.
void AddExportVerb(CLI::App* app, Verbs* verbs);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_VERBS_H_
