/// \file
/// How people name a run, and the run that they mean: the one place for all
/// verbs that take runs.
///
/// A reference is one of
///
///     14b1ce31          the start of the id of a run in the store
///     14b1ce31/9d0c     the same under one code, by the start of its code part
///     FILE.textproto    the one run of a file: a run's spec, as the store has
///                       it and `transect spec --resolved` prints it, or an
///                       experiment of one run; done or not
///
/// and with an experiment (--spec), whose runs need not be done,
///
///     #3                the third run that `transect plan` prints
///     rank=2 seed=1     selectors (experiments/selecting/selector.h) that
///                       select one run; quotes keep a space in a value
///
/// There an id is looked for in the experiment first, then in the store.
#ifndef TRANSECT_LAUNCH_CLI_RUN_REFERENCE_H_
#define TRANSECT_LAUNCH_CLI_RUN_REFERENCE_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/plan/plan.h"
#include "launch/plan/why.h"
#include "launch/store/find_run.h"
#include "launch/store/job.pb.h"

namespace transect {

/// What one reference leads to.
struct ReferredRun {
  /// Of a run that an experiment or a file names, as that says it; else as it
  /// was done. The code is that of the result, or the present one.
  RunIdentity identity;
  /// The run in the store; nothing where it is not done.
  std::optional<FoundRun> found;
  /// Why there is none, with the way out.
  absl::Status unfinished;
  /// What the ranks of the run would be told; nothing where only the store
  /// knows the run.
  std::optional<LaunchPlan> planned;
};

class RunReferences {
 public:
  /// Opens the session, and the experiment in the file `spec` unless that is
  /// "".
  static absl::StatusOr<RunReferences> Open(const CommandContext& context,
                                            const std::string& spec);

  const Session& session() const { return session_; }

  /// kInvalidArgument for a reference that means no run or several, with those
  /// to choose from; kNotFound for an id that nothing has. Errors of the file
  /// and of FindRun (launch/store/find_run.h).
  absl::StatusOr<ReferredRun> Find(const std::string& reference);

  /// The same of a run that is done; else its `unfinished`.
  absl::StatusOr<ReferredRun> FindDone(const std::string& reference);

 private:
  RunReferences(const CommandContext& context, Session session)
      : context_(context), session_(std::move(session)) {}

  absl::StatusOr<ReferredRun> InStore(const std::string& reference) const;
  absl::StatusOr<ReferredRun> InFile(const std::string& path) const;
  /// The run of the experiment that `reference` selects.
  absl::StatusOr<ReferredRun> InExperiment(const std::string& reference);
  /// Run `index` of `plan`, under the start of a code part or "". `command`
  /// makes it.
  ReferredRun OfPlan(const Plan& plan, size_t index, const std::string& code,
                     const std::string& command) const;
  void FillParts(RunIdentity* run) const;

  CommandContext context_;
  Session session_;
  std::string spec_;
  std::optional<Plan> plan_;
};

/// How the command line of a verb about one run names it.
struct RunReferenceOptions {
  std::string run;
  std::string spec;
};

/// --run, which is returned, --spec and --set.
CLI::Option* AddRunReference(CLI::App* verb, CommandLine* line,
                             RunReferenceOptions* options);

/// What a reference may be, for --help.
inline constexpr char kRunReferenceHelp[] =
    "the start of its id (`transect runs` lists them), ID/CODE, a run spec "
    "file, or with --spec '#3' or selectors such as 'rank=2 seed=1'";

/// --spec alone.
void AddReferenceSpec(CLI::App* verb, CommandLine* line, std::string* spec);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_RUN_REFERENCE_H_
