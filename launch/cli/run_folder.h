/// \file
/// From a reference as people type it to the job directory of a run or an
/// input, done or not: for verbs that look at what happened.
#ifndef TRANSECT_LAUNCH_CLI_RUN_FOLDER_H_
#define TRANSECT_LAUNCH_CLI_RUN_FOLDER_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"

namespace transect {

struct RunFolder {
  Session session;
  /// Whole spec part of a run, identity of an input.
  std::string id;
  /// Code part as directories show it; empty for an input that does not depend
  /// on it.
  std::string code;
  /// What the experiment calls it; empty without --spec.
  std::string name;
  /// Job directory; there need not be one.
  std::string dir;
};

/// Finds what `options` names: run_reference.h says how, and without --spec the
/// start of the id of anything that the store has will do. Of several codes the
/// present one is taken.
absl::StatusOr<RunFolder> FindRunFolder(const CommandContext& context,
                                        const RunReferenceOptions& options);

/// The argument RUN, --spec, --set, --store, --site and --color.
void AddRunArgument(CLI::App* verb, CommandLine* line,
                    RunReferenceOptions* options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_RUN_FOLDER_H_
