/// \file
/// How every verb starts: from the flags to the site file, the store, the
/// worker and, where the verb is about an experiment, its plan.
#ifndef TRANSECT_LAUNCH_CLI_SESSION_H_
#define TRANSECT_LAUNCH_CLI_SESSION_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "launch/cli/report_input.h"
#include "launch/cli/verb.h"
#include "launch/inputs/site.h"
#include "launch/plan/plan.h"
#include "launch/store/bundle.h"
#include "launch/store/code.pb.h"
#include "launch/store/store.h"

namespace transect {

/// Where a verb works.
struct Session {
  SiteFile site;
  Store store;
  /// The worker beside this program, or why there is none.
  absl::StatusOr<BuiltWorker> worker;
  /// Its code part and what that is a digest of; empty and nothing where there
  /// is no worker.
  std::string code;
  std::optional<CodeParts> parts;
};

/// Reads the site file, the worker and the version of the store; writes
/// nothing.
absl::StatusOr<Session> OpenSession(const CommandContext& context);

/// The same without a look at the worker, which takes longer than all that
/// some verbs do.
absl::StatusOr<Session> OpenStoreAlone(const CommandContext& context);

/// kNotFound, with the ways to name or make one, if there is no store.
absl::Status CheckStoreExists(const Session& session);

/// A session about an experiment.
struct ExperimentSession : Session {
  Experiment experiment;
  /// What its report shows besides the runs.
  std::vector<ShownPublished> published;
  /// Its runs, of which the selectors are selected. No input has been hashed.
  Plan plan;
};

/// Experiment and runs of the file `spec`.
struct CheckedExperiment {
  Experiment experiment;
  Expansion expansion;
};

/// Reads the experiment, sets the --set fields of its base, and expands it,
/// which is the check that it can be run. Needs neither store nor worker.
absl::StatusOr<CheckedExperiment> LoadChecked(const CommandContext& context,
                                              const std::string& spec);

/// Opens a session and plans the experiment in it. Expands it once: the
/// expansion is the plan's. Writes nothing.
absl::StatusOr<ExperimentSession> OpenExperiment(
    const CommandContext& context, const ExperimentOptions& options);

/// Plans again after hashing the found inputs that wanted jobs read and the
/// store does not know yet, which `progress` shows; their problems are errors.
absl::Status HashFoundInputs(const CommandContext& context,
                             absl::Span<const std::string> selectors,
                             const HashProgress& progress,
                             ExperimentSession* session);

/// The command `verb`, which may end in a flag ("evaluate --spec"), on the same
/// experiment, store, site, --set and --accept-code, as people type it.
std::string CommandText(const CommandContext& context, absl::string_view verb,
                        const std::string& spec);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_SESSION_H_
