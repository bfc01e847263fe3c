// `transect data check`.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/cli/output.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/found_input.h"
#include "launch/requests/worker_request.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Hashes all files once for the runs that follow, where there is a store that
// remembers it; otherwise "".
absl::StatusOr<std::string> IdentityInStore(const CommandContext& context,
                                            const CheckDataRequest& check) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  if (!std::filesystem::exists(session.store.root())) {
    return std::string();
  }
  // As the site file has it, so that a run finds what is remembered here.
  const std::string root =
      std::filesystem::absolute(check.root()).lexically_normal().string();
  PercentTeller teller;
  return ComputeIdentity(
      session.store, Input::Kind::kData, root,
      [&teller](int64_t done, int64_t total) {
        teller.Tell("hashing", done, total);
      },
      check.reading().format());
}

absl::StatusOr<int> CheckData(const CommandContext& context,
                              const CheckDataRequest& check) {
  TRANSECT_RETURN_IF_ERROR(CheckReading(check.reading(), check.root()));
  const absl::StatusOr<std::string> identity = IdentityInStore(context, check);
  // Of what is missing the worker says more.
  if (!identity.ok() && !absl::IsNotFound(identity.status())) {
    return identity.status();
  }
  WorkerRequest request;
  *request.mutable_check_data() = check;
  request.mutable_check_data()->set_identity(identity.value_or(""));
  return RunWorkerRequest(context, request);
}

}  // namespace

void AddDataCheckVerb(CLI::App* data, CommandLine* line) {
  CLI::App* verb = data->add_subcommand(
      "check",
      "Report every defect of a data set. Exit codes: 0 no defect stops a run, "
      "2 some do, 1 the annotations cannot be read.");
  const auto request = std::make_shared<CheckDataRequest>();
  AddField(verb, "DIR", "root", request.get(), "Root of the data set.")
      ->required();
  AddReadingFlags(verb, request->mutable_reading());
  AddField(verb, "--tokenizer", "tokenizer", request.get(),
           "A spiece.model: count sentences in its tokens.");
  AddField(verb, "--max-tokens", "max_tokens", request.get(),
           "Most tokens of a sentence, end token included.")
      ->check(CLI::Range(2, 1 << 20));
  AddField(verb, "--examples", "examples", request.get(),
           "Examples of each kind of defect.")
      ->check(CLI::Range(0, 1000000));
  AddFormatField(verb, "output", request.get(),
                 "text, or json: a DataCheckReport "
                 "(data/index/check_report.proto).");
  AddPlaces(verb, line);
  OnVerb(verb, line, request, CheckData);
}

}  // namespace transect
