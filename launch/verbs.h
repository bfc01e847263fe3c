// The verbs of the command line, group by group. cli.cc parses; each group adds
// its verbs and their flags in a file of its own.
#ifndef TRANSECT_LAUNCH_VERBS_H_
#define TRANSECT_LAUNCH_VERBS_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "launch/commands.h"

namespace transect {

// The state of one parse. The callback of the verb that was typed sets
// `chosen`, which is called after parsing.
struct Verbs {
  CommandContext context;
  std::function<absl::StatusOr<int>()> chosen;
};

// `transect data ...`. `verbs` must outlive `app`.
void AddDataVerbs(CLI::App* app, Verbs* verbs);

// `transect export`.
void AddExportVerb(CLI::App* app, Verbs* verbs);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_VERBS_H_
