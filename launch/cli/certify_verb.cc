// `transect certify`.

#include <stdlib.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/store_access.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/execute/gpu_leases.h"
#include "launch/inputs/resources.h"
#include "launch/store/machine.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/watch/certify.h"
#include "third_party/absl_polyfill/status_macros.h"
#include "tools/build_info/build_info.h"

namespace transect {
namespace {

struct CertifyVerbOptions : RunReferenceOptions {
  // text or json.
  std::string format;
};

Provenance MakeProvenance(const CommandContext& context) {
  const BuildInfo build = GetBuildInfo();
  Provenance provenance;
  provenance.set_commit(build.commit);
  provenance.set_dirty(build.dirty);
  provenance.set_host(HostName());
  if (const char* user = getenv("USER"); user != nullptr) {
    provenance.set_user(user);
  }
  provenance.mutable_argv()->Assign(context.argv.begin(), context.argv.end());
  *provenance.mutable_machine() = DescribeMachine(/*gpus=*/true);
  return provenance;
}

std::string CertificateText(const Certificate& certificate) {
  std::string text;
  for (const Repetition& repetition : certificate.repetition()) {
    absl::StrAppend(
        &text,
        repetition.has_went_on_from_step()
            ? absl::StrCat("killed after step ", repetition.killed_after_step(),
                           ", went on from step ",
                           repetition.went_on_from_step())
            : "from nothing",
        "\n");
    for (const Comparison& each : repetition.comparison()) {
      absl::StrAppend(&text, "  the same  ", each.what(), "  sha256 ",
                      each.run_sha256().substr(0, 12), "\n");
    }
  }
  return text;
}

absl::StatusOr<int> RunCertify(const CommandContext& context,
                               const CertifyVerbOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.spec));
  TRANSECT_ASSIGN_OR_RETURN(const ReferredRun run,
                            references.FindDone(options.run));
  const Session& session = references.session();
  TRANSECT_RETURN_IF_ERROR(CheckMayWrite(
      session.store.root(),
      {run.found->dir,
       session.store.CertifyDir(run.found->id, run.found->result.code())}));
  CertifyOptions certify;
  certify.resources = FindResources(session.site.site);
  certify.provenance = MakeProvenance(context);
  certify.tell = [](const std::string& line) {
    Tell(absl::StrCat(line, "\n"));
  };
  TRANSECT_ASSIGN_OR_RETURN(const Certified certified,
                            Certify(session.store, *run.found, certify));
  if (certified.signal != 0) {
    Tell("stopped; nothing is certified\n");
    return 128 + certified.signal;
  }
  if (!certified.differences.empty()) {
    std::string text;
    for (const std::string& difference : certified.differences) {
      absl::StrAppend(&text, difference, "\n");
    }
    TRANSECT_RETURN_IF_ERROR(
        PrintOut(absl::StrCat(text, "not certified; the repetitions are in ",
                              certified.directory, "\n")));
    const std::string then = MachineKind(run.found->result.machine());
    const std::string now = MachineKind(certify.provenance.machine());
    Tell(absl::StrCat("the run was computed on ", then, "; this machine is ",
                      now, "\n"));
    return 2;
  }
  std::string text = absl::StrCat(CertificateText(certified.certificate),
                                  "certified ", ShownId(run.found->id), ": ",
                                  CertificatePath(run.found->dir), "\n");
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(certified.certificate));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return 0;
}

}  // namespace

void AddCertifyVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "certify",
      "Train a finished run twice more, from nothing and over a kill in the "
      "middle, beside it in the store, and compare weights, metric series and "
      "the integers of every item. What is the same bit for bit gets a "
      "certificate; exit code 2 if anything differs.");
  const auto options = std::make_shared<CertifyVerbOptions>();
  verb->add_option("RUN", options->run,
                   absl::StrCat("The run: ", kRunReferenceHelp, "."))
      ->required()
      ->type_name("RUN");
  AddReferenceSpec(verb, line, &options->spec);
  AddPlaces(verb, line);
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/watch/certificate.proto).");
  OnVerb(verb, line, options, RunCertify);
}

}  // namespace transect
