/// \file
/// All verbs of the command line.
///
/// Each adds itself to the parser, with its flags, in NAME_verb.cc. A new verb
/// needs such a file, a line here and one in cli.cc.
#ifndef TRANSECT_LAUNCH_CLI_VERBS_H_
#define TRANSECT_LAUNCH_CLI_VERBS_H_

#include "CLI/CLI.hpp"
#include "launch/cli/verb.h"

namespace transect {

/// About an experiment.
void AddPlanVerb(CLI::App* app, CommandLine* line);
void AddRunVerb(CLI::App* app, CommandLine* line);
void AddStatusVerb(CLI::App* app, CommandLine* line);
void AddReportVerb(CLI::App* app, CommandLine* line);
void AddSpecVerb(CLI::App* app, CommandLine* line);

/// About the store: `store` is the verb `transect store`.
void AddRunsVerb(CLI::App* app, CommandLine* line);
void AddGcVerb(CLI::App* app, CommandLine* line);
void AddStoreCheckVerb(CLI::App* store, CommandLine* line);
void AddStoreCopyVerb(CLI::App* store, CommandLine* line);
void AddStoreViewsVerb(CLI::App* store, CommandLine* line);

/// About what runs do and did.
void AddShowVerb(CLI::App* app, CommandLine* line);
void AddLogsVerb(CLI::App* app, CommandLine* line);
void AddFailsVerb(CLI::App* app, CommandLine* line);
void AddCancelVerb(CLI::App* app, CommandLine* line);
void AddCertifyVerb(CLI::App* app, CommandLine* line);

/// About the machine.
void AddCheckMachineVerb(CLI::App* app, CommandLine* line);

/// About finished runs.
void AddPredictVerb(CLI::App* app, CommandLine* line);
void AddEvaluateVerb(CLI::App* app, CommandLine* line);
void AddExportVerb(CLI::App* app, CommandLine* line);
void AddWhyVerb(CLI::App* app, CommandLine* line);
void AddDiffVerb(CLI::App* app, CommandLine* line);

/// About published tables.
void AddAuditVerb(CLI::App* app, CommandLine* line);

/// About data sets: `data` is the verb `transect data`.
void AddDataSynthVerb(CLI::App* data, CommandLine* line);
void AddDataGalleryVerb(CLI::App* data, CommandLine* line);
void AddDataCheckVerb(CLI::App* data, CommandLine* line);
void AddDataExportVerb(CLI::App* data, CommandLine* line);

/// For jobs of Slurm, not for people.
void AddSlotVerb(CLI::App* app, CommandLine* line);
void AddRankVerb(CLI::App* app, CommandLine* line);

/// For authors of specs and commands.
void AddHelpVerb(CLI::App* app, CommandLine* line);
void AddDescribeVerb(CLI::App* app, CommandLine* line);
void AddCompletionVerb(CLI::App* app, CommandLine* line);
void AddCompleteVerb(CLI::App* app, CommandLine* line);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_VERBS_H_
