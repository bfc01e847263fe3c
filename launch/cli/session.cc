#include "launch/cli/session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "analysis/answers/answers.h"
#include "data/io/file.h"
#include "experiments/reading/load.h"
#include "experiments/reading/override.h"
#include "experiments/reading/source_map.h"
#include "launch/execute/process.h"
#include "launch/store/claim.h"
#include "third_party/absl_polyfill/status_macros.h"
#include "tools/build_info/build_info.h"

namespace transect {

absl::StatusOr<Session> OpenStoreAlone(const CommandContext& context) {
  TRANSECT_ASSIGN_OR_RETURN(SiteFile site, LoadSite(context.site));
  SetLeaseSeconds(site.site.lease_seconds());
  TRANSECT_ASSIGN_OR_RETURN(Store store,
                            Store::Open(StoreRoot(context.store, site)));
  return Session{std::move(site), std::move(store),
                 absl::NotFoundError("the worker was not looked for"), "",
                 std::nullopt};
}

absl::StatusOr<Session> OpenSession(const CommandContext& context) {
  TRANSECT_ASSIGN_OR_RETURN(Session session, OpenStoreAlone(context));
  session.worker = FindWorker(context.argv[0]);
  if (session.worker.ok()) {
    TRANSECT_ASSIGN_OR_RETURN(session.parts,
                              MakeCodeParts(*session.worker, session.store));
    const BuildInfo build = GetBuildInfo();
    session.parts->set_commit(build.commit);
    session.parts->set_dirty(build.dirty);
    session.code = CodeDigest(*session.parts);
  } else if (!absl::IsNotFound(session.worker.status())) {
    return session.worker.status();
  }
  return session;
}

absl::Status CheckStoreExists(const Session& session) {
  if (FileExists(session.store.root())) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(
      "there is no store ", session.store.root(),
      "; name another with --store, TRANSECT_STORE or the site file, or "
      "make it with `transect run SPEC`"));
}

absl::StatusOr<CheckedExperiment> LoadChecked(const CommandContext& context,
                                              const std::string& spec) {
  CheckedExperiment checked;
  SourceMap sources;
  TRANSECT_ASSIGN_OR_RETURN(checked.experiment, LoadExperiment(spec, &sources));
  TRANSECT_RETURN_IF_ERROR(
      ApplyOverrides(context.overrides, &checked.experiment, &sources));
  TRANSECT_ASSIGN_OR_RETURN(checked.expansion,
                            Expand(checked.experiment, {}, &sources));
  return checked;
}

absl::StatusOr<ExperimentSession> OpenExperiment(
    const CommandContext& context, const ExperimentOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(CheckedExperiment checked,
                            LoadChecked(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(Session opened, OpenSession(context));
  ExperimentSession session{
      std::move(opened), std::move(checked.experiment), {}, {}};
  // Now, and not after hours of training.
  TRANSECT_ASSIGN_OR_RETURN(session.published,
                            ChoosePublished(session.experiment.report(), {}));
  TRANSECT_RETURN_IF_ERROR(
      CheckAnswers(session.experiment.report(), CellsOf(checked.expansion)));
  TRANSECT_ASSIGN_OR_RETURN(
      session.plan,
      MakePlan(std::move(checked.expansion), session.store, session.site,
               session.code, nullptr, context.accepted_codes));
  TRANSECT_RETURN_IF_ERROR(
      SelectRuns(options.selectors, &session.plan, context.retry));
  return session;
}

absl::Status HashFoundInputs(const CommandContext& context,
                             absl::Span<const std::string> selectors,
                             const HashProgress& progress,
                             ExperimentSession* session) {
  const Hashing hashing = {progress, NeededKeys(session->plan)};
  if (hashing.keys.empty()) return absl::OkStatus();
  // Roles whose contents were known to be equal are one input by now; hashing
  // asks for each of them again.
  TRANSECT_ASSIGN_OR_RETURN(Expansion pending,
                            Identify(std::move(session->plan.expansion), {}));
  TRANSECT_ASSIGN_OR_RETURN(
      session->plan, MakePlan(std::move(pending), session->store, session->site,
                              session->code, &hashing, context.accepted_codes));
  return SelectRuns(selectors, &session->plan, context.retry);
}

std::string CommandText(const CommandContext& context, absl::string_view verb,
                        const std::string& spec) {
  std::vector<std::string> words = context.program;
  for (const absl::string_view word : absl::StrSplit(verb, ' ')) {
    words.emplace_back(word);
  }
  words.push_back(spec);
  if (!context.store.empty()) {
    words.insert(words.end(), {"--store", context.store});
  }
  if (!context.site.empty()) {
    words.insert(words.end(), {"--site", context.site});
  }
  for (const std::string& assignment : context.overrides) {
    words.insert(words.end(), {"--set", assignment});
  }
  if (!context.accepted_codes.empty()) {
    words.insert(words.end(),
                 {"--accept-code", absl::StrJoin(context.accepted_codes, ",")});
  }
  return ShellQuoted(words);
}

}  // namespace transect
