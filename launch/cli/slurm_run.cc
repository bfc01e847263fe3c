#include "launch/cli/slurm_run.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "launch/cli/output.h"
#include "launch/slurm/program.h"
#include "launch/slurm/slurm_executor.h"
#include "launch/slurm/submit.h"
#include "launch/slurm/sweep.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// What runs on a cluster take with them.
absl::StatusOr<SweepParts> PartsOf(const Provenance& provenance,
                                   const ExperimentSession& session) {
  SweepParts parts;
  parts.site = session.site.site;
  TRANSECT_ASSIGN_OR_RETURN(parts.program, ProgramDigest());
  parts.worker = absl::StrCat(session.store.BundleDir(session.code), "/",
                              session.worker->worker);
  parts.provenance = provenance;
  return parts;
}

void TellSubmission(const Submission& submission, const Store& store) {
  if (!submission.numbers.empty()) {
    Tell(absl::StrCat("submitted to Slurm: ", submission.numbers.size(),
                      submission.numbers.size() == 1 ? " job (" : " jobs (",
                      absl::StrJoin(submission.numbers, ", "),
                      "), scripts and logs in ",
                      store.SweepDir(submission.sweep), "\n"));
  }
  if (submission.already > 0) {
    Tell(absl::StrCat("in Slurm already: ", submission.already,
                      submission.already == 1 ? " run\n" : " runs\n"));
  }
}

}  // namespace

absl::StatusOr<Execution> ExecuteOnSlurm(const Provenance& provenance,
                                         bool wait, ExecutionObserver* observer,
                                         ExperimentSession* session) {
  SlurmOptions slurm;
  TRANSECT_ASSIGN_OR_RETURN(slurm.parts, PartsOf(provenance, *session));
  TRANSECT_RETURN_IF_ERROR(InstallProgram(session->store).status());
  slurm.wait = wait;
  return ExecuteBySlurm(slurm, session->store, &session->plan, observer,
                        [session](const Submission& submission) {
                          TellSubmission(submission, session->store);
                        });
}

absl::StatusOr<int> PrintScriptsOf(const Provenance& provenance,
                                   const ExperimentSession& session) {
  TRANSECT_ASSIGN_OR_RETURN(const SweepParts parts,
                            PartsOf(provenance, session));
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            DryRunText(parts, session.store, session.plan));
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, Printed::kDocument));
  return 0;
}

}  // namespace transect
