// `transect store check`.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "data/io/proto_json.h"
#include "launch/cli/output.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/upkeep/check_store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct StoreCheckOptions {
  // text or json.
  std::string format;
};

absl::StatusOr<int> CheckTheStore(const CommandContext& context,
                                  const StoreCheckOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  TRANSECT_RETURN_IF_ERROR(CheckStoreExists(session));
  PercentTeller teller;
  const StoreCheck check = CheckStore(
      session.store,
      [&teller](int done, int total) { teller.Tell("checking", done, total); });
  std::string text = StoreCheckText(check);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(check));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return check.problem().empty() ? 0 : 2;
}

}  // namespace

void AddStoreCheckVerb(CLI::App* store, CommandLine* line) {
  CLI::App* verb = store->add_subcommand(
      "check",
      "Compute every digest of a store again: results, weights, data, logs, "
      "bundles. Exit codes: 0 all is as it was made, 2 something is not; then "
      "a line says what and what to do. Writes nothing.");
  const auto options = std::make_shared<StoreCheckOptions>();
  AddFormat(verb, &options->format, {"text", "json"},
            "text or json (launch/upkeep/upkeep.proto).");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, CheckTheStore);
}

}  // namespace transect
