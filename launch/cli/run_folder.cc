#include "launch/cli/run_folder.h"

#include <filesystem>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/identity/run_id.h"
#include "launch/describe/folder_of_id.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Of an experiment, or the one run of a file.
absl::StatusOr<RunFolder> InExperiment(const CommandContext& context,
                                       const RunReferenceOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(const ReferredRun run,
                            references.Find(options.run));
  if (IsPending(run.identity.id)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the id of ", run.identity.name,
        " is not known before its found inputs are hashed, which the first "
        "`transect run` does"));
  }
  RunFolder folder{references.session(), run.identity.id, "", run.identity.name,
                   ""};
  if (run.found.has_value()) {
    folder.dir = run.found->dir;
    folder.code = ShownCode(run.found->result.code());
    return folder;
  }
  if (run.identity.code.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "no worker is beside this program, so the code part of ",
        run.identity.name, " is not known; name the run as ID/CODE"));
  }
  folder.code = ShownCode(run.identity.code);
  folder.dir = folder.session.store.RunDir(folder.id, run.identity.code);
  return folder;
}

}  // namespace

absl::StatusOr<RunFolder> FindRunFolder(const CommandContext& context,
                                        const RunReferenceOptions& options) {
  if (!options.spec.empty() || absl::EndsWith(options.run, ".textproto")) {
    return InExperiment(context, options);
  }
  TRANSECT_ASSIGN_OR_RETURN(Session session, OpenSession(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  if (!IsIdStart(options.run)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "run '", options.run,
        "': is not the start of an id; to name a run by its number or by "
        "selectors, give its experiment with --spec FILE"));
  }
  TRANSECT_ASSIGN_OR_RETURN(
      std::string dir, FolderOfId(session.store, session.code, options.run));
  const std::filesystem::path path(dir);
  const std::string last = path.filename().string();
  const bool of_code = last.size() == kShownCodeDigits;
  return RunFolder{std::move(session),
                   of_code ? path.parent_path().filename().string() : last,
                   of_code ? last : "", "", std::move(dir)};
}

void AddRunArgument(CLI::App* verb, CommandLine* line,
                    RunReferenceOptions* options) {
  verb->add_option("RUN", options->run,
                   absl::StrCat("The run: ", kRunReferenceHelp, "."))
      ->required()
      ->type_name("RUN");
  AddReferenceSpec(verb, line, &options->spec);
  AddPlaces(verb, line);
}

}  // namespace transect
